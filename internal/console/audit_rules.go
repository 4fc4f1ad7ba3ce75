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
	stored, err := c.rules(ctx)
	f.Days, f.Views, f.Minutes = strconv.Itoa(stored.KeepDays), strconv.Itoa(stored.Views), strconv.Itoa(int(stored.Within/time.Minute))
	return err
}

// rules are those that hold: those from the beginning when they cannot be read
// any more.
func (c *console) rules(ctx context.Context) (settings.AuditRules, error) {
	stored, err := c.Settings.AuditRules(ctx)
	if errors.Is(err, settings.ErrSealed) {
		return settings.DefaultAuditRules(), nil
	}
	return stored, err
}

// SaveRules keeps what was typed: all of it, or nothing when anything is wrong.
func (c *console) SaveRules(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := rulesForm{Days: Line(Field(r, "days"), 20), Views: Line(Field(r, "views"), 20), Minutes: Line(Field(r, "minutes"), 20), Open: true}
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
		return c.render(w, r, v, http.StatusUnprocessableEntity, entriesPage{Rules: f})
	}
	stored, err := c.rules(r.Context())
	if err != nil {
		return err
	}
	target := url.Values{"done": {"rules"}}
	if next != stored {
		if err := c.Settings.SaveAuditRules(r.Context(), next); err != nil {
			return err
		}
		if !c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: SubjectAuditRules}) {
			target.Set("unwritten", "1")
		}
		if c.ReloadSettings(r) != nil {
			target.Set("done", "later")
		}
	}
	http.Redirect(w, r, "/console/audit?"+target.Encode(), http.StatusSeeOther)
	return nil
}

// The settings that are changed here, as the audit names them.
const (
	SubjectAuditRules = "audit"
	SubjectSignIn     = "sign-in"
)
