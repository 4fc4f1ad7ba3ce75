package door

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/look"
	"github.com/clientele-project/clientele/internal/web"
)

// The errors that a face itself makes.
var (
	ErrNoPage    = errors.New("no such page")
	ErrMethod    = errors.New("method not allowed")
	ErrForeign   = errors.New("request came from another site")
	ErrForm      = errors.New("form cannot be read")
	ErrForbidden = errors.New("not this person's to see")
	ErrPanic     = errors.New("panic")
)

// Classify knows the errors of this package and of the accounts; any other is
// internal.
func Classify(err error) look.Kind {
	switch {
	case errors.Is(err, account.ErrUnavailable):
		return look.Kind{Status: http.StatusServiceUnavailable, Code: "unavailable", Icon: "clock"}
	case errors.Is(err, ErrNoPage):
		return look.Kind{Status: http.StatusNotFound, Code: "no-page", Icon: "nobody"}
	case errors.Is(err, ErrMethod):
		return look.Kind{Status: http.StatusMethodNotAllowed, Code: "method", Icon: "alert"}
	case errors.Is(err, ErrForeign):
		return look.Kind{Status: http.StatusForbidden, Code: "foreign", Icon: "alert"}
	case errors.Is(err, ErrForbidden):
		return look.Kind{Status: http.StatusForbidden, Code: "forbidden", Icon: "lock"}
	case errors.Is(err, ErrForm):
		return look.Kind{Status: http.StatusBadRequest, Code: "bad-form", Icon: "alert"}
	}
	return look.Kind{Status: http.StatusInternalServerError, Code: "internal", Icon: "alert"}
}

// Note logs a failure that is ours or somebody else's machine's; those of the
// request are only counted by their status.
func (d *Door) Note(r *http.Request, err error) {
	k := d.Classify(err)
	switch {
	case k.Status == http.StatusInternalServerError && !errors.Is(err, ErrPanic):
		d.Logger.Error("request failed", "route", web.Route(r), "err", err)
	case k.Status > http.StatusInternalServerError:
		d.Logger.Warn("cannot answer", "route", web.Route(r), "code", k.Code, "err", err)
	}
}

// Tell says a failure to the log and, in the header, to the client: seconds is when
// to come back, where somebody said; 0 is soon.
func (d *Door) Tell(w http.ResponseWriter, r *http.Request, err error, seconds int) {
	d.Note(r, err)
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
func (d *Door) Fail(w http.ResponseWriter, r *http.Request, v *Visit, err error) {
	if Gone(r, err) {
		return
	}
	d.Tell(w, r, err, 0)
	Private(w)
	f := look.Describe(d.Classify(err), v.Words, d.Home)
	f.Action = v.Words.Text(d.HomeAction)
	if f.Way != "" {
		f.Href, f.Action = f.Way, v.Words.Text(f.WayOut)
	}
	switch {
	case f.Status >= 500 && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		f.Href, f.Action = d.Requested(r), v.Words.Text("fail.retry")
	case errors.Is(err, ErrForbidden):
		f.Href, f.Action = "/customers", v.Words.Text("fail.home")
	}
	page := look.ErrorPage{Base: v.Base(f.Title, ""), Failure: f}
	if rerr := d.Look.Pages.Render(w, r, f.Status, v.Words, "error", page); rerr != nil {
		d.Logger.Error("error page failed", "route", web.Route(r), "err", rerr)
		http.Error(w, f.Title, http.StatusInternalServerError)
	}
}

func nothingHere(http.ResponseWriter, *http.Request, *Visit) error { return ErrNoPage }
func foreign(http.ResponseWriter, *http.Request, *Visit) error     { return ErrForeign }

// panicked answers after a panic. It asks nobody anything, lest it panic again.
func (d *Door) panicked(w http.ResponseWriter, r *http.Request) {
	d.Fail(w, r, d.Stranger(r), ErrPanic)
}
