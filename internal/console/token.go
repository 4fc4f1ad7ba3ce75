package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// ChangeToken makes a new token, or ends the time in which the one before verifies
// too. The answer is the screen with all that was typed; of a new token it is the
// only page that ever shows it. Sent again (a reload), the form makes no other one:
// it names the token that it replaced.
func (c *console) ChangeToken(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := readCallbacksForm(w, r)
	if err != nil {
		return err
	}
	if flag := c.Fixed.TokenFlag; flag != "" {
		wrong := map[string]string{"auth_token": v.Locale.Text("console.fixed.error", "flag", flag)}
		return c.renderCallbacks(w, r, v, http.StatusUnprocessableEntity, &t, callbacksPage{}, wrong)
	}
	var page callbacksPage
	status := http.StatusOK
	switch Field(r, "do") {
	case "make":
		status, err = c.generateToken(r, v, t, &page)
	case "end":
		if err = c.Settings.EndGrace(r.Context()); err == nil && !c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: SubjectToken, Detail: DetailGraceEnded}) {
			page.Problem = v.Locale.Text("console.audit.unwritten")
		}
		page.Done = v.Locale.Text("console.token.ended")
	default:
		return auth.ErrForm
	}
	if err != nil {
		return err
	}
	if c.ReloadSettings(r) != nil {
		page.Done, page.Problem = "", v.Locale.Text("console.saved.later")
	}
	t.token = ""
	return c.renderCallbacks(w, r, v, status, &t, page, nil)
}

// DetailGraceEnded tells the audit that a token that had been replaced was ended.
const DetailGraceEnded = "the previous one ended"

// generateToken puts a new token on the page, unless that was done already.
func (c *console) generateToken(r *http.Request, v *visit, t callbacksForm, page *callbacksPage) (status int, err error) {
	stored, err := c.Settings.Tokens(r.Context(), v.Now)
	if err != nil && !errors.Is(err, settings.ErrNotSet) && !errors.Is(err, settings.ErrSealed) {
		return 0, err
	}
	if err == nil && t.since != "" && t.since != since(stored) {
		page.Problem = v.Locale.Text("console.token.again")
		return http.StatusConflict, nil
	}
	made, err := c.Settings.RotateAuthToken(r.Context())
	if err != nil {
		return 0, err
	}
	page.NewToken = made.Current
	if !c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: SubjectToken}) {
		page.Problem = v.Locale.Text("console.audit.unwritten")
	}
	return http.StatusOK, nil
}
