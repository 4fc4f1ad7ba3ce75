package auth

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// The errors that a face itself makes.
var (
	ErrNoPage    = errors.New("no such page")
	ErrMethod    = errors.New("method not allowed")
	ErrCrossSite = errors.New("request came from another site")
	ErrForm      = errors.New("form cannot be read")
	ErrForbidden = errors.New("not this person's to see")
	ErrPanic     = errors.New("panic")
)

// Classify knows the errors of this package and of the accounts; any other is
// internal.
func Classify(err error) ui.Kind {
	switch {
	case errors.Is(err, account.ErrUnavailable):
		return ui.Kind{Status: http.StatusServiceUnavailable, Code: "unavailable", Icon: "clock"}
	case errors.Is(err, ErrNoPage):
		return ui.Kind{Status: http.StatusNotFound, Code: "no-page", Icon: "nobody"}
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

// LogError logs a failure that is ours or somebody else's machine's; those of the
// request are only counted by their status.
func (d *Site) LogError(r *http.Request, err error) {
	k := d.Classify(err)
	switch {
	case k.Status == http.StatusInternalServerError && !errors.Is(err, ErrPanic):
		d.Logger.Error("request failed", "route", web.Route(r), "err", err)
	case k.Status > http.StatusInternalServerError:
		d.Logger.Warn("cannot answer", "route", web.Route(r), "code", k.Code, "err", err)
	}
}

// Report says a failure to the log and, in the header, to the client: seconds is when
// to come back, where somebody said; 0 is soon.
func (d *Site) Report(w http.ResponseWriter, r *http.Request, err error, seconds int) {
	d.LogError(r, err)
	if d.Classify(err).Status != http.StatusServiceUnavailable {
		return
	}
	if seconds <= 0 {
		seconds = soonAgain
	}
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// soonAgain is when to come back to what cannot be had just now, in seconds, where
// nobody said.
const soonAgain = 5

// Fail answers with the error page.
func (d *Site) Fail(w http.ResponseWriter, r *http.Request, v *Viewer, err error) {
	if ClientGone(r, err) {
		return
	}
	d.Report(w, r, err, 0)
	SetPrivate(w)
	f := ui.Describe(d.Classify(err), v.Locale, d.Home)
	f.Action = v.Locale.Text(d.HomeAction)
	if f.Way != "" {
		f.Href, f.Action = f.Way, v.Locale.Text(f.WayOut)
	}
	switch {
	case f.Status >= 500 && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		f.Href, f.Action = d.Requested(r), v.Locale.Text("fail.retry")
	case errors.Is(err, ErrForbidden):
		f.Href, f.Action = "/customers", v.Locale.Text("fail.home")
	}
	page := ui.ErrorPage{Base: v.Base(f.Title, ""), Failure: f}
	if rerr := d.UI.Pages.Render(w, r, f.Status, v.Locale, "error", page); rerr != nil {
		d.Logger.Error("error page failed", "route", web.Route(r), "err", rerr)
		http.Error(w, f.Title, http.StatusInternalServerError)
	}
}

func nothingHere(http.ResponseWriter, *http.Request, *Viewer) error { return ErrNoPage }
func foreign(http.ResponseWriter, *http.Request, *Viewer) error     { return ErrCrossSite }

// panicked answers after a panic. It asks nobody anything, lest it panic again.
func (d *Site) panicked(w http.ResponseWriter, r *http.Request) {
	d.Fail(w, r, d.Anonymous(r), ErrPanic)
}
