package auth

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// ProviderConfirmPath is where a confirmation with the identity provider begins.
const ProviderConfirmPath = "/signin/provider/confirm"

// Provider is the identity provider, as far as it matters to a confirmation.
type Provider interface {
	// Name returns the name to show: its host.
	Name() string
	// PasswordsOff reports whether people can sign in with the provider only.
	PasswordsOff() bool
}

// passwordField is the form field with the password on the page that asks for it.
const passwordField = "confirm_password"

// confirmPage asks who the viewer is, and holds the form that is to be sent then: the data
// of the template "confirm-identity".
type confirmPage struct {
	ui.Base
	Identity string
	Action   string // the address of the form
	Home     string // where to go instead
	Fields   []formField
	// Password reports whether a password confirms. Provider is the name of the identity
	// provider, "" if it does not, and ProviderHref where to sign in there again.
	Password               bool
	Provider, ProviderHref string
	Error                  string
}

type formField struct{ Name, Value string }

// confirmed returns an action that runs act for viewers who have proved recently who they
// are, and asks the others first: a session that was left open, or stolen, is not enough for
// it. What was posted comes back with the answer, so that nothing typed is lost.
func (s *Site) confirmed(act Action) Action {
	return func(w http.ResponseWriter, r *http.Request, v *Viewer) error {
		if v.Session.Confirmed(v.Now) {
			return act(w, r, v)
		}
		if err := Form(w, r); err != nil {
			return err
		}
		password, sent := r.PostForm.Get(passwordField), r.PostForm.Has(passwordField)
		r.PostForm.Del(passwordField)
		r.Form.Del(passwordField)
		if !sent || !s.canUsePassword(v) {
			return s.askToConfirm(w, r, v, http.StatusForbidden, "")
		}
		err := s.Attempts.InSession(r.Context(), v.Session, func() error { return s.Accounts.Confirm(r.Context(), v.Session, password) })
		title, problem, status, limited := LimitProblem(w, v.Locale, err)
		switch {
		case err == nil:
			return act(w, r, v)
		case errors.Is(err, account.ErrCredentials):
			if s.ConfirmFailed != nil {
				s.ConfirmFailed(r, v)
			}
			return s.askToConfirm(w, r, v, http.StatusForbidden, v.Locale.Text("account.password.old.wrong"))
		case limited:
			return s.askToConfirm(w, r, v, status, title+". "+problem)
		}
		return err
	}
}

func (s *Site) canUsePassword(v *Viewer) bool {
	return v.Person.PasswordHash != "" && !v.Person.Temporary() && (s.Provider == nil || !s.Provider.PasswordsOff())
}

// askToConfirm renders the page that asks who the viewer is.
func (s *Site) askToConfirm(w http.ResponseWriter, r *http.Request, v *Viewer, status int, problem string) error {
	page := confirmPage{
		Base: v.Base(v.Locale.Text("confirm.title"), ""), Identity: v.Person.Identity,
		Action: r.URL.RequestURI(), Home: s.Home, Password: s.canUsePassword(v), Error: problem,
	}
	for name, values := range r.PostForm {
		for _, value := range values {
			page.Fields = append(page.Fields, formField{name, value})
		}
	}
	if s.Provider != nil && v.Person.Linked() {
		page.Provider, page.ProviderHref = s.Provider.Name(), ProviderConfirmPath
	}
	SetPrivate(w)
	return s.UI.Pages.Render(w, r, status, v.Locale, "confirm-identity", page)
}

// busyWait is when to try again if too many passwords are being checked.
const busyWait = 2 * time.Second

// LimitProblem returns what to tell people whose password was not checked, because of a
// *LimitedError or web.ErrBusy, and the status. It sets Retry-After. ok is false for any
// other error.
func LimitProblem(w http.ResponseWriter, loc *locale.Locale, err error) (title, problem string, status int, ok bool) {
	var limited *LimitedError
	wait := busyWait
	switch {
	case errors.As(err, &limited):
		title, status, wait = loc.Text("signin.limited.title"), http.StatusTooManyRequests, limited.Wait
	case errors.Is(err, web.ErrBusy):
		title, status = loc.Text("signin.busy.title"), http.StatusServiceUnavailable
	default:
		return "", "", 0, false
	}
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	if seconds < 60 {
		return title, loc.Count("signin.limited.seconds", seconds), status, true
	}
	return title, loc.Count("signin.limited.minutes", int(math.Ceil(wait.Minutes()))), status, true
}
