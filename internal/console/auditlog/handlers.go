// Package auditlog serves the console's pages about the audit: finding entries, exporting
// them, and how long they are kept.
package auditlog

import (
	"context"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
)

// Settings has the rules of the audit. *settings.Service implements it.
type Settings interface {
	AuditRules(ctx context.Context) (settings.AuditRules, error)
	SaveAuditRules(ctx context.Context, next settings.AuditRules) error
}

// Options is what the handlers need in addition to the site.
type Options struct {
	Settings Settings
	Accounts view.Accounts
}

// Handlers are the actions of the routes.
type Handlers struct {
	*view.Site
	Options
}

// New returns the handlers.
func New(site *view.Site, o Options) *Handlers { return &Handlers{site, o} }
