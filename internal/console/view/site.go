// Package view holds what the page groups of the console share: rendering, audit
// entries, the addresses of the pages, and how forms, numbers and external text are
// read and written.
package view

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Site is what the handlers of every page group work with.
type Site struct {
	Pages *web.Renderer
	Audit Audit
	// Reload applies saved settings to the running program.
	Reload func(ctx context.Context) error
	// UsesBuiltIn reports whether the built-in service serves the workers.
	UsesBuiltIn func() bool
	// PublicURL is the origin that people use, "" for the address of each request.
	PublicURL string
	// TrustedProxies are the proxies whose X-Forwarded-For names the client.
	TrustedProxies []netip.Prefix
	Logger         *slog.Logger
	Now            func() time.Time
}

// Accounts finds people. *account.Service implements it, and its documentation is the
// contract.
type Accounts interface {
	People(ctx context.Context) ([]account.Person, error)
	Person(ctx context.Context, identity string) (account.Person, error)
	FindPeople(ctx context.Context, q account.PeopleQuery) (account.PeoplePage, error)
	HaveAccounts(ctx context.Context, identities []string) (func(identity string) bool, error)
}

// Render writes a page that nothing may store.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, template string, page any) error {
	auth.SetPrivate(w)
	return s.Pages.Render(w, r, status, v.Locale, template, page)
}

// Redirect redirects to the page to show after a form.
func Redirect(w http.ResponseWriter, r *http.Request, href string) error {
	http.Redirect(w, r, href, http.StatusSeeOther)
	return nil
}

// ReloadSettings calls Reload and logs its error. The settings stay saved: the caller
// must tell the administrator that they are not applied yet.
func (s *Site) ReloadSettings(r *http.Request) error {
	err := s.Reload(r.Context())
	if err != nil {
		s.Logger.Error("applying saved settings failed", "error", err)
	}
	return err
}
