package app

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web"
)

// failure is a failed state as a worker reads it.
type failure struct {
	Status int
	// Code is what data-error-code carries: a published code, or a word.
	Code string
	// Published tells that Code is worth telling an administrator.
	Published bool
	Icon      string
	// Heading tells that Title is the page's own heading.
	Heading     bool
	Title, Text string
	// Href and Action are the way out.
	Href, Action string
}

// kind is the status and the message keys of a failure; this is the one table.
type kind struct {
	status    int
	code      string
	published bool
	icon      string
}

func classify(err error) kind {
	var callback *frontline.CallbackError
	var invalid *frontline.InvalidRequestError
	var unavailable *frontline.UnavailableError
	switch {
	case errors.Is(err, frontline.ErrNotFound):
		return kind{http.StatusNotFound, "not-found", false, "nobody"}
	case errors.As(err, &invalid):
		return kind{http.StatusBadRequest, strconv.Itoa(int(frontline.CodeInvalidPayload)), true, "alert"}
	case errors.As(err, &callback):
		status := http.StatusBadGateway
		if callback.Code == frontline.CodeCallbackTimeout {
			status = http.StatusGatewayTimeout
		}
		return kind{status, strconv.Itoa(int(callback.Code)), true, "offline"}
	case errors.As(err, &unavailable), errors.Is(err, account.ErrUnavailable):
		return kind{http.StatusServiceUnavailable, "unavailable", false, "clock"}
	case errors.Is(err, errNoPage):
		return kind{http.StatusNotFound, "no-page", false, "nobody"}
	case errors.Is(err, errMethod):
		return kind{http.StatusMethodNotAllowed, "method", false, "alert"}
	case errors.Is(err, errForeign):
		return kind{http.StatusForbidden, "foreign", false, "alert"}
	case errors.Is(err, errForm):
		return kind{http.StatusBadRequest, "bad-form", false, "alert"}
	}
	return kind{http.StatusInternalServerError, "internal", false, "alert"}
}

// The errors that the app itself makes.
var (
	errNoPage  = errors.New("no such page")
	errMethod  = errors.New("method not allowed")
	errForeign = errors.New("request came from another site")
	errForm    = errors.New("form cannot be read")
	errPanic   = errors.New("panic")
)

// failureOf writes err for a worker; retry is the address to try again.
func failureOf(err error, words *locale.Locale, retry string) *failure {
	k := classify(err)
	key := "fail." + k.code
	if !words.Has(key + ".title") { // a code that is not among the published ones
		key = "fail." + strconv.Itoa(int(frontline.CodeCallbackFailed))
	}
	return &failure{
		Status: k.status, Code: k.code, Published: k.published, Icon: k.icon,
		Title: words.Text(key + ".title"), Text: words.Text(key + ".text"),
		Href: retry, Action: words.Text("fail.retry"),
	}
}

// note logs a failure that is ours or the CRM's; those of the request are only
// counted by their status.
func (a *app) note(r *http.Request, err error) {
	k := classify(err)
	switch {
	case k.status == http.StatusInternalServerError && !errors.Is(err, errPanic):
		a.Logger.Error("request failed", "route", web.Route(r), "err", err)
	case k.status > http.StatusInternalServerError:
		a.Logger.Warn("cannot answer", "route", web.Route(r), "code", k.code, "err", err)
	}
}

// tell says a failure to the log and, in the header, to the client.
func (a *app) tell(w http.ResponseWriter, r *http.Request, err error) {
	a.note(r, err)
	retryAfter(w, err)
}

// soonAgain is when to come back to what cannot be had just now, in seconds, where
// nobody said.
const soonAgain = 5

// retryAfter tells a machine when to come back.
func retryAfter(w http.ResponseWriter, err error) {
	if classify(err).status != http.StatusServiceUnavailable {
		return
	}
	seconds := soonAgain
	var unavailable *frontline.UnavailableError
	if errors.As(err, &unavailable) && unavailable.RetryAfter > 0 {
		seconds = int(unavailable.RetryAfter.Seconds() + 0.999)
	}
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// fail answers with the error page.
func (a *app) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if gone(r, err) {
		return
	}
	a.tell(w, r, err)
	private(w)
	f := failureOf(err, v.words, "/customers")
	f.Action = v.words.Text("fail.home")
	if f.Status >= 500 && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		f.Href, f.Action = requested(r), v.words.Text("fail.retry")
	}
	page := errorPage{base: a.base(v, f.Title, ""), Failure: f}
	if rerr := a.pages.Render(w, r, f.Status, v.words, "error", page); rerr != nil {
		a.Logger.Error("error page failed", "route", web.Route(r), "err", rerr)
		http.Error(w, f.Title, http.StatusInternalServerError)
	}
}

func (a *app) nothingHere(http.ResponseWriter, *http.Request, *visit) error { return errNoPage }
func (a *app) foreign(http.ResponseWriter, *http.Request, *visit) error     { return errForeign }

// panicked answers after a panic. It asks nobody anything, lest it panic again.
func (a *app) panicked(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, a.stranger(r), errPanic)
}

// otherMethod refuses the methods that a route has no answer for.
func (a *app) otherMethod(rt route) http.Handler {
	var allowed string
	if rt.get != nil {
		allowed = "GET, HEAD"
	}
	if rt.post != nil {
		if allowed != "" {
			allowed += ", "
		}
		allowed += "POST"
	}
	return a.allow(anyone, func(w http.ResponseWriter, r *http.Request, v *visit) error {
		w.Header().Set("Allow", allowed)
		return errMethod
	})
}
