package integration

import (
	"context"
	"net/http"

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
	FindingBad     FindingState = "bad"     // the administrator must change it first
)

// State returns FindingBad if there is such a finding, or else FindingMissing if there is
// such a finding, or else FindingGood.
func (r SetupReport) State() FindingState {
	state := FindingGood
	for _, f := range r.Findings {
		if f.State == FindingBad || f.State == FindingMissing && state == FindingGood {
			state = f.State
		}
	}
	return state
}

// TestConversations shows what is right at the messaging service, and what is missing.
func (h *Handlers) TestConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	err := h.Audit.Write(r.Context(), h.Entry(r, v, audit.Entry{Action: audit.ServiceTested, Subject: audit.SubjectConversations}))
	if err != nil {
		return err
	}
	report := h.Conversations.CheckSetup(r.Context())
	return h.renderConversations(w, r, v, http.StatusOK, conversationsPage{Report: &report})
}

// SetUpConversations sets what is missing at the messaging service. The URL of the
// company's own service is stored first, so that it cannot get lost.
func (h *Handlers) SetUpConversations(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	report := h.Conversations.CheckSetup(r.Context())
	if report.State() == FindingMissing {
		err := h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
			before, after, err := h.Settings.SaveConversations(ctx, func(c *settings.Conversations) {
				if c.Relay == "" {
					c.Relay = report.Relay
				}
			})
			return audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectConversations, Params: changedFields(audit.SetUp, before, after)}, err
		})
		if err != nil {
			return err
		}
		if err := h.ReloadSettings(r); err != nil {
			return err
		}
		report = h.Conversations.SetUp(r.Context())
	}
	return h.renderConversations(w, r, v, http.StatusOK, conversationsPage{Report: &report})
}
