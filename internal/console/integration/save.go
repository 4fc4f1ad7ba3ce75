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

// SaveCallbacks saves the whole form, or nothing when a field is invalid.
func (h *Handlers) SaveCallbacks(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	form, err := readCallbacksForm(w, r, v)
	if err != nil {
		return err
	}
	if problems := h.validate(form, v); len(problems) > 0 {
		return h.renderCallbacks(w, r, v, http.StatusUnprocessableEntity, &form, callbacksPage{}, problems)
	}
	var conflicts []string
	var after settings.Callbacks
	err = h.Audit.Act(r.Context(), func(ctx context.Context) (entries []audit.Entry, err error) {
		conflicts, after, entries, err = h.save(ctx, form)
		for i := range entries {
			entries[i] = h.Entry(r, v, entries[i])
		}
		return entries, err
	})
	switch {
	case err != nil:
		return err
	case len(conflicts) > 0:
		return h.renderConflict(w, r, v, form, conflicts, after)
	case h.ReloadSettings(r) != nil:
		return view.Redirect(w, r, view.CallbacksPath+"?done=later")
	}
	return view.Redirect(w, r, view.CallbacksPath+"?done=saved")
}

// save stores the form and returns the entries of what changed. It stores nothing when
// someone else changed a callback since the form was rendered: conflicts names those.
func (h *Handlers) save(ctx context.Context, form callbacksForm) (conflicts []string, after settings.Callbacks, entries []audit.Entry, err error) {
	before, after, err := h.Settings.SaveCallbacks(ctx, func(k *settings.Callbacks) {
		conflicts, k.WithToken = form.apply(k), form.token != ""
	})
	if err != nil || len(conflicts) > 0 {
		return conflicts, after, nil, err
	}
	for _, callback := range callbacks {
		if *callbackURL(&before, callback) != *callbackURL(&after, callback) {
			entries = append(entries, audit.Entry{Action: audit.SettingChanged, Subject: callback})
		}
	}
	if form.token != "" {
		if _, err := h.Settings.SetAuthToken(ctx, form.token); err != nil {
			return nil, after, nil, err
		}
		entries = append(entries, audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectToken})
	}
	masking, err := h.saveMasking(ctx, form)
	return nil, after, append(entries, masking...), err
}

// validate returns the errors by field. It removes URLs that flags override from the
// form.
func (h *Handlers) validate(form callbacksForm, v *auth.Viewer) map[string]string {
	problems := make(map[string]string)
	for callback, u := range form.urls {
		name := fieldName(callback)
		if flag := h.flag(callback); flag != "" {
			if u.value != h.Fixed.CRM {
				problems[name] = v.Locale.Text("console.fixed.error", "flag", flag)
			}
			delete(form.urls, callback)
			continue
		}
		if u.value == "" || u.hasDigest && view.Digest(u.value) == u.digest {
			continue // not edited: a stored value stays valid for this form
		}
		if err := h.CheckURL(u.value); err != nil || !settable(u.value) {
			problems[name] = urlProblem(u.value, err, v.Locale)
		}
	}
	if form.hasMasking && form.masking != maskOn && form.masking != maskOff {
		problems[maskField] = v.Locale.Text("console.masking.error")
	}
	var invalid *settings.InvalidError
	switch {
	case form.token == "":
	case h.Fixed.TokenFlag != "":
		problems["auth_token"] = v.Locale.Text("console.fixed.error", "flag", h.Fixed.TokenFlag)
	case errors.As(settings.CheckToken(form.token), &invalid):
		problems["auth_token"] = v.Locale.Text("console.token.invalid", "min", settings.MinTokenLength, "max", settings.MaxTokenLength)
	}
	return problems
}

// flag returns the name of the flag that overrides a callback's URL, "" for none.
func (h *Handlers) flag(callback string) string {
	if callback == crm {
		return h.Fixed.CRMFlag
	}
	return ""
}

// renderConflict shows the form again with the values that someone else saved meanwhile.
// Saving again replaces them.
func (h *Handlers) renderConflict(w http.ResponseWriter, r *http.Request, v *auth.Viewer, form callbacksForm, conflicts []string, now settings.Callbacks) error {
	problems := make(map[string]string)
	for _, callback := range conflicts {
		u, stored := form.urls[callback], *callbackURL(&now, callback)
		u.digest = view.Digest(stored)
		form.urls[callback] = u
		if stored == "" {
			problems[fieldName(callback)] = v.Locale.Text("console.conflict.empty")
		} else {
			problems[fieldName(callback)] = v.Locale.Text("console.conflict", "url", stored)
		}
	}
	return h.renderCallbacks(w, r, v, http.StatusConflict, &form, callbacksPage{}, problems)
}
