package integration

import (
	"context"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The form field of masking and its values.
const (
	maskField = "mask_numbers"
	maskOn    = "on"
	maskOff   = "off"
)

// maskingField is the choice between masked numbers and full numbers.
type maskingField struct {
	// Masked is the choice. Was is the stored one when the form was rendered, "on" or "off":
	// a field that was not edited is not saved.
	Masked bool
	Was    string
	Error  string
}

// maskingField returns the field with the posted choice, or the stored one.
func (h *Handlers) maskingField(ctx context.Context, form *callbacksForm, problems map[string]string) (f maskingField, err error) {
	masked, err := h.Settings.Masked(ctx)
	if err != nil {
		return f, err
	}
	f = maskingField{Masked: masked, Was: maskOff, Error: problems[maskField]}
	if masked {
		f.Was = maskOn
	}
	if form != nil && (form.masking == maskOn || form.masking == maskOff) {
		f.Masked = form.masking == maskOn
		if form.maskingWas != "" {
			f.Was = form.maskingWas
		}
	}
	return f, nil
}

// saveMasking saves an edited choice, and reports whether the audit has it.
func (h *Handlers) saveMasking(r *http.Request, v *auth.Viewer, form callbacksForm) (recorded bool, err error) {
	if form.masking == "" || form.masking == form.maskingWas {
		return true, nil
	}
	masked, detail := form.masking == maskOn, audit.DetailUnmasked
	if masked {
		detail = audit.DetailMasked
	}
	changed, err := h.Settings.SetMasked(r.Context(), masked)
	if err != nil || !changed {
		return err == nil, err
	}
	return h.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectMasking, Detail: detail}), nil
}
