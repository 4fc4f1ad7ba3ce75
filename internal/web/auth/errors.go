package auth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// The errors that a site itself makes.
var (
	ErrNoPage    = errors.New("no such page")
	ErrMethod    = errors.New("method not allowed")
	ErrCrossSite = errors.New("request came from another site")
	ErrForm      = errors.New("form cannot be read")
	ErrForbidden = errors.New("permission denied")
	ErrPanic     = errors.New("panic")
)

// Classify returns the kind of an error of this package or of package account.
// Any other error is internal.
func Classify(err error) ui.Kind {
	switch {
	case errors.Is(err, account.ErrUnavailable):
		return ui.Kind{Status: http.StatusServiceUnavailable, Code: "unavailable", Icon: "clock"}
	case errors.Is(err, ErrNoPage):
		return ui.Kind{Status: http.StatusNotFound, Code: "no-page", Icon: "no-person"}
	case errors.Is(err, ErrMethod):
		return ui.Kind{Status: http.StatusMethodNotAllowed, Code: "method", Icon: "alert"}
	case errors.Is(err, ErrCrossSite):
		return ui.Kind{Status: http.StatusForbidden, Code: "foreign", Icon: "alert"}
	case errors.Is(err, ErrForbidden):
		return ui.Kind{Status: http.StatusForbidden, Code: "forbidden", Icon: "lock"}
	case errors.Is(err, ErrForm):
		return ui.Kind{Status: http.StatusBadRequest, Code: "bad-form", Icon: "alert"}
	}
	return ui.Kind{Status: http.StatusInternalServerError, Code: "internal", Icon: "alert"}
}

// LogError adds an error whose status is 500 or above to the request's line in the log.
// Errors of the client are there by their status only, and a panic has its own line.
func (s *Site) LogError(r *http.Request, err error) {
	if k := s.Classify(err); k.Status >= http.StatusInternalServerError && !errors.Is(err, ErrPanic) {
		web.NoteError(r, k.Code, err)
	}
}

// Report logs err and sets Retry-After when its status is 503. seconds is when to
// try again; 0 means the default.
func (s *Site) Report(w http.ResponseWriter, r *http.Request, err error, seconds int) {
	s.LogError(r, err)
	if s.Classify(err).Status != http.StatusServiceUnavailable {
		return
	}
	if seconds <= 0 {
		seconds = defaultRetryAfter
	}
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// defaultRetryAfter is in seconds.
const defaultRetryAfter = 5

// Fail writes the error page for err, or nothing when the client has gone.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, v *Viewer, err error) {
	if ClientGone(r, err) {
		return
	}
	s.Report(w, r, err, 0)
	SetPrivate(w)
	f := ui.Describe(s.Classify(err), v.Locale, s.Home)
	f.Action = v.Locale.Text(s.HomeAction)
	if f.LinkHref != "" {
		f.Href, f.Action = f.LinkHref, v.Locale.Text(f.LinkText)
	}
	switch {
	case f.Status >= 500 && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		f.Href, f.Action = s.RequestedURL(r), v.Locale.Text("fail.retry")
	case errors.Is(err, ErrForbidden):
		f.Href, f.Action = "/customers", v.Locale.Text("fail.home")
	}
	page := ui.ErrorPage{Base: v.Base(f.Title, ""), Failure: f}
	if rerr := s.UI.Pages.Render(w, r, f.Status, v.Locale, "error", page); rerr != nil {
		s.Logger.Error("rendering the error page failed", "route", web.Route(r), "error", rerr)
		http.Error(w, f.Title, http.StatusInternalServerError)
	}
}

func noPage(http.ResponseWriter, *http.Request, *Viewer) error    { return ErrNoPage }
func crossSite(http.ResponseWriter, *http.Request, *Viewer) error { return ErrCrossSite }

// panicked writes the error page after a panic. It does not look up the session:
// that may have been what panicked.
func (s *Site) panicked(w http.ResponseWriter, r *http.Request) {
	s.Fail(w, r, s.anonymous(r), ErrPanic)
}
