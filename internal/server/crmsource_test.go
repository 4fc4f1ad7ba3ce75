package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

// eventLog records calls of services.
type eventLog struct {
	mu  sync.Mutex
	all []string
}

func (n *eventLog) add(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, what)
}

// take returns the calls since the last take, sorted.
func (n *eventLog) take() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	slices.Sort(n.all) // concurrent calls have no order
	was := strings.Join(n.all, ", ")
	n.all = nil
	return was
}

// epoch is when people were added.
var epoch = time.Date(2026, 3, 1, 9, 14, 0, 0, time.UTC)

// memorySettings is a settings.Store.
type memorySettings struct {
	mu     sync.Mutex
	values map[string]string
	broken error
}

func (m *memorySettings) Setting(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[name]
	switch {
	case m.broken != nil:
		return "", m.broken
	case !ok:
		return "", settings.ErrNotSet
	}
	return value, nil
}

func (m *memorySettings) ReplaceSetting(_ context.Context, name, old, value string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[name] != old {
		return false, m.broken
	}
	m.values[name] = value
	return true, m.broken
}

func (m *memorySettings) breakWith(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

// testSource is a crmSource over settings that a test changes.
type testSource struct {
	*crmSource
	store    *memorySettings
	key      *secret.Key
	happened eventLog
	log      syncBuffer

	mu       sync.Mutex
	people   []string
	dropFail error
}

// setState sets people and dropFail.
func (d *testSource) setState(people []string, dropFail error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people, d.dropFail = people, dropFail
}

func (d *testSource) state() (people []string, dropFail error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.people, d.dropFail
}

func newTestSource(t *testing.T) *testSource {
	t.Helper()
	d := &testSource{store: &memorySettings{values: make(map[string]string)}, key: secret.NewKey(), people: []string{"ada"}}
	d.crmSource = d.newSource(d.key)
	return d
}

// fakeCache records which of ada, bob and eve it retains.
type fakeCache struct{ *testSource }

func (h *fakeCache) Forget(_ context.Context, worker string) error {
	h.happened.add("forget " + worker)
	return nil
}

func (h *fakeCache) Retain(_ context.Context, keep func(string) bool) {
	var kept []string
	for _, worker := range []string{"ada", "bob", "eve"} {
		if keep(worker) {
			kept = append(kept, worker)
		}
	}
	h.happened.add(fmt.Sprint("keep of ", kept))
}

func (h *fakeCache) Stats() external.Stats {
	var s external.Stats
	s.Breaker.State, s.Queue.Queue, s.Queue.InFlight, s.HeldBytes = "half-open", [...]int{1, 2, 4}, 3, 5000
	return s
}

// newSource returns a crmSource with a secret file.
func (d *testSource) newSource(key *secret.Key) *crmSource {
	return &crmSource{
		settings:     settings.NewService(d.store, key.Sealer(settings.SealerPurpose), nil),
		logger:       slog.New(slog.NewTextHandler(&d.log, nil)),
		notice:       func(_ slog.Level, sentence string) { io.WriteString(&d.log, sentence+"\n") },
		now:          time.Now,
		instrumented: namedCRM{name: "built-in"},
		open: func(url string) (*service, error) {
			if strings.Contains(url, "refused") {
				return nil, errors.New("that is refused")
			}
			return &service{
				crm: namedCRM{name: url}, key: "key of " + url,
				cache: &fakeCache{testSource: d},
				close: func() { d.happened.add("close " + url) },
			}, nil
		},
		people: func(context.Context) (people []account.Person, err error) {
			names, _ := d.state()
			for _, name := range names {
				name, added, _ := strings.Cut(name, "@")
				people = append(people, account.Person{Identity: name, Created: epoch.Add(time.Duration(len(added)))})
			}
			return people, nil
		},
		deleteBlobs: func(_ context.Context, key string) error {
			d.happened.add("drop all but " + fmt.Sprintf("%q", key))
			_, err := d.state()
			return err
		},
	}
}

func (d *testSource) set(t *testing.T, crm string) {
	t.Helper()
	if _, _, err := d.settings.SaveCallbacks(t.Context(), func(c *settings.Callbacks) { c.CRM = crm }); err != nil {
		t.Fatal(err)
	}
}

func (d *testSource) expect(t *testing.T, when, crm, happened string) {
	t.Helper()
	synctest.Wait()
	if got := servedBy(t, &d.crm); got != crm {
		t.Errorf("%s: CustomersList is served by %s, want %s", when, got, crm)
	}
	if got := d.happened.take(); got != happened {
		t.Errorf("%s: calls %q, want %q", when, got, happened)
	}
}

func TestCRMSource_FollowsCallbackURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSource(t)
		if err := d.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.expect(t, "at first", "built-in", "")
		ctx, stop := context.WithCancel(t.Context())
		go d.follow(ctx)
		time.Sleep(time.Minute + time.Second) // from here on, between two reads
		d.expect(t, "unchanged", "built-in", `drop all but ""`)

		d.set(t, "https://a.example")
		d.expect(t, "before it is read", "built-in", "")
		time.Sleep(settingsRefresh)
		d.expect(t, "within seconds", "https://a.example", `drop all but "key of https://a.example", keep of [ada]`)
		d.setState([]string{"ada", "bob"}, nil)
		time.Sleep(settingsRefresh)
		d.expect(t, "bob was added", "https://a.example", `drop all but "key of https://a.example", keep of [ada bob]`)

		d.setState([]string{"bob", "ada@again"}, nil)
		time.Sleep(settingsRefresh)
		d.expect(t, "ada was removed and added again", "https://a.example",
			"forget ada, keep of [ada bob]")
		time.Sleep(settingsRefresh)
		d.expect(t, "ada was added before", "https://a.example", "keep of [ada bob]")

		d.set(t, "https://b.example")
		if err := d.reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.expect(t, "at once", "https://b.example",
			`close https://a.example, drop all but "key of https://b.example", keep of [ada bob]`)
		time.Sleep(settingsRefresh)
		d.expect(t, "after the old one was closed", "https://b.example",
			`drop all but "key of https://b.example", keep of [ada bob]`)

		d.setState(nil, errors.New("disk full"))
		d.set(t, "")
		time.Sleep(2 * settingsRefresh)
		d.setState(nil, nil)
		d.expect(t, "reset, while dropping fails", "built-in", `close https://b.example, drop all but "", drop all but ""`)
		time.Sleep(time.Minute)
		d.expect(t, "dropped later", "built-in", `drop all but ""`)
		if log := d.log.String(); strings.Count(log, "disk full") != 1 || strings.Contains(log, "example") {
			t.Errorf("log, want the failure once and no URL:\n%s", log)
		}

		d.set(t, "https://c.example")
		time.Sleep(settingsRefresh)
		synctest.Wait()
		d.happened.take()
		stop()
		d.close()
		if got := d.happened.take(); got != "close https://c.example" {
			t.Errorf("close: calls %q, want close https://c.example", got)
		}
		d.set(t, "https://d.example")
		if err := d.reload(t.Context()); err != nil || d.happened.take() != "" {
			t.Errorf("reload after close: %v, want no error and no calls", err)
		}
	})
}

