package auth

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// Viewer is who makes a request, and how they read.
type Viewer struct {
	Person   account.Person
	Session  account.Session
	SignedIn bool // somebody is signed in
	Ended    bool // a session came with the request, but it is over
	Locale   *locale.Locale
	Zone     *time.Location
	Now      time.Time
	// ZoneChosen tells that Zone is the person's own choice; otherwise their
	// browser may write times in the zone where it is.
	ZoneChosen bool
	// State is the state that the page is rendered in, read before anything else is;
	// "" for strangers. Posted tells that the page answers a form.
	State  string
	Posted bool
}

// IsAdmin tells whether an administrator is signed in.
func (v *Viewer) IsAdmin() bool { return v.SignedIn && v.Person.Role == account.RoleAdmin }

// Base begins a page for this visit.
func (v *Viewer) Base(title, tab string) ui.Base {
	return ui.Base{Title: title, Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: v.Person.Preferences.Theme, Tab: tab, View: "list", Admin: v.IsAdmin(), Who: text.Visible(v.Person.Identity),
		State: v.State, Posted: v.Posted}
}

// TimeHTML writes t for this visit: <time>, with what a script needs to write it in
// the device's own zone when the person chose none.
func (v *Viewer) TimeHTML(t time.Time) template.HTML {
	t = t.In(v.Zone)
	attr := ""
	if !v.ZoneChosen {
		attr = " data-local"
	}
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `"` + attr + `>` +
		template.HTMLEscapeString(v.Locale.Moment(t, v.Now)) + `</time>`)
}

// Viewer finds out who is asking. It always answers a visit that a page can be
// written for, even beside an error.
func (d *Site) Viewer(r *http.Request) (*Viewer, error) {
	v := d.Anonymous(r)
	secret := d.SessionSecret(r)
	if secret == "" {
		return v, nil
	}
	state := d.state()
	session, person, err := d.Accounts.Authenticate(r.Context(), secret)
	if errors.Is(err, account.ErrNoSession) {
		v.Ended = true
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Session, v.Person, v.SignedIn, v.State = session, person, true, stateOf(state, person)
	d.prefer(v, person.Preferences, r)
	return v, nil
}

// StateOf is the state that a person's pages are to be in: what the company shows, and
// what they may do here.
func (d *Site) StateOf(p account.Person) string { return stateOf(d.state(), p) }

func (d *Site) state() string {
	if d.State == nil {
		return ""
	}
	return d.State()
}

func stateOf(state string, p account.Person) string {
	if state == "" {
		return "" // nothing is followed
	}
	return state + "-" + string(p.Role)
}

// Anonymous is the visit of somebody unknown: nothing is asked of anybody.
func (d *Site) Anonymous(r *http.Request) *Viewer {
	v := &Viewer{Now: d.Now(), Posted: r.Method == http.MethodPost}
	d.prefer(v, account.Preferences{}, r)
	return v
}

// prefer lets the visit read as the person chose, or as their browser asks.
func (d *Site) prefer(v *Viewer, p account.Preferences, r *http.Request) {
	v.Locale = d.UI.Catalogue.Match(p.Language, strings.Join(r.Header.Values("Accept-Language"), ","))
	v.Zone = d.Zone
	if zone, ok := locale.Zone(p.TimeZone); ok {
		v.Zone, v.ZoneChosen = zone, true
	}
}

// ClientGone tells whether the client has left, so that nobody waits for an answer.
func ClientGone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}
