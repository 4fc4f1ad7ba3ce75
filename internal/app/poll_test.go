package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/web"
)

// poll asks as an open page does, and answers how long it waited.
func (b *client) poll(ctx context.Context, was string) (response, time.Duration) {
	r := httptest.NewRequest("GET", "/pulse?was="+was, nil).WithContext(ctx)
	r.Header.Set("Clientele-Part", "none")
	began := time.Now()
	a := b.do(r)
	return a, time.Since(began)
}

// newNotifierApp is a bench whose pages follow p.
func newNotifierApp(t *testing.T) (*web.Notifier, *fakeAccounts, http.Handler) {
	notifier := web.NewNotifier("full")
	_, p, h, _ := newTestApp(t, func(o *app.Options) { o.Notifier = notifier })
	return notifier, p, h
}

func TestPagesOfThoseSignedInSayWhichStateTheyShow(t *testing.T) {
	notifier, _, h := newNotifierApp(t)
	newClient(t, h).get("/signin").must(t, http.StatusOK, nil, "data-state", "pulse-", `id="changed"`)
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/customers", "/customers/none", "/account", "/nowhere"} {
		a := b.get(path)
		a.must(t, a.StatusCode, []string{`data-state="full-worker"`, "/assets/pulse-", `<template id="changed">`}, "data-posted")
	}
	notifier.Set("masked")
	b.get("/customers").must(t, http.StatusOK, []string{`data-state="masked-worker"`})
	// What was typed into a form that is answered must not be thrown away.
	b.post("/account/password", "old", "x").must(t, http.StatusUnprocessableEntity, []string{`data-state="masked-worker" data-posted>`})
}

func TestAnOpenPageIsToldAtOnceThatItsStateIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, _, h := newNotifierApp(t)
		b := signedIn(t, h, "alice")
		a, took := b.poll(t.Context(), "masked-worker")
		if a.StatusCode != http.StatusNoContent || a.Header.Get(web.StateHeader) != "full-worker" || took != 0 || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("a page in another state gets %d %v after %v", a.StatusCode, a.Header, took)
		}
		time.AfterFunc(7*time.Second, func() { notifier.Set("masked") })
		if a, took = b.poll(t.Context(), "full-worker"); a.Header.Get(web.StateHeader) != "masked-worker" || took != 7*time.Second {
			t.Errorf("a page that waits gets %v after %v", a.Header, took)
		}
		if a, took = b.poll(t.Context(), "masked-worker"); a.Header.Get(web.StateHeader) != "masked-worker" || took != 25*time.Second || a.Header.Get("Clear-Site-Data") != "" {
			t.Errorf("when nothing changes, it gets %v after %v", a.Header, took)
		}
	})
}

func TestAnOpenPageIsToldAtOnceThatItsSessionHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, p, h := newNotifierApp(t)
		b, other := signedIn(t, h, "alice"), signedIn(t, h, "bob")
		time.AfterFunc(3*time.Second, func() {
			if err := p.RevokeOtherSessions(t.Context(), "alice", ""); err != nil {
				t.Error(err)
			}
			notifier.Wake()
		})
		done := make(chan time.Duration)
		go func() {
			a, took := other.poll(t.Context(), "full-worker")
			if a.StatusCode != http.StatusNoContent {
				t.Errorf("somebody else gets %d", a.StatusCode)
			}
			done <- took
		}()
		if a, took := b.poll(t.Context(), "full-worker"); a.StatusCode != http.StatusUnauthorized || took != 3*time.Second {
			t.Errorf("who was signed out gets %d after %v", a.StatusCode, took)
		}
		if took := <-done; took != 25*time.Second {
			t.Errorf("somebody else is answered after %v", took)
		}
		if a, took := b.poll(t.Context(), "full-worker"); a.StatusCode != http.StatusUnauthorized || took != 0 {
			t.Errorf("asking again answers %d after %v", a.StatusCode, took)
		}
	})
}

func TestAnOpenPageIsToldAtOnceThatItsReaderMayDoLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, p, h := newNotifierApp(t)
		p.persons["alice"].Role = account.RoleAdmin
		b := signedIn(t, h, "alice")
		time.AfterFunc(3*time.Second, func() {
			p.mu.Lock()
			p.persons["alice"].Role = account.RoleWorker
			p.mu.Unlock()
			notifier.Wake()
		})
		if a, took := b.poll(t.Context(), "full-admin"); a.Header.Get(web.StateHeader) != "full-worker" || took != 3*time.Second {
			t.Errorf("who was an administrator gets %v after %v", a.Header, took)
		}
	})
}

// countingAccounts counts who asks who somebody is.
type countingAccounts struct {
	*fakeAccounts
	calls int
}

func (w *countingAccounts) Authenticate(ctx context.Context, secret string) (account.Session, account.Person, error) {
	w.calls++
	return w.fakeAccounts.Authenticate(ctx, secret)
}

func TestWaitingCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *countingAccounts
		_, _, h, log := newTestApp(t, func(o *app.Options) {
			w = &countingAccounts{fakeAccounts: o.Accounts.(*fakeAccounts)}
			o.Accounts, o.Notifier = w, web.NewNotifier("full")
		})
		b := signedIn(t, h, "alice")
		w.calls = 0
		log.Reset()
		if _, took := b.poll(t.Context(), "full-worker"); took != 25*time.Second || w.calls != 1 {
			t.Errorf("in %v, sessions are looked up %d times", took, w.calls)
		}
		if log.Len() > 0 {
			t.Errorf("the log has:\n%s", log)
		}
	})
}

func TestNobodyWaitsWhoHasLeftOrForAServerThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, _, h := newNotifierApp(t)
		b := signedIn(t, h, "alice")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, took := b.poll(ctx, "full-worker"); took != 2*time.Second {
			t.Errorf("somebody who has left is waited for %v", took)
		}
		time.AfterFunc(4*time.Second, notifier.Close)
		if a, took := b.poll(t.Context(), "full-worker"); took != 4*time.Second || a.Header.Get(web.StateHeader) != "full-worker" {
			t.Errorf("a server that stops answers %v after %v", a.Header, took)
		}
		if a, took := b.poll(t.Context(), "full-worker"); took != 0 || a.Header.Get("Retry-After") == "" {
			t.Errorf("one that has stopped answers %v after %v", a.Header, took)
		}
	})
}

func TestAStrangersPageIsToldToGo(t *testing.T) {
	_, p, h := newNotifierApp(t)
	if a, _ := newClient(t, h).poll(t.Context(), "full-worker"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger gets %d", a.StatusCode)
	}
	b := signedIn(t, h, "alice")
	p.fail = account.ErrUnavailable
	if a, _ := b.poll(t.Context(), "full-worker"); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get(web.StateHeader) != "" {
		t.Errorf("while nobody can tell, a page gets %d %v: it must ask again later", a.StatusCode, a.Header)
	}
}

// TestTheScriptAsksWhatIsAnswered holds the two ends of the pulse together.
func TestTheScriptAsksWhatIsAnswered(t *testing.T) {
	_, _, h := newNotifierApp(t)
	b := signedIn(t, h, "alice")
	for _, ref := range all(reference, b.get("/account").body) {
		if !strings.HasPrefix(ref, "/assets/pulse-") {
			continue
		}
		b.get(ref).must(t, http.StatusOK, []string{"'/pulse?was='", "'" + web.StateHeader + "'", "'Retry-After'", "status === 401", "getElementById('changed')"})
		return
	}
	t.Error("the page has no such script")
}