func TestCRMSource_StatusAndMetrics(t *testing.T) {
	d := newTestSource(t)
	m := newMetrics()
	m.watchService(d.stats)
	if err := d.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer d.close()
	expect := func(when string, status console.Status, lines ...string) {
		t.Helper()
		if got := d.status(); got != status {
			t.Errorf("status(), %s = %+v, want %+v", when, got, status)
		}
		for _, line := range lines {
			if got := metricLines(t, m, strings.Fields(line)[0]); got != line+"\n" {
				t.Errorf("metrics, %s: %swant %s", when, got, line)
			}
		}
	}
	expect("built-in", console.Status{BuiltIn: true}, "clientele_callback_breaker_state 0", "clientele_callback_held_bytes 0")
	for url, status := range map[string]console.Status{
		"https://a.example":       {Breaker: "half-open", Queued: 7, InFlight: 3, CachedBytes: 5000},
		"https://refused.example": {Problem: "that is refused"},
	} {
		d.set(t, url)
		if err := d.reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect(url, status)
	}
	d.set(t, "https://a.example")
	if err := d.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("external", d.status(), "clientele_callback_breaker_state 1", "clientele_callback_queue_length 7",
		"clientele_callback_in_flight 3", "clientele_callback_held_bytes 5000")
}

func TestCRMSource_FlagWinsOverStoredURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSource(t)
		d.set(t, "https://kept.example")
		d.fixedURL = "https://flag.example"
		if err := d.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.set(t, "https://other.example")
		if err := d.reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := servedBy(t, &d.crm); got != "https://flag.example" {
			t.Errorf("CustomersList with a flag is served by %s, want https://flag.example", got)
		}
		d.close()
	})
}

func TestCRMSource_UnusableURL(t *testing.T) {
	for name, c := range map[string]struct {
		key  *secret.Key // nil: the one that sealed the settings
		url  string
		said string
	}{
		"a lost secret file": {secret.NewKey(), "https://a.example", "encrypted with a different secret file"},
		"refused":            {nil, "https://refused.example", "that is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newTestSource(t)
				d.set(t, c.url)
				if c.key != nil {
					d.crmSource = d.newSource(c.key)
				}
				if err := d.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				_, err := d.crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "ada"})
				var failed *frontline.CallbackError
				if !errors.As(err, &failed) || failed.Code != frontline.CodeNoCallbackURL {
					t.Errorf("CustomersList: error %v, want code 48001", err)
				}
				if log := d.log.String(); !strings.Contains(log, c.said) || !strings.Contains(log, "/console/callbacks") || strings.Contains(log, "example") {
					t.Errorf("start logged %s, want %q and /console/callbacks", log, c.said)
				}
				if got := d.happened.take(); got != "" {
					t.Errorf("start: calls %q, want none", got)
				}
				d.set(t, "https://new.example")
				if err := d.reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				d.expect(t, "set again", "https://new.example", `drop all but "key of https://new.example", keep of [ada]`)
				d.close()
			})
		})
	}
}

