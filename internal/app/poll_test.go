package app_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/web"
)

// poll polls as an open page does. It returns how long the response took.
func (b *client) poll(ctx context.Context, was string) (response, time.Duration) {
	r := httptest.NewRequest("GET", "/pulse?was="+was, nil).WithContext(ctx)
	r.Header.Set("Clientele-Part", "none")
	began := time.Now()
	a := b.do(r)
	return a, time.Since(began)
}

// newNotifierApp returns an app with its notifier.
func newNotifierApp(t *testing.T) (*web.Notifier, *fakeAccounts, http.Handler) {
	notifier := web.NewNotifier("full")
	_, p, h, _ := newTestApp(t, func(o *app.Options) { o.Notifier = notifier })
	return notifier, p, h
}

func TestPoll_PagesContainTheirState(t *testing.T) {
	notifier, _, h := newNotifierApp(t)
	newClient(t, h).get("/signin").must(t, http.StatusOK, nil, "data-state", "pulse-", `id="changed"`)
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/customers", "/customers/none", "/account", "/nowhere"} {
		a := b.get(path)
		a.must(t, a.StatusCode, []string{`data-state="full-worker"`, "/assets/pulse-", `<template id="changed">`}, "data-posted")
	}
	notifier.Set("masked")
	b.get("/customers").must(t, http.StatusOK, []string{`data-state="masked-worker"`})
	// A page with what was typed into a form must not be reloaded.
	b.post("/account/password", "old", "x").must(t, http.StatusUnprocessableEntity, []string{`data-state="masked-worker" data-posted>`})
}

func TestPoll_StateChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, _, h := newNotifierApp(t)
		b := signedIn(t, h, "alice")
		a, took := b.poll(t.Context(), "masked-worker")
		if a.StatusCode != http.StatusNoContent || a.Header.Get(web.StateHeader) != "full-worker" || took != 0 || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("poll(other state): status %d, headers %v after %v, want 204 at once", a.StatusCode, a.Header, took)
		}
		time.AfterFunc(7*time.Second, func() { notifier.Set("masked") })
		if a, took = b.poll(t.Context(), "full-worker"); a.Header.Get(web.StateHeader) != "masked-worker" || took != 7*time.Second {
			t.Errorf("poll(), state set after 7 s: headers %v after %v", a.Header, took)
		}
		if a, took = b.poll(t.Context(), "masked-worker"); a.Header.Get(web.StateHeader) != "masked-worker" || took != 25*time.Second || a.Header.Get("Clear-Site-Data") != "" {
			t.Errorf("poll(), no change: headers %v after %v, want the same state after 25 s", a.Header, took)
		}
	})
}

func TestPoll_SessionEnd(t *testing.T) {
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
				t.Errorf("poll() of another person: status %d, want 204", a.StatusCode)
			}
			done <- took
		}()
		if a, took := b.poll(t.Context(), "full-worker"); a.StatusCode != http.StatusUnauthorized || took != 3*time.Second {
			t.Errorf("poll(), session ended after 3 s: status %d after %v, want 401", a.StatusCode, took)
		}
		if took := <-done; took != 25*time.Second {
			t.Errorf("poll() of another person returns after %v, want 25 s", took)
		}
		if a, took := b.poll(t.Context(), "full-worker"); a.StatusCode != http.StatusUnauthorized || took != 0 {
			t.Errorf("poll() without session: status %d after %v, want 401 at once", a.StatusCode, took)
		}
	})
}

func TestPoll_RoleChange(t *testing.T) {
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
			t.Errorf("poll(), role changed after 3 s: headers %v after %v", a.Header, took)
		}
	})
}

// countingAccounts counts the calls of Authenticate.
type countingAccounts struct {
	*fakeAccounts
	calls int
}

func (w *countingAccounts) Authenticate(ctx context.Context, secret string) (account.Session, account.Person, error) {
	w.calls++
	return w.fakeAccounts.Authenticate(ctx, secret)
}

func TestPoll_LooksUpTheSessionOnce(t *testing.T) {
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
			t.Errorf("poll() took %v with %d session look-ups, want 25 s, 1", took, w.calls)
		}
		if log.String() != "" {
			t.Errorf("the log is not empty:\n%s", log)
		}
	})
}

func TestPoll_EndsWithTheClientOrTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier, _, h := newNotifierApp(t)
		b := signedIn(t, h, "alice")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, took := b.poll(ctx, "full-worker"); took != 2*time.Second {
			t.Errorf("poll(), client gone after 2 s: returns after %v", took)
		}
		time.AfterFunc(4*time.Second, notifier.Close)
		if a, took := b.poll(t.Context(), "full-worker"); took != 4*time.Second || a.Header.Get(web.StateHeader) != "full-worker" {
			t.Errorf("poll(), server closed after 4 s: headers %v after %v", a.Header, took)
		}
		if a, took := b.poll(t.Context(), "full-worker"); took != 0 || a.Header.Get("Retry-After") == "" {
			t.Errorf("poll() of a closed server: headers %v after %v, want Retry-After at once", a.Header, took)
		}
	})
}

