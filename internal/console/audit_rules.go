package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// rulesForm is how long the audit is kept, and what is unusual.
type rulesForm struct {
	Days, Views, Minutes string
	// What is wrong, beside its field; Open tells that the form is to be seen.
	DaysError, ViewsError, MinutesError string
	Open                                bool
}

// auditDone are what the page says after a success, by the value of ?done=.
var auditDone = map[string]string{"rules": "console.audit.rules.saved", "later": "console.saved.later"}

// fillRules fills in what holds, unless something was typed.
func (c *console) fillRules(ctx context.Context, f *rulesForm) error {
	if f.Open {
		return nil
	}
	kept, err := c.auditRules(ctx)
	f.Days, f.Views, f.Minutes = strconv.Itoa(kept.KeepDays), strconv.Itoa(kept.Views), strconv.Itoa(int(kept.Within/time.Minute))
	return err
}

// auditRules are those that hold: those from the beginning when they cannot be read
// any more.
func (c *console) auditRules(ctx context.Context) (settings.AuditRules, error) {
	kept, err := c.Settings.AuditRules(ctx)
	if errors.Is(err, settings.ErrSealed) {
		return settings.DefaultAuditRules(), nil
	}
	return kept, err
}

// saveRules keeps what was typed: all of it, or nothing when anything is wrong.
func (c *console) saveRules(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := rulesForm{Days: line(field(r, "days"), 20), Views: line(field(r, "views"), 20), Minutes: line(field(r, "minutes"), 20), Open: true}
	number := func(typed string, least, most int, problem *string) int {
		n, err := strconv.Atoi(typed)
		if err != nil || n < least || n > most {
			*problem = v.Locale.Text("console.audit.rules.range", "min", least, "max", most)
		}
		return n
	}
	next := settings.AuditRules{
		KeepDays: number(f.Days, settings.MinKeepDays, settings.MaxKeepDays, &f.DaysError),
		Views:    number(f.Views, settings.MinViews, settings.MaxViews, &f.ViewsError),
		Within:   time.Duration(number(f.Minutes, int(settings.MinWithin/time.Minute), int(settings.MaxWithin/time.Minute), &f.MinutesError)) * time.Minute,
	}
	if f.DaysError != "" || f.ViewsError != "" || f.MinutesError != "" {
		return c.auditForm(w, r, v, http.StatusUnprocessableEntity, auditPage{Rules: f})
	}
	kept, err := c.auditRules(r.Context())
	if err != nil {
		return err
	}
	target := url.Values{"done": {"rules"}}
	if next != kept {
		if err := c.Settings.SaveAuditRules(r.Context(), next); err != nil {
			return err
		}
		if !c.keep(r, v, audit.Entry{Action: audit.SettingChanged, Subject: subjectRules}) {
			target.Set("unwritten", "1")
		}
		if c.reload(r) != nil {
			target.Set("done", "later")
		}
	}
	http.Redirect(w, r, "/console/audit?"+target.Encode(), http.StatusSeeOther)
	return nil
}

// The settings that are changed here, as the audit names them.
const (
	subjectRules  = "audit"
	subjectSignIn = "sign-in"
)
