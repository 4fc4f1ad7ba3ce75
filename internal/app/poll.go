package app

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// pollTimeout is how long a request waits for a change: less than the idle timeout of
// proxies and phones.
const pollTimeout = 25 * time.Second

// unreadHeader has the number of conversations with unread messages.
const unreadHeader = "Clientele-Unread"

// pollState responds to an open page when its state changes, its session ends or there are
// news for the person, or else after pollTimeout. The session is not looked up again
// without a change.
func (a *app) pollState(w http.ResponseWriter, r *http.Request, v *viewer) error {
	web.Quiet(w)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	was, state := r.URL.Query().Get("was"), a.StateOf(v.Person)
	if was == state && r.Method == http.MethodGet {
		v, err := a.waitForChange(w, r, v, was, r.URL.Query().Get("news"))
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
		// Stored pages in the old state must not be shown by Back.
		h.Set("Clear-Site-Data", `"cache"`)
	}
	h.Set(web.StateHeader, state)
	if news := a.news(v.Person.Identity); news != "" {
		h.Set(web.NewsHeader, news)
		h.Set(unreadHeader, strconv.Itoa(a.unread(r, v)))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// waitForChange waits until the state differs from was, or there are later news than seen,
// unless that is "". It returns the viewer, looked up again after each change of a session or
// role.
func (a *app) waitForChange(w http.ResponseWriter, r *http.Request, v *viewer, was, seen string) (*viewer, error) {
	user := text.IdentityKey(v.Person.Identity)
	if !a.Notifier.Acquire(user) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(pollTimeout)))
		return v, nil
	}
	defer a.Notifier.Release(user)
	shown := int64(math.MaxInt64)
	if seen != "" {
		shown, _ = strconv.ParseInt(seen, 36, 64)
	}
	timeout := time.NewTimer(pollTimeout)
	defer timeout.Stop()
	for {
		changed := a.Notifier.Changed()
		news, newsChanged := a.Notifier.News(user)
		if a.StateOf(v.Person) != was || shown < news || a.Notifier.Closed() {
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
		case <-newsChanged:
		case <-timeout.C:
			return v, nil
		case <-r.Context().Done():
			return v, nil
		}
	}
}
