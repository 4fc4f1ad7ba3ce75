package integration

import (
	"context"

	"github.com/clientele-project/clientele/internal/audit"
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

// saveMasking saves an edited choice, and returns the entries of that.
func (h *Handlers) saveMasking(ctx context.Context, form callbacksForm) ([]audit.Entry, error) {
	if form.masking == "" || form.masking == form.maskingWas {
		return nil, nil
	}
	e := audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectMasking, Params: audit.MaskingOff}
	if form.masking == maskOn {
		e.Params = audit.MaskingOn
	}
	changed, err := h.Settings.SetMasked(ctx, form.masking == maskOn)
	if err != nil || !changed {
		return nil, err
	}
	return []audit.Entry{e}, nil
}
