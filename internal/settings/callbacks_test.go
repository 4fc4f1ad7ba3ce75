package settings_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

func save(t *testing.T, s *settings.Service, change func(*settings.Callbacks)) (before, after settings.Callbacks) {
	t.Helper()
	before, after, err := s.SaveCallbacks(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	return before.URLs(), after.URLs()
}

func callbacksOf(t *testing.T, s *settings.Service) settings.Callbacks {
	t.Helper()
	c, err := s.Callbacks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.URLs()
}

func TestCallbackURLsAreKeptSealed(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := with(store, key)
	if got := callbacksOf(t, s); got != (settings.Callbacks{}) {
		t.Errorf("at first: %+v", got)
	}
	crm := settings.Callbacks{CRM: "https://crm.example.com/cb?key=s3cret"}
	before, after := save(t, s, func(c *settings.Callbacks) { c.CRM = crm.CRM })
	if before != (settings.Callbacks{}) || after != crm {
		t.Errorf("saved: before %+v, after %+v", before, after)
	}
	sealed, err := store.Setting(t.Context(), "callbacks")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "s3cret") || strings.Contains(sealed, "example") {
		t.Error("the URL is kept as it is, not sealed")
	}

	both := crm
	both.Templates = "https://crm.example.com/templates"
	if before, after := save(t, s, func(c *settings.Callbacks) { c.Templates = both.Templates }); before != crm || after != both {
		t.Errorf("another one added: before %+v, after %+v", before, after)
	}
	save(t, s, func(*settings.Callbacks) {})
	if again, err := store.Setting(t.Context(), "callbacks"); err != nil || again == sealed {
		t.Errorf("what is kept did not change when a URL was added: %v", err)
	}
	if got := callbacksOf(t, with(store, key)); got != both {
		t.Errorf("kept: %+v, want %+v", got, both)
	}
	kept, _ := store.Setting(t.Context(), "callbacks")
	save(t, s, func(c *settings.Callbacks) { *c = both })
	if again, _ := store.Setting(t.Context(), "callbacks"); again != kept {
		t.Error("saving the same wrote it again")
	}
	if _, after := save(t, s, func(c *settings.Callbacks) { *c = settings.Callbacks{} }); after != (settings.Callbacks{}) {
		t.Errorf("reset: %+v", after)
	}
}

func TestCallbackURLsOfALostSecretFileAreToldAndCanBeSetAnew(t *testing.T) {
	for name, anew := range map[string]settings.Callbacks{
		"set anew": {CRM: "https://new.example.com/"},
		"reset":    {},
	} {
		t.Run(name, func(t *testing.T) {
			store := openStore(t)
			save(t, with(store, secret.NewKey()), func(c *settings.Callbacks) { c.CRM = "https://old.example.com/" })
			s := with(store, secret.NewKey())
			if _, err := s.Callbacks(t.Context()); !errors.Is(err, settings.ErrSealed) {
				t.Errorf("with another secret file: %v, want ErrSealed", err)
			}
			if before, _ := save(t, s, func(c *settings.Callbacks) { *c = anew }); before != (settings.Callbacks{}) {
				t.Errorf("before: %+v", before)
			}
			if got := callbacksOf(t, s); got != anew {
				t.Errorf("kept: %+v, want %+v", got, anew)
			}
		})
	}
}

func TestWhatHasNotTheFormOfAURLIsNotKept(t *testing.T) {
	s := with(openStore(t), secret.NewKey())
	most := "https://a.example/" + strings.Repeat("x", settings.MaxURLBytes-len("https://a.example/"))
	for name, c := range map[string]struct {
		url string
		ok  bool
	}{
		"as long as may be": {most, true},
		"a byte longer":     {most + "x", false},
		"not UTF-8":         {"https://a.example/\xff", false},
		"a line break":      {"https://a.example/\n", false},
		"a NUL":             {"https://a.example/\x00", false},
		"a C1 control":      {"https://a.example/\u0085", false},
	} {
		for field, set := range map[string]func(*settings.Callbacks){
			"CRM":       func(k *settings.Callbacks) { k.CRM = c.url },
			"outgoing":  func(k *settings.Callbacks) { k.Outgoing = c.url },
			"templates": func(k *settings.Callbacks) { k.Templates = c.url },
		} {
			kept := callbacksOf(t, s)
			_, after, err := s.SaveCallbacks(t.Context(), set)
			var invalid *settings.InvalidError
			switch {
			case c.ok && err != nil:
				t.Errorf("%s as %s: %v", name, field, err)
			case !c.ok && (!errors.As(err, &invalid) || !strings.Contains(err.Error(), field)):
				t.Errorf("%s as %s: %v, want an *InvalidError that names it", name, field, err)
			}
			if c.ok {
				kept = after.URLs()
			}
			if got := callbacksOf(t, s); got != kept {
				t.Errorf("%s as %s: kept %+v", name, field, got)
			}
		}
	}
}

func TestChangesOfCallbacksAtTheSameTimeAllCount(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			_, _, err := with(store, key).SaveCallbacks(t.Context(), func(c *settings.Callbacks) {
				if i%2 == 0 {
					c.CRM += "x"
				} else {
					c.Outgoing += "y"
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := callbacksOf(t, with(store, key)); got.CRM != "xxxxxx" || got.Outgoing != "yyyyyy" {
		t.Errorf("a change was lost: %+v", got)
	}
}

// failing is a store that cannot answer.
type failing struct{}

func (failing) Setting(context.Context, string) (string, error) {
	return "", settings.ErrUnavailable
}

func (failing) ReplaceSetting(context.Context, string, string, string) (bool, error) {
	return false, settings.ErrUnavailable
}

func TestAStoreThatCannotAnswerIsNoSetting(t *testing.T) {
	s := with(failing{}, secret.NewKey())
	for name, err := range map[string]error{
		"callbacks": second(s.Callbacks(t.Context())),
		"tokens":    second(s.Tokens(t.Context(), epoch)),
		"rotate":    second(s.RotateAuthToken(t.Context())),
		"set":       second(s.SetAuthToken(t.Context(), "long-enough")),
		"end grace": s.EndGrace(t.Context()),
	} {
		if !errors.Is(err, settings.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
	}
	if _, _, err := s.SaveCallbacks(t.Context(), func(*settings.Callbacks) {}); !errors.Is(err, settings.ErrUnavailable) {
		t.Errorf("save: %v, want ErrUnavailable", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhenTheCRMURLBecameWhatItIsIsNoted(t *testing.T) {
	s := with(openStore(t), secret.NewKey())
	change := func(set func(*settings.Callbacks)) settings.Callbacks {
		t.Helper()
		_, after, err := s.SaveCallbacks(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	first := change(func(k *settings.Callbacks) { k.CRM, k.WithToken = "https://crm.example.com/", true })
	if first.Since.IsZero() || !first.WithToken {
		t.Errorf("set: %+v", first)
	}
	if got := change(func(k *settings.Callbacks) { k.Templates, k.WithToken = "https://crm.example.com/t", false }); !got.Since.Equal(first.Since) || !got.WithToken {
		t.Errorf("another URL changed: %+v", got)
	}
	if got := change(func(k *settings.Callbacks) { k.CRM, k.WithToken = "https://other.example.com/", false }); got.WithToken {
		t.Errorf("changed without a token: %+v", got)
	}
}
