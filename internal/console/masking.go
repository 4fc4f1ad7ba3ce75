package console

import (
	"context"
	"net/http"

	"github.com/clientele-project/clientele/internal/audit"
)

// Masking is whether the last digits of customers' numbers are hidden from workers;
// *settings.Service keeps it.
type Masking interface {
	Masked(ctx context.Context) (bool, error)
	SetMasked(ctx context.Context, hide bool) (changed bool, err error)
}

// maskField is the form field of masking, and what it may hold.
const (
	maskField = "mask_numbers"
	maskOn    = "on"
	maskOff   = "off"
)

// The details of masking, as the audit keeps them: here it matters which way.
const (
	SubjectMasking = "masking"
	DetailMasked   = "numbers masked"
	DetailUnmasked = "numbers shown in full"
)

// maskingField is the choice between hiding numbers and showing them.
type maskingField struct {
	// Hide tells what is chosen; Was is what the form was written with, "on" or
	// "off", so that what was not touched undoes nobody's choice.
	Hide  bool
	Was   string
	Error string
}

// maskingField fills the field with what is kept, and what was typed over it.
func (c *console) maskingField(ctx context.Context, t *callbacksForm, wrong map[string]string) (f maskingField, err error) {
	hidden, err := c.Settings.Masked(ctx)
	if err != nil {
		return f, err
	}
	f = maskingField{Hide: hidden, Was: maskOff, Error: wrong[maskField]}
	if hidden {
		f.Was = maskOn
	}
	if t != nil && (t.masking == maskOn || t.masking == maskOff) {
		f.Hide = t.masking == maskOn
		if t.maskingWas != "" {
			f.Was = t.maskingWas
		}
	}
	return f, nil
}

// saveMasking keeps what was chosen, if it was. It tells whether the audit has it.
func (c *console) saveMasking(r *http.Request, v *visit, t callbacksForm) (written bool, err error) {
	if t.masking == "" || t.masking == t.maskingWas {
		return true, nil
	}
	hide, detail := t.masking == maskOn, DetailUnmasked
	if hide {
		detail = DetailMasked
	}
	changed, err := c.Settings.SetMasked(r.Context(), hide)
	if err != nil || !changed {
		return err == nil, err
	}
	return c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: SubjectMasking, Detail: detail}), nil
}
