package integration

import (
	"context"
	"html/template"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Conversations reads and sets the configuration at the messaging service, with the saved
// settings.
type Conversations interface {
	// On reports whether a messaging service is configured.
	On() bool
	// CheckSetup compares the configuration there with what conversations need.
	CheckSetup(ctx context.Context) SetupReport
	// SetUp sets what CheckSetup finds missing, and checks again.
	SetUp(ctx context.Context) SetupReport
}

// SetupReport is what was found at the messaging service.
type SetupReport struct {
	Findings []Finding
	// CanSetUp reports whether SetUp can set something.
	CanSetUp bool
	// Relay is the URL of the company's own service that gets the webhooks until SetUp
	// replaces it, "" for none.
	Relay string
}

// Finding is one thing that was checked. The message console.setup.CODE describes it.
type Finding struct {
	Code  string
	State FindingState
	// Value is what it is about, such as a URL or addresses, or "".
	Value string
}

// FindingState says who has something to do.
type FindingState string

// The states.
const (
	FindingGood    FindingState = "good"    // nothing to do
	FindingNote    FindingState = "note"    // worth knowing
	FindingMissing FindingState = "missing" // SetUp sets it
	FindingBad     FindingState = "bad"     // the administrator must change it
)

// setupResult is a report as the page shows it.
type setupResult struct {
	Title    string
	Findings []findingRow
	CanSetUp bool
}

type findingRow struct {
	Code  string
	State FindingState
	Text  template.HTML
}

func describeSetup(report SetupReport, v *auth.Viewer) *setupResult {
	result := &setupResult{Title: "console.setup.good", CanSetUp: report.CanSetUp}
	for _, f := range report.Findings {
		result.Findings = append(result.Findings, findingRow{f.Code, f.State, v.Locale.HTML("console.setup."+f.Code, "value", f.Value)})
		if f.State == FindingBad || f.State == FindingMissing && result.Title == "console.setup.good" {
			result.Title = "console.setup." + string(f.State)
		}
	}
	result.Title = v.Locale.Text(result.Title)
	return result
}

// TestConversations shows what is right at the messaging service, and what is missing.
func (h *Handlers) TestConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	return h.renderSetup(w, r, v, func() (SetupReport, error) {
		err := h.Audit.Write(r.Context(), h.Entry(r, v, audit.Entry{Action: audit.ServiceTested, Subject: audit.SubjectConversations}))
		if err != nil {
			return SetupReport{}, err
		}
		return h.Conversations.CheckSetup(r.Context()), nil
	})
}

// SetUpConversations sets what is missing at the messaging service. The URL of the
// company's own service is stored first, so that it cannot get lost.
func (h *Handlers) SetUpConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	return h.renderSetup(w, r, v, func() (SetupReport, error) {
		report := h.Conversations.CheckSetup(r.Context())
		if !report.CanSetUp {
			return report, nil
		}
		err := h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
			before, after, err := h.Settings.SaveConversations(ctx, func(c *settings.Conversations) {
				if c.SetUpAt = v.Now.UTC(); c.Relay == "" {
					c.Relay = report.Relay
				}
			})
			return audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectConversations, Params: changedFields(audit.SetUp, before, after)}, err
		})
		if err != nil {
			return report, err
		}
		if err := h.ReloadSettings(r); err != nil {
			return report, err
		}
		return h.Conversations.SetUp(r.Context()), nil
	})
}

// renderSetup writes the page with a report, unless there are too many.
func (h *Handlers) renderSetup(w http.ResponseWriter, r *http.Request, v *auth.Viewer, report func() (SetupReport, error)) error {
	if wait := h.takeTest(true, v); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds()+1)))
		return h.renderConversations(w, r, v, http.StatusTooManyRequests, conversationsPage{Problem: v.Locale.Text("console.test.limited")}, nil)
	}
	found, err := report()
	if err != nil {
		return err
	}
	return h.renderConversations(w, r, v, http.StatusOK, conversationsPage{Result: describeSetup(found, v)}, nil)
}
