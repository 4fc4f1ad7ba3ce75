package auditlog

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// rulesForm is how long the audit is kept, and what counts as unusual.
type rulesForm struct {
	Days, Views, Minutes string
	// The errors of the fields. Open reports whether the form is expanded.
	DaysError, ViewsError, MinutesError string
	Open                                bool
}

// auditDone maps ?done= to the message of the notice.
var auditDone = map[string]string{"rules": "console.audit.rules.saved", "later": "console.saved.later"}

// fillRules fills in the stored rules, unless the form was posted.
func (h *Handlers) fillRules(ctx context.Context, f *rulesForm) error {
	if f.Open {
		return nil
	}
	stored, err := h.rules(ctx)
	f.Days, f.Views, f.Minutes = strconv.Itoa(stored.KeepDays), strconv.Itoa(stored.Views), strconv.Itoa(int(stored.Within/time.Minute))
	return err
}

// rules returns the stored rules, or the default ones when they cannot be decrypted.
func (h *Handlers) rules(ctx context.Context) (settings.AuditRules, error) {
	stored, err := h.Settings.AuditRules(ctx)
	if errors.Is(err, settings.ErrWrongKey) {
		return settings.DefaultAuditRules(), nil
	}
	return stored, err
}

// SaveRules saves the whole form, or nothing when a field is invalid.
func (h *Handlers) SaveRules(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := rulesForm{Days: view.Line(view.Field(r, "days"), 20), Views: view.Line(view.Field(r, "views"), 20), Minutes: view.Line(view.Field(r, "minutes"), 20), Open: true}
	number := func(text string, lowest, highest int, problem *string) int {
		n, err := strconv.Atoi(text)
		if err != nil || n < lowest || n > highest {
			*problem = v.Locale.Text("console.audit.rules.range", "min", lowest, "max", highest)
		}
		return n
	}
	next := settings.AuditRules{
		KeepDays: number(f.Days, settings.MinKeepDays, settings.MaxKeepDays, &f.DaysError),
		Views:    number(f.Views, settings.MinViews, settings.MaxViews, &f.ViewsError),
		Within:   time.Duration(number(f.Minutes, int(settings.MinWithin/time.Minute), int(settings.MaxWithin/time.Minute), &f.MinutesError)) * time.Minute,
	}
	if f.DaysError != "" || f.ViewsError != "" || f.MinutesError != "" {
		return h.render(w, r, v, http.StatusUnprocessableEntity, entriesPage{Rules: f})
	}
	stored, err := h.rules(r.Context())
	if err != nil {
		return err
	}
	target := url.Values{"done": {"rules"}}
	if next != stored {
		err := h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
			return audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectAuditRules}, h.Settings.SaveAuditRules(ctx, next)
		})
		if err != nil {
			return err
		}
		if h.ReloadSettings(r) != nil {
			target.Set("done", "later")
		}
	}
	return view.Redirect(w, r, view.AuditPath+"?"+target.Encode())
}
