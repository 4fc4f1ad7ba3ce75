package integration

import (
	"context"
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// mayUseToken reports whether a viewer may see or set the token. Whoever has it can read every
// worker's customers at the callback, and no view of them is recorded.
func mayUseToken(v *auth.Viewer) bool { return auth.Allowed(auth.Exporter, v) }

// ChangeToken generates a new token, or ends the grace period of the previous one. Only
// this response shows a new token. A reload does not generate another: the form names the
// token that it replaced.
func (h *Handlers) ChangeToken(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	form, err := readCallbacksForm(w, r, v)
	if err != nil {
		return err
	}
	if flag := h.Fixed.TokenFlag; flag != "" {
		problems := map[string]string{"auth_token": v.Locale.Text("console.fixed.error", "flag", flag)}
		return h.renderCallbacks(w, r, v, http.StatusUnprocessableEntity, &form, callbacksPage{}, problems)
	}
	var page callbacksPage
	status := http.StatusOK
	switch view.Field(r, "do") {
	case "make":
		status, err = h.generateToken(r, v, form, &page)
	case "end":
		err = h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
			return audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectToken, Params: audit.TokenGraceEnded}, h.Settings.EndGrace(ctx)
		})
		page.Done = v.Locale.Text("console.token.ended")
	default:
		return auth.ErrForm
	}
	if err != nil {
		return err
	}
	if h.ReloadSettings(r) != nil {
		page.Done, page.Problem = "", v.Locale.Text("console.saved.later")
	}
	form.token = ""
	return h.renderCallbacks(w, r, v, status, &form, page, nil)
}

// generateToken puts a new token on the page, unless the form was sent before.
func (h *Handlers) generateToken(r *http.Request, v *auth.Viewer, form callbacksForm, page *callbacksPage) (status int, err error) {
	stored, err := h.Settings.Tokens(r.Context(), v.Now)
	if err != nil && !errors.Is(err, settings.ErrNotSet) && !errors.Is(err, settings.ErrWrongKey) {
		return 0, err
	}
	if err == nil && form.since != "" && form.since != since(stored) {
		page.Problem = v.Locale.Text("console.token.again")
		return http.StatusConflict, nil
	}
	err = h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
		rotated, err := h.Settings.RotateAuthToken(ctx)
		page.NewToken = rotated.Current
		return audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectToken, Params: audit.TokenRotated}, err
	})
	return http.StatusOK, err
}
