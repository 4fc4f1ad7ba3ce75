package app

import (
	"net/http"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// pollTimeout is how long a page waits for a change before it asks again: less than
// proxies and phones let a connection be silent.
const pollTimeout = 25 * time.Second

// pollState answers a page that is open as soon as the state it was rendered in is over,
// or its session is, and otherwise when it has waited for long enough. Who asks was
// looked up before; while nothing changes, nobody is asked anything.
func (a *app) pollState(w http.ResponseWriter, r *http.Request, v *viewer) error {
	web.Quiet(w)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	was, state := r.URL.Query().Get("was"), a.StateOf(v.Person)
	if was == state && r.Method == http.MethodGet {
		v, err := a.waitForChange(w, r, v, was)
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

// waitForChange waits until the state is no longer was. It answers who is asking by
// then, which is looked up when anybody's session or role has changed.
func (a *app) waitForChange(w http.ResponseWriter, r *http.Request, v *viewer, was string) (*viewer, error) {
	user := text.IdentityKey(v.Person.Identity)
	if !a.Notifier.Acquire(user) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(pollTimeout)))
		return v, nil
	}
	defer a.Notifier.Release(user)
	timeout := time.NewTimer(pollTimeout)
	defer timeout.Stop()
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
			current, err := a.Viewer(r)
			if err != nil || !current.SignedIn {
				return current, err
			}
			v = current
		case <-timeout.C:
			return v, nil
		case <-r.Context().Done():
			return v, nil
		}
	}
}
