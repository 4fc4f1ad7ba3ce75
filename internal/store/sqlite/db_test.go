package sqlite

import (
	"context"
	"path/filepath"
	"testing"
)

func TestOpenSmoke(t *testing.T) {
	f := filepath.Join(t.TempDir(), "a b?.db")
	for range 2 {
		d, err := Open(context.Background(), f, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Ping(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
