package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// saveCallbacks keeps what was typed: all of it, or nothing when anything is wrong.
func (c *console) saveCallbacks(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := readTyped(w, r)
	if err != nil {
		return err
	}
	if wrong := c.check(t, v); len(wrong) > 0 {
		return c.callbacksForm(w, r, v, http.StatusUnprocessableEntity, &t, callbacksPage{}, wrong)
	}
	var conflicts []string
	before, after, err := c.Settings.SaveCallbacks(r.Context(), func(k *settings.Callbacks) {
		conflicts, k.WithToken = t.change(k), t.token != ""
	})
	if err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return c.conflict(w, r, v, t, conflicts, after)
	}
	written := c.keepURLs(r, v, before, after)
	if t.token != "" {
		// Had this failed before the URLs, they would be lost with the page; now they
		// are kept, and sending the form again is harmless.
		if _, err = c.Settings.SetAuthToken(r.Context(), t.token); err == nil {
			written = c.keep(r, v, audit.Entry{Action: audit.SettingChanged, Subject: subjectToken}) && written
		}
	}
	if err == nil {
		var masking bool
		masking, err = c.saveMasking(r, v, t)
		written = masking && written
	}
	target := "/console/callbacks?done=saved"
	if c.reload(r) != nil {
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

// subjectToken is the signing token in the audit; callbacks go by their own names.
const subjectToken = "token"

// keepURLs writes down which callbacks were changed, and tells whether it could.
func (c *console) keepURLs(r *http.Request, v *visit, before, after settings.Callbacks) bool {
	written := true
	for _, which := range callbacks {
		if *urlOf(&before, which) != *urlOf(&after, which) {
			written = c.keep(r, v, audit.Entry{Action: audit.SettingChanged, Subject: which}) && written
		}
	}
	return written
}

// reload makes what was saved hold. The administrator is told when it does not, the
// log why.
func (c *console) reload(r *http.Request) error {
	err := c.Reload(r.Context())
	if err != nil {
		c.Logger.Error("saved settings could not be put in force", "err", err)
	}
	return err
}

// check answers what is wrong, in words, by field.
func (c *console) check(t typed, v *visit) map[string]string {
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
		if u.value == "" || u.hasWas && digest(u.value) == u.was {
			continue // what is kept already is not judged anew: it may be someone else's flag that changed
		}
		if err := c.CheckURL(u.value); err != nil || !settable(u.value) {
			wrong[name] = urlProblem(u.value, err, v.Locale)
		}
	}
	if t.masking && t.mask != maskOn && t.mask != maskOff {
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

// conflict shows the form again: somebody else changed the same fields meanwhile.
// What they hold now is told; saving again replaces it knowingly.
func (c *console) conflict(w http.ResponseWriter, r *http.Request, v *visit, t typed, conflicts []string, now settings.Callbacks) error {
	wrong := make(map[string]string)
	for _, which := range conflicts {
		u, kept := t.urls[which], *urlOf(&now, which)
		u.was = digest(kept)
		t.urls[which] = u
		if kept == "" {
			wrong[fieldName(which)] = v.Locale.Text("console.conflict.empty")
		} else {
			wrong[fieldName(which)] = v.Locale.Text("console.conflict", "url", kept)
		}
	}
	return c.callbacksForm(w, r, v, http.StatusConflict, &t, callbacksPage{}, wrong)
}