func TestSigningTokens_OldTokenNotForNewService(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, d *testSource)
		signs  bool
	}{
		"the token alone is replaced": {func(t *testing.T, d *testSource) {
			d.set(t, "https://theirs.example")
			time.Sleep(time.Minute)
			rotate(t, d)
		}, true},
		"then the URL": {func(t *testing.T, d *testSource) {
			d.set(t, "https://theirs.example")
			time.Sleep(time.Minute)
			rotate(t, d)
			time.Sleep(time.Minute)
			d.set(t, "https://another.example")
		}, false},
		"both together": {func(t *testing.T, d *testSource) {
			d.set(t, "https://theirs.example")
			time.Sleep(time.Minute)
			if _, _, err := d.settings.SaveCallbacks(t.Context(), func(k *settings.Callbacks) {
				k.CRM, k.WithToken = "https://another.example", true
			}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			rotate(t, d)
		}, false},
		"both together, and the token again on another day": {func(t *testing.T, d *testSource) {
			if _, _, err := d.settings.SaveCallbacks(t.Context(), func(k *settings.Callbacks) {
				k.CRM, k.WithToken = "https://another.example", true
			}); err != nil {
				t.Fatal(err)
			}
			rotate(t, d)
			time.Sleep(48 * time.Hour)
			rotate(t, d)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newTestSource(t)
				if err := d.start(t.Context()); err != nil {
					t.Fatal(err)
				}
				defer d.close()
				c.change(t, d)
				if err := d.reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := d.tokens.previousForService() != ""; got != c.signs {
					t.Errorf("previousForService() has the old token: %v, want %v", got, c.signs)
				}
				if d.tokens.previous() == "" {
					t.Error("previous() has no old token")
				}
			})
		})
	}
}

// rotate replaces the signing token.
func rotate(t *testing.T, d *testSource) {
	t.Helper()
	if _, err := d.settings.RotateAuthToken(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestCRMSource_FollowsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSource(t)
		if err := d.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer d.close()
		reload := func() error { return d.reload(t.Context()) }
		first := d.tokens.signing()
		fresh, err := d.settings.RotateAuthToken(t.Context())
		if err != nil || reload() != nil {
			t.Fatal(err)
		}
		if got := d.tokens.all(); !slices.Equal(got, []string{fresh.Current, first}) {
			t.Errorf("all() in the grace period has %d tokens, want the new one and the old one", len(got))
		}
		time.Sleep(settings.Grace)
		if err := reload(); err != nil {
			t.Fatal(err)
		}
		if got := d.tokens.all(); !slices.Equal(got, []string{fresh.Current}) {
			t.Errorf("all() after the grace period has %d tokens, want only the new one", len(got))
		}
		d.store.breakWith(settings.ErrUnavailable)
		if err := reload(); !errors.Is(err, settings.ErrUnavailable) {
			t.Errorf("reload with a broken store: %v, want %v", err, settings.ErrUnavailable)
		}
		if d.tokens.signing() != fresh.Current || servedBy(t, &d.crm) != "built-in" {
			t.Error("reload with a broken store changed the token or the CRM")
		}
	})
}

func TestCRMSource_FlagWinsOverStoredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSource(t)
		d.fixedToken = "of the flag"
		if err := d.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer d.close()
		if _, err := d.settings.SetAuthToken(t.Context(), "of-the-console"); err != nil {
			t.Fatal(err)
		}
		if err := d.reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.tokens.all(); !slices.Equal(got, []string{"of the flag"}) {
			t.Errorf("all() = %q, want only the token of the flag", got)
		}
	})
}

func TestServiceKey(t *testing.T) {
	key := func(url string) string {
		k, err := serviceKey(url)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first := key("https://crm.example.com/cb?a=1")
	if len(first) != 32 {
		t.Errorf("serviceKey = %q, want 32 characters", first)
	}
	if key("https://CRM.example.com/cb?a=1") != first {
		t.Error("serviceKey differs for another case of the host")
	}
	for _, other := range []string{"https://crm.example.com/cb?a=2", "http://crm.example.com/cb?a=1", "https://crm.example.com:8443/cb?a=1"} {
		if key(other) == first {
			t.Errorf("serviceKey(%q) is the key of another URL", other)
		}
	}
	if _, err := serviceKey("crm"); err == nil {
		t.Error("serviceKey(crm) succeeded, want an error")
	}
}
