package app

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// endProviderSessions ends the sessions that the identity provider has ended. A session
// that has ended already is a success.
func (a *app) endProviderSessions(w http.ResponseWriter, r *http.Request, _ *viewer) error {
	w.Header().Set("Cache-Control", "no-store")
	if a.Provider == nil {
		return auth.ErrNoPage
	}
	if err := auth.Form(w, r); err != nil {
		return err
	}
	var ended account.Assertion
	err := a.Attempts.Logout(r.Context(), a.clientIP(r), func() (err error) {
		ended, err = a.Provider.VerifyLogout(r.Context(), r.PostForm.Get("logout_token"))
		return err
	})
	var limited *auth.LimitedError
	switch {
	case errors.As(err, &limited):
		w.Header().Set("Retry-After", strconv.Itoa(seconds(limited.Wait)))
		w.WriteHeader(http.StatusTooManyRequests)
		return nil
	case errors.Is(err, account.ErrProviderRefused):
		w.WriteHeader(http.StatusBadRequest) // the log says why
		return nil
	case err != nil:
		return err
	}
	err = a.act(r, func(ctx context.Context) ([]audit.Entry, error) {
		person, err := a.Accounts.EndProviderSessions(ctx, ended.Issuer, ended.Subject, ended.Session)
		return []audit.Entry{{Action: audit.SessionEnded, Subject: person.Identity, Params: audit.WithProvider}}, err
	})
	switch {
	case errors.Is(err, account.ErrNotFound):
	case err != nil:
		return err
	default:
		a.Notifier.Wake()
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
