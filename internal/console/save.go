package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// SaveCallbacks keeps what was typed: all of it, or nothing when anything is wrong.
func (c *console) SaveCallbacks(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := readCallbacksForm(w, r)
	if err != nil {
		return err
	}
	if wrong := c.validate(t, v); len(wrong) > 0 {
		return c.renderCallbacks(w, r, v, http.StatusUnprocessableEntity, &t, callbacksPage{}, wrong)
	}
	var conflicts []string
	before, after, err := c.Settings.SaveCallbacks(r.Context(), func(k *settings.Callbacks) {
		conflicts, k.WithToken = t.apply(k), t.token != ""
	})
	if err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return c.renderConflict(w, r, v, t, conflicts, after)
	}
	written := c.recordURLs(r, v, before, after)
	if t.token != "" {
		// Had this failed before the URLs, they would be lost with the page; now they
		// are kept, and sending the form again is harmless.
		if _, err = c.Settings.SetAuthToken(r.Context(), t.token); err == nil {
			written = c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: SubjectToken}) && written
		}
	}
	if err == nil {
		var masking bool
		masking, err = c.saveMasking(r, v, t)
		written = masking && written
	}
	target := "/console/callbacks?done=saved"
	if c.ReloadSettings(r) != nil {
		target = "/console/callbacks?done=later"
	}
	if err != nil {
		return err
	}
	if !written {
		target += "&unwritten=1"
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// SubjectToken is the signing token in the audit; callbacks go by their own names.
const SubjectToken = "token"

// recordURLs writes down which callbacks were changed, and tells whether it could.
func (c *console) recordURLs(r *http.Request, v *visit, before, after settings.Callbacks) bool {
	written := true
	for _, which := range callbacks {
		if *callbackURL(&before, which) != *callbackURL(&after, which) {
			written = c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: which}) && written
		}
	}
	return written
}

// ReloadSettings makes what was saved hold. The administrator is told when it does not, the
// log why.
func (c *console) ReloadSettings(r *http.Request) error {
	err := c.Reload(r.Context())
	if err != nil {
		c.Logger.Error("saved settings could not be put in force", "err", err)
	}
	return err
}

// validate answers what is wrong, in words, by field.
func (c *console) validate(t callbacksForm, v *visit) map[string]string {
	wrong := make(map[string]string)
	for which, u := range t.urls {
		name := fieldName(which)
		if flag := c.flag(which); flag != "" {
			if u.value != c.Fixed.CRM {
				wrong[name] = v.Locale.Text("console.fixed.error", "flag", flag)
			}
			delete(t.urls, which)
			continue
		}
		if u.value == "" || u.hasDigest && Digest(u.value) == u.digest {
			continue // what is kept already is not judged anew: it may be someone else's flag that changed
		}
		if err := c.CheckURL(u.value); err != nil || !settable(u.value) {
			wrong[name] = urlProblem(u.value, err, v.Locale)
		}
	}
	if t.hasMasking && t.masking != maskOn && t.masking != maskOff {
		wrong[maskField] = v.Locale.Text("console.masking.error")
	}
	var invalid *settings.InvalidError
	switch {
	case t.token == "":
	case c.Fixed.TokenFlag != "":
		wrong["auth_token"] = v.Locale.Text("console.fixed.error", "flag", c.Fixed.TokenFlag)
	case errors.As(settings.CheckToken(t.token), &invalid):
		wrong["auth_token"] = v.Locale.Text("console.token.invalid", "min", settings.MinTokenLength, "max", settings.MaxTokenLength)
	}
	return wrong
}

// flag names the flag that fixes a callback's URL, "" for none.
func (c *console) flag(which string) string {
	if which == crm {
		return c.Fixed.CRMFlag
	}
	return ""
}

// renderConflict shows the form again: somebody else changed the same fields meanwhile.
// What they hold now is told; saving again replaces it knowingly.
func (c *console) renderConflict(w http.ResponseWriter, r *http.Request, v *visit, t callbacksForm, conflicts []string, now settings.Callbacks) error {
	wrong := make(map[string]string)
	for _, which := range conflicts {
		u, stored := t.urls[which], *callbackURL(&now, which)
		u.digest = Digest(stored)
		t.urls[which] = u
		if stored == "" {
			wrong[fieldName(which)] = v.Locale.Text("console.conflict.empty")
		} else {
			wrong[fieldName(which)] = v.Locale.Text("console.conflict", "url", stored)
		}
	}
	return c.renderCallbacks(w, r, v, http.StatusConflict, &t, callbacksPage{}, wrong)
}
