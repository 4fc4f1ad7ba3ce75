package server

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/secret"
)

func TestLiveSettings_FollowsCallbackURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSettings(t)
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
		d.expect(t, "bob was added", "https://a.example", "keep of [ada bob]")

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

func TestLiveSettings_StatusAndMetrics(t *testing.T) {
	d := newTestSettings(t)
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

func TestLiveSettings_FlagWinsOverStoredURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTestSettings(t)
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

func TestLiveSettings_UnusableURL(t *testing.T) {
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
				d := newTestSettings(t)
				d.set(t, c.url)
				if c.key != nil {
					d.liveSettings = d.newLiveSettings(c.key)
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
