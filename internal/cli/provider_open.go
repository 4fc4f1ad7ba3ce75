package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

// signInWith lets people sign in with a provider; call it before open. origin is the
// one of --public-url.
func (h *house) signInWith(f *providerFlags, origin string) error {
	if !f.set() {
		return nil
	}
	asked, err := f.open()
	if err != nil {
		return err
	}
	h.signIn.provider = true
	h.provider = &provider{
		name: f.name(), issuer: *f.issuer, clientID: *f.clientID, oidc: asked, sealer: h.key.Sealer(signInPurpose), rules: h.signIn, origin: origin,
		now: time.Now, log: h.journal.Logger,
	}
	return nil
}

// consoleProvider is the provider as the console shows it, nil when there is none.
func (h *house) consoleProvider() *console.Provider {
	if h.provider == nil {
		return nil
	}
	return &console.Provider{Issuer: h.provider.issuer, ClientID: h.provider.clientID}
}

// greetProvider says at the start what is wrong with signing in by a provider. It may
// take as long as the provider does.
func (h *house) greetProvider(ctx context.Context) {
	if h.provider == nil {
		return
	}
	if _, err := h.signIn.read(ctx); errors.Is(err, settings.ErrSealed) {
		h.journal.tell(slog.LevelWarn, lostSignIn)
	}
	if err := h.provider.oidc.Reach(ctx); err != nil && ctx.Err() == nil {
		h.journal.tell(slog.LevelWarn, "nobody can sign in with the identity provider just now; it is asked again when somebody tries: "+err.Error())
	}
}
