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

// urls returns the URLs alone.
func urls(c settings.Callbacks) settings.Callbacks {
	return settings.Callbacks{CRM: c.CRM, Outgoing: c.Outgoing, Templates: c.Templates}
}

func saveCallbacks(t *testing.T, s *settings.Service, change func(*settings.Callbacks)) (before, after settings.Callbacks) {
	t.Helper()
	before, after, err := s.SaveCallbacks(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	return urls(before), urls(after)
}

func readCallbacks(t *testing.T, s *settings.Service) settings.Callbacks {
	t.Helper()
	c, err := s.Callbacks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return urls(c)
}

func TestService_SaveCallbacks(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	s := newService(store, key)
	if got := readCallbacks(t, s); got != (settings.Callbacks{}) {
		t.Errorf("Callbacks() at first = %+v", got)
	}
	crm := settings.Callbacks{CRM: "https://crm.example.com/cb?key=s3cret"}
	before, after := saveCallbacks(t, s, func(c *settings.Callbacks) { c.CRM = crm.CRM })
	if before != (settings.Callbacks{}) || after != crm {
		t.Errorf("SaveCallbacks() = before %+v, after %+v", before, after)
	}
	sealed, err := store.Setting(t.Context(), "callbacks")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "s3cret") || strings.Contains(sealed, "example") {
		t.Error("the URL is stored unsealed")
	}

	both := crm
	both.Templates = "https://crm.example.com/templates"
	if before, after := saveCallbacks(t, s, func(c *settings.Callbacks) { c.Templates = both.Templates }); before != crm || after != both {
		t.Errorf("SaveCallbacks(templates) = before %+v, after %+v", before, after)
	}
	saveCallbacks(t, s, func(*settings.Callbacks) {})
	if again, err := store.Setting(t.Context(), "callbacks"); err != nil || again == sealed {
		t.Errorf("the stored value did not change: %v", err)
	}
	if got := readCallbacks(t, newService(store, key)); got != both {
		t.Errorf("Callbacks() = %+v, want %+v", got, both)
	}
	stored, _ := store.Setting(t.Context(), "callbacks")
	saveCallbacks(t, s, func(c *settings.Callbacks) { *c = both })
	if again, _ := store.Setting(t.Context(), "callbacks"); again != stored {
		t.Error("SaveCallbacks() without a change wrote the setting")
	}
	if _, after := saveCallbacks(t, s, func(c *settings.Callbacks) { *c = settings.Callbacks{} }); after != (settings.Callbacks{}) {
		t.Errorf("SaveCallbacks(none) = %+v", after)
	}
}

func TestService_Callbacks_LostSecretFile(t *testing.T) {
	for name, next := range map[string]settings.Callbacks{
		"set again": {CRM: "https://new.example.com/"},
		"reset":     {},
	} {
		t.Run(name, func(t *testing.T) {
			store := openStore(t)
			saveCallbacks(t, newService(store, secret.NewKey()), func(c *settings.Callbacks) { c.CRM = "https://old.example.com/" })
			s := newService(store, secret.NewKey())
			if _, err := s.Callbacks(t.Context()); !errors.Is(err, settings.ErrWrongKey) {
				t.Errorf("Callbacks() = %v, want ErrSealed", err)
			}
			if before, _ := saveCallbacks(t, s, func(c *settings.Callbacks) { *c = next }); before != (settings.Callbacks{}) {
				t.Errorf("SaveCallbacks() before = %+v, want none", before)
			}
			if got := readCallbacks(t, s); got != next {
				t.Errorf("Callbacks() = %+v, want %+v", got, next)
			}
		})
	}
}

func TestService_SaveCallbacks_RefusesInvalidURLs(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
	longest := "https://a.example/" + strings.Repeat("x", settings.MaxURLBytes-len("https://a.example/"))
	for name, c := range map[string]struct {
		url string
		ok  bool
	}{
		"the longest URL": {longest, true},
		"a byte longer":   {longest + "x", false},
		"not UTF-8":       {"https://a.example/\xff", false},
		"a line break":    {"https://a.example/\n", false},
		"a NUL":           {"https://a.example/\x00", false},
		"a C1 control":    {"https://a.example/\u0085", false},
	} {
		for field, set := range map[string]func(*settings.Callbacks){
			"CRM":       func(k *settings.Callbacks) { k.CRM = c.url },
			"outgoing":  func(k *settings.Callbacks) { k.Outgoing = c.url },
			"templates": func(k *settings.Callbacks) { k.Templates = c.url },
		} {
			stored := readCallbacks(t, s)
			_, after, err := s.SaveCallbacks(t.Context(), set)
			var invalid *settings.InvalidError
			switch {
			case c.ok && err != nil:
				t.Errorf("SaveCallbacks(%s as %s) = %v", name, field, err)
			case !c.ok && (!errors.As(err, &invalid) || !strings.Contains(err.Error(), field)):
				t.Errorf("SaveCallbacks(%s as %s) = %v, want an InvalidError that names it", name, field, err)
			}
			if c.ok {
				stored = urls(after)
			}
			if got := readCallbacks(t, s); got != stored {
				t.Errorf("Callbacks() after %s as %s = %+v", name, field, got)
			}
		}
	}
}

func TestService_SaveCallbacks_Concurrent(t *testing.T) {
	store, key := openStore(t), secret.NewKey()
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			_, _, err := newService(store, key).SaveCallbacks(t.Context(), func(c *settings.Callbacks) {
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
	if got := readCallbacks(t, newService(store, key)); got.CRM != "xxxxxx" || got.Outgoing != "yyyyyy" {
		t.Errorf("Callbacks() after concurrent changes = %+v", got)
	}
}

// failingStore fails every call.
type failingStore struct{}

func (failingStore) Setting(context.Context, string) (string, error) {
	return "", settings.ErrUnavailable
}

func (failingStore) ReplaceSetting(context.Context, string, string, string) (bool, error) {
	return false, settings.ErrUnavailable
}

func TestService_StoreUnavailable(t *testing.T) {
	s := newService(failingStore{}, secret.NewKey())
	for name, err := range map[string]error{
		"Callbacks":       errorOf(s.Callbacks(t.Context())),
		"Tokens":          errorOf(s.Tokens(t.Context(), epoch)),
		"RotateAuthToken": errorOf(s.RotateAuthToken(t.Context())),
		"SetAuthToken":    errorOf(s.SetAuthToken(t.Context(), "long-enough")),
		"EndGrace":        s.EndGrace(t.Context()),
	} {
		if !errors.Is(err, settings.ErrUnavailable) {
			t.Errorf("%s() = %v, want ErrUnavailable", name, err)
		}
	}
	if _, _, err := s.SaveCallbacks(t.Context(), func(*settings.Callbacks) {}); !errors.Is(err, settings.ErrUnavailable) {
		t.Errorf("SaveCallbacks() = %v, want ErrUnavailable", err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestService_SaveCallbacks_SetsSince(t *testing.T) {
	s := newService(openStore(t), secret.NewKey())
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
		t.Errorf("SaveCallbacks(CRM with token) = %+v", first)
	}
	if got := change(func(k *settings.Callbacks) { k.Templates, k.WithToken = "https://crm.example.com/t", false }); !got.Since.Equal(first.Since) || !got.WithToken {
		t.Errorf("SaveCallbacks(templates) = %+v, want Since and WithToken unchanged", got)
	}
	if got := change(func(k *settings.Callbacks) { k.CRM, k.WithToken = "https://other.example.com/", false }); got.WithToken {
		t.Errorf("SaveCallbacks(CRM without token) = %+v", got)
	}
}
