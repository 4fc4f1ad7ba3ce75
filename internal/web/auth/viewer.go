package auth

import (
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

// Viewer is the person who makes a request, with their language and time zone.
type Viewer struct {
	Person   account.Person
	Session  account.Session
	SignedIn bool
	Ended    bool // the request has a session cookie, but the session has ended
	Locale   *locale.Locale
	Zone     *time.Location
	Now      time.Time
	// ZoneChosen is set when Zone is the person's own choice. Otherwise a script
	// writes times in the zone of the device.
	ZoneChosen bool
	// State is the state that the page is rendered in, and News the version of the viewer's
	// news, both read before any other data; "" when not signed in. Posted is set for the
	// response to a form.
	State, News string
	Posted      bool
	// Warning is the code of a failure that every page tells of, "" for none.
	Warning string
}

// IsAdmin reports whether an administrator is signed in.
func (v *Viewer) IsAdmin() bool { return v.SignedIn && v.Person.Role == account.RoleAdmin }

// MustReplacePassword reports whether the viewer signed in with a temporary password that is
// to be replaced before anything else.
func (v *Viewer) MustReplacePassword() bool {
	return v.SignedIn && v.Person.Temporary() && !v.Session.ByProvider
}

// Base returns the base of a page for this viewer.
func (v *Viewer) Base(title, tab string) ui.Base {
	base := ui.Base{Title: title, Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: v.Person.Preferences.Theme, Tab: tab, View: "list", Admin: v.IsAdmin(), Who: text.Visible(v.Person.Identity),
		State: v.State, News: v.News, Posted: v.Posted}
	if v.Warning != "" {
		base.Warning = ui.Describe(ui.Kind{Code: v.Warning}, v.Locale, "")
	}
	return base
}

// TimeHTML returns t as a <time> element in the viewer's language and zone. It is
// marked for a script to rewrite in the device's zone when the person chose none.
func (v *Viewer) TimeHTML(t time.Time) template.HTML {
	t = t.In(v.Zone)
	attr := ""
	if !v.ZoneChosen {
		attr = " data-local"
	}
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `"` + attr + `>` +
		template.HTMLEscapeString(v.Locale.Moment(t, v.Now)) + `</time>`)
}

// Viewer returns who makes a request. The result is never nil: with an error, it is
// an anonymous viewer that an error page can be rendered for.
func (s *Site) Viewer(r *http.Request) (*Viewer, error) {
	secret := s.SessionSecret(r)
	if secret == "" {
		return s.anonymous(r), nil
	}
	state := s.state()
	session, person, err := s.Accounts.Authenticate(r.Context(), secret)
	if errors.Is(err, account.ErrNoSession) {
		v := s.anonymous(r)
		v.Ended = true
		return v, nil
	}
	if err != nil {
		return s.anonymous(r), err
	}
	v := s.newViewer(r, person.Preferences)
	v.Session, v.Person, v.SignedIn, v.State = session, person, true, stateOf(state, person)
	if s.News != nil {
		v.News = s.News(person.Identity)
	}
	if s.Warning != nil && v.IsAdmin() {
		v.Warning = s.Warning()
	}
	return v, nil
}

// StateOf returns the state that a person's pages must be rendered in: the site's
// state and the person's role. It is "" when there is no state to follow.
func (s *Site) StateOf(p account.Person) string { return stateOf(s.state(), p) }

func (s *Site) state() string {
	if s.State == nil {
		return ""
	}
	return s.State()
}

func stateOf(state string, p account.Person) string {
	if state == "" {
		return ""
	}
	return state + "-" + string(p.Role)
}

// anonymous returns a viewer who is not signed in, without a look-up.
func (s *Site) anonymous(r *http.Request) *Viewer { return s.newViewer(r, account.Preferences{}) }

// newViewer returns a viewer with the language and zone of their choice, or else with what
// the browser accepts and the site's zone.
func (s *Site) newViewer(r *http.Request, p account.Preferences) *Viewer {
	v := &Viewer{Now: s.Now(), Posted: r.Method == http.MethodPost, Zone: s.Zone}
	v.Locale = s.UI.Catalog.Match(p.Language, strings.Join(r.Header.Values("Accept-Language"), ","))
	if zone, ok := locale.Zone(p.TimeZone); ok {
		v.Zone, v.ZoneChosen = zone, true
	}
	return v
}
