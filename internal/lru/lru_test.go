package lru_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/lru"
)

func TestCache_DropsLeastRecentlyUsed(t *testing.T) {
	for name, c := range map[string]*lru.Cache[string, int]{
		"by weight":  lru.New[string, int](1000, 30, nil),
		"by entries": lru.New[string, int](3, 1000, nil),
	} {
		for i, key := range []string{"a", "b", "c"} {
			c.Put(key, i, 10)
		}
		c.Get("a")
		c.Put("b", 1, 10)
		c.Put("d", 3, 10)
		for key, want := range map[string]bool{"a": true, "b": true, "c": false, "d": true} {
			if _, ok := c.Get(key); ok != want {
				t.Errorf("Get(%q) of a cache limited %s = _, %v, want %v", key, name, ok, want)
			}
		}
	}
}

func TestCache_PutReplaces(t *testing.T) {
	c := lru.New[string, int](10, 100, nil)
	c.Put("a", 1, 60)
	c.Put("b", 2, 10)
	c.Put("a", 3, 20)
	if v, ok := c.Get("a"); v != 3 || !ok {
		t.Errorf("Get(a) = %d, %v, want 3, true", v, ok)
	}
	if n, weight := c.Size(); n != 2 || weight != 30 {
		t.Errorf("Size() = %d, %d, want 2, 30", n, weight)
	}
	c.Put("a", 4, 101)
	if v, ok := c.Get("a"); ok {
		t.Errorf("Get(a) = %d after Put of a value that is too heavy, want none", v)
	}
	if _, ok := c.Get("b"); !ok {
		t.Error("Get(b) = _, false: a value that is too heavy displaced another")
	}
}

func TestCache_PutUntilExpires(t *testing.T) {
	now := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	c := lru.New[string, int](10, 100, func() time.Time { return now })
	c.PutUntil("a", 1, 1, now.Add(time.Minute))
	now = now.Add(time.Minute - 1)
	if _, ok := c.Get("a"); !ok {
		t.Error("Get(a) = _, false before it expires")
	}
	now = now.Add(1)
	if v, ok := c.Get("a"); ok {
		t.Errorf("Get(a) = %d when it expires, want none", v)
	}
	if n, weight := c.Size(); n != 0 || weight != 0 {
		t.Errorf("Size() = %d, %d, want 0, 0", n, weight)
	}
}

func TestCache_Remove(t *testing.T) {
	c := lru.New[string, int](10, 100, nil)
	for i := range 6 {
		c.Put(fmt.Sprint(i), i, 1)
	}
	c.Remove("0")
	c.Remove("none")
	c.RemoveFunc(func(key string) bool { return key > "3" })
	got := c.Keys()
	slices.Sort(got)
	if want := []string{"1", "2", "3"}; !slices.Equal(got, want) {
		t.Errorf("Keys() = %q, want %q", got, want)
	}
	if n, weight := c.Size(); n != 3 || weight != 3 {
		t.Errorf("Size() = %d, %d, want 3, 3", n, weight)
	}
}