func TestPoll_WithoutSession(t *testing.T) {
	_, p, h := newNotifierApp(t)
	if a, _ := newClient(t, h).poll(t.Context(), "full-worker"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("anonymous poll(): status %d, want 401", a.StatusCode)
	}
	b := signedIn(t, h, "alice")
	p.fail = account.ErrUnavailable
	if a, _ := b.poll(t.Context(), "full-worker"); a.StatusCode != http.StatusServiceUnavailable || a.Header.Get(web.StateHeader) != "" {
		t.Errorf("poll() with accounts unavailable: status %d, headers %v, want 503 without state", a.StatusCode, a.Header)
	}
}

// TestPoll_MatchesTheScript checks that the script uses what pollState provides.
func TestPoll_MatchesTheScript(t *testing.T) {
	_, _, h := newNotifierApp(t)
	b := signedIn(t, h, "alice")
	for _, ref := range submatches(reference, b.get("/account").body) {
		if !strings.HasPrefix(ref, "/assets/pulse-") {
			continue
		}
		b.get(ref).must(t, http.StatusOK, []string{"'/pulse?was='", "'" + web.StateHeader + "'", "'Retry-After'", "status === 401", "getElementById('changed')"})
		return
	}
	t.Error("GET /account: no pulse script")
}

// pollNews polls with the version of the news that a page shows.
func (b *client) pollNews(t *testing.T, news string) (response, time.Duration) {
	t.Helper()
	a, took := b.poll(t.Context(), "full-worker&news="+news)
	if a.StatusCode != http.StatusNoContent {
		t.Errorf("poll(news=%s): status %d, want 204", news, a.StatusCode)
	}
	return a, took
}

func TestPoll_News(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notifier := web.NewNotifier("full")
		_, _, _, h := newConversationsApp(t, func(o *app.Options) { o.Notifier = notifier })
		b := signedIn(t, h, "alice")
		notifier.SetNews(1000)
		a, took := b.pollNews(t, strconv.FormatInt(999, 36))
		shown := a.Header.Get(web.NewsHeader)
		if took != 0 || shown == "" || a.Header.Get("Clientele-Unread") != "1" {
			t.Errorf("poll(older news): headers %v after %v, want news and unread at once", a.Header, took)
		}
		time.AfterFunc(3*time.Second, func() { notifier.Touch(web.NewsTopic("bob"), 1001) })
		time.AfterFunc(7*time.Second, func() { notifier.Touch(web.NewsTopic("alice"), 1002) })
		if a, took = b.pollNews(t, shown); took != 7*time.Second || a.Header.Get(web.NewsHeader) == shown {
			t.Errorf("poll(), news after 7 s: headers %v after %v", a.Header, took)
		}
		if a, took = b.pollNews(t, a.Header.Get(web.NewsHeader)); took != 25*time.Second {
			t.Errorf("poll(), no news: headers %v after %v, want 25 s", a.Header, took)
		}
		if a, took = b.pollNews(t, strconv.FormatInt(1003, 36)); took != 25*time.Second {
			t.Errorf("poll(), news that only another process knows so far: headers %v after %v, want 25 s", a.Header, took)
		}
	})
}

// TestPoll_Memory keeps 1,000 pages of 200 people waiting.
func TestPoll_Memory(t *testing.T) {
	const pages, people = 1000, 200
	var identities []string
	for i := range people {
		identities = append(identities, fmt.Sprintf("p%d", i))
	}
	notifier := web.NewNotifier("full")
	h := newApp(t, &fakeCRM{}, newFakeAccounts(clock, identities...), io.Discard, func(o *app.Options) { o.Notifier, o.Conversations = notifier, &fakeConversations{} })
	server := httptest.NewServer(h)
	defer server.Close()
	cookies := make([]string, people)
	for i, identity := range identities {
		for name, value := range signedIn(t, h, identity).cookies {
			cookies[i] = name + "=" + value
		}
	}
	used := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse + m.StackInuse)
	}
	before, goroutines := used(), runtime.NumGoroutine()
	for i := range pages {
		user := identities[i%people]
		news, _ := notifier.News(user)
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /pulse?was=full-worker&news=%s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n\r\n", strconv.FormatInt(news, 36), cookies[i%people])
	}
	for runtime.NumGoroutine() < goroutines+2*pages { // net/http has two for each connection
		time.Sleep(10 * time.Millisecond)
	}
	if grown := (used() - before) >> 20; grown >= 50 {
		t.Errorf("%d waiting pages take %d MiB, want less than 50", pages, grown)
	} else {
		t.Logf("%d waiting pages take %d MiB", pages, grown)
	}
	notifier.Close()
}
