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

	"github.com/clientele-project/clientele/internal/account"
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

// testSettings is a liveSettings over settings that a test changes.
type testSettings struct {
	*liveSettings
	store    *memorySettings
	key      *secret.Key
	happened eventLog
	log      syncBuffer

	mu       sync.Mutex
	people   []string
	dropFail error
}

// setState sets people and dropFail.
func (d *testSettings) setState(people []string, dropFail error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people, d.dropFail = people, dropFail
}

func (d *testSettings) state() (people []string, dropFail error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.people, d.dropFail
}

func newTestSettings(t *testing.T) *testSettings {
	t.Helper()
	d := &testSettings{store: &memorySettings{values: make(map[string]string)}, key: secret.NewKey(), people: []string{"ada"}}
	d.liveSettings = d.newLiveSettings(d.key)
	return d
}

// fakeCache records which of ada, bob and eve it retains.
type fakeCache struct{ *testSettings }

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
	s.Breaker.State, s.Queue.Waiting, s.Queue.InFlight, s.HeldBytes = "half-open", 7, 3, 5000
	return s
}

// newLiveSettings returns a liveSettings with a secret file.
func (d *testSettings) newLiveSettings(key *secret.Key) *liveSettings {
	return &liveSettings{
		settings:     settings.NewService(d.store, key.Sealer(settings.SealerPurpose), nil),
		logger:       slog.New(slog.NewTextHandler(&d.log, nil)),
		notice:       func(_ slog.Level, sentence string) { io.WriteString(&d.log, sentence+"\n") },
		now:          time.Now,
		instrumented: namedCRM{name: "built-in"},
		limitGo:      func(int) {},
		open: func(url string) (*service, error) {
			if strings.Contains(url, "refused") {
				return nil, errors.New("that is refused")
			}
			return &service{
				crm: namedCRM{name: url}, key: "key of " + url,
				cache: &fakeCache{testSettings: d},
				close: func() {
					d.happened.add("close " + url)
					time.Sleep(time.Millisecond) // closed after the reload that replaced it
				},
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

func (d *testSettings) set(t *testing.T, crm string) {
	t.Helper()
	if _, _, err := d.settings.SaveCallbacks(t.Context(), func(c *settings.Callbacks) { c.CRM = crm }); err != nil {
		t.Fatal(err)
	}
}

func (d *testSettings) expect(t *testing.T, when, crm, happened string) {
	t.Helper()
	synctest.Wait()
	if got := servedBy(t, &d.crm); got != crm {
		t.Errorf("%s: CustomersList is served by %s, want %s", when, got, crm)
	}
	if got := d.happened.take(); got != happened {
		t.Errorf("%s: calls %q, want %q", when, got, happened)
	}
}
