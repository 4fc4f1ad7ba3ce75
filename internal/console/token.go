package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// changeToken makes a new token, or ends the time in which the one before verifies
// too. The answer is the screen with all that was typed; of a new token it is the
// only page that ever shows it. Sent again (a reload), the form makes no other one:
// it names the token that it replaced.
func (c *console) changeToken(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := readTyped(w, r)
	if err != nil {
		return err
	}
	if flag := c.Fixed.TokenFlag; flag != "" {
		wrong := map[string]string{"auth_token": v.Locale.Text("console.fixed.error", "flag", flag)}
		return c.callbacksForm(w, r, v, http.StatusUnprocessableEntity, &t, callbacksPage{}, wrong)
	}
	var page callbacksPage
	status := http.StatusOK
	switch field(r, "do") {
	case "make":
		status, err = c.makeToken(r, v, t, &page)
	case "end":
		if err = c.Settings.EndGrace(r.Context()); err == nil && !c.keep(r, v, audit.Entry{Action: audit.SettingChanged, Subject: subjectToken, Detail: detailGraceEnded}) {
			page.Problem = v.Locale.Text("console.audit.unwritten")
		}
		page.Done = v.Locale.Text("console.token.ended")
	default:
		return auth.ErrForm
	}
	if err != nil {
		return err
	}
	if c.reload(r) != nil {
		page.Done, page.Problem = "", v.Locale.Text("console.saved.later")
	}
	t.token = ""
	return c.callbacksForm(w, r, v, status, &t, page, nil)
}

// detailGraceEnded tells the audit that a token that had been replaced was ended.
const detailGraceEnded = "the previous one ended"

// makeToken puts a new token on the page, unless that was done already.
func (c *console) makeToken(r *http.Request, v *visit, t typed, page *callbacksPage) (status int, err error) {
	kept, err := c.Settings.Tokens(r.Context(), v.Now)
	if err != nil && !errors.Is(err, settings.ErrNotSet) && !errors.Is(err, settings.ErrSealed) {
		return 0, err
	}
	if err == nil && t.since != "" && t.since != since(kept) {
		page.Problem = v.Locale.Text("console.token.again")
		return http.StatusConflict, nil
	}
	made, err := c.Settings.RotateAuthToken(r.Context())
	if err != nil {
		return 0, err
	}
	page.NewToken = made.Current
	if !c.keep(r, v, audit.Entry{Action: audit.SettingChanged, Subject: subjectToken}) {
		page.Problem = v.Locale.Text("console.audit.unwritten")
	}
	return http.StatusOK, nil
}
