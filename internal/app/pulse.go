package app

import (
	"net/http"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// pulseWait is how long a page waits for a change before it asks again: less than
// proxies and phones let a connection be silent.
const pulseWait = 25 * time.Second

// pulse answers a page that is open as soon as the state it was rendered in is over,
// or its session is, and otherwise when it has waited for long enough. Who asks was
// looked up before; while nothing changes, nobody is asked anything.
func (a *app) pulse(w http.ResponseWriter, r *http.Request, v *visit) error {
	web.Quiet(w)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	was, state := r.URL.Query().Get("was"), a.StateOf(v.Person)
	if was == state && r.Method == http.MethodGet {
		v, err := a.pulseChange(w, r, v, was)
		if err != nil {
			return err
		}
		if !v.SignedIn {
			w.WriteHeader(http.StatusUnauthorized)
			return nil
		}
		state = a.StateOf(v.Person)
	}
	if was != "" && was != state {
		// What the browser kept of pages in the old state goes too.
		h.Set("Clear-Site-Data", `"cache"`)
	}
	h.Set(web.StateHeader, state)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// pulseChange waits until the state is no longer was. It answers who is asking by
// then, which is looked up when anybody's session or role has changed.
func (a *app) pulseChange(w http.ResponseWriter, r *http.Request, v *visit, was string) (*visit, error) {
	who := text.IdentityKey(v.Person.Identity)
	if !a.Notifier.Acquire(who) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(pulseWait)))
		return v, nil
	}
	defer a.Notifier.Release(who)
	enough := time.NewTimer(pulseWait)
	defer enough.Stop()
	for {
		changed := a.Notifier.Changed()
		if a.StateOf(v.Person) != was || a.Notifier.Closed() {
			return v, nil
		}
		select {
		case <-changed:
			if a.Notifier.Closed() {
				return v, nil
			}
			now, err := a.Viewer(r)
			if err != nil || !now.SignedIn {
				return now, err
			}
			v = now
		case <-enough.C:
			return v, nil
		case <-r.Context().Done():
			return v, nil
		}
	}
}
