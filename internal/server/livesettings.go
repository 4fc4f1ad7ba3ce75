package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/builtin"
	"github.com/clientele-project/clientele/internal/crm/limit"
	"github.com/clientele-project/clientele/internal/crm/mask"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/text"
)

// settingsRefresh is how often the settings are read again: what expires takes effect, and what
// failed is tried again. What another process changed is told by changeFollower.
const settingsRefresh = 5 * time.Second

// liveSettings applies the settings to the running program: the CRM that the app calls,
// the tokens that sign callbacks, and masking.
type liveSettings struct {
	settings *settings.Service
	logger   *slog.Logger
	notice   func(slog.Level, string)
	now      func() time.Time
	// fixedToken and fixedURL come from flags; "" leaves the choice to the settings.
	fixedToken, fixedURL string
	tokenCommand         string // shows the stored token
	// callbackCRM serves the callback, whichever CRM the app calls; instrumented is the same
	// service as the app calls it, for people who have a session.
	callbackCRM, instrumented frontline.CRM
	// open returns the service at a URL, or says why it cannot be called.
	open   func(url string) (*service, error)
	people func(context.Context) ([]account.Person, error)
	// limitGo is called with the most that the service caches, in bytes.
	limitGo func(caches int)
	// deleteBlobs deletes the cached responses of all services but the one with this key.
	deleteBlobs func(ctx context.Context, key string) error

	crm    swapCRM
	tokens signingTokens

	// masked is whether numbers are hidden. onMaskingRead is called after each read of
	// the setting with its version, onNumberSearch when a worker searches for a number while it is on.
	masked         atomic.Bool
	onMaskingRead  func(on bool, version string)
	handles        mask.HandleSealer
	histories      mask.HistoryStore
	onNumberSearch func(worker string)

	reading sync.Mutex // one reload at a time
	// Under reading:
	current         choice
	started, closed bool
	created         map[string]time.Time // when each worker's account was created, by text.IdentityKey

	blobsDirty atomic.Bool    // cached responses of a replaced service are to be deleted
	closing    sync.WaitGroup // replaced services
}

// newLiveSettings returns the liveSettings of the server; record is called for every call to a
// service.
func (s *Server) newLiveSettings(stored *settings.Service, record crm.Recorder) *liveSettings {
	c := s.config
	customers := builtin.New(c.DB.Customers(), c.Key.Sealer("page tokens"))
	l := &liveSettings{
		settings: stored, logger: c.Logger, notice: c.Notice, now: time.Now,
		fixedToken: c.AuthToken, fixedURL: c.CRMCallbackURL, tokenCommand: c.TokenCommand,
		callbackCRM: activeWorkers{customers, c.DB.Accounts().IsDeactivated},
		people:      s.accounts.People,
		limitGo:     s.limitGo,
		deleteBlobs: c.DB.Blobs().DeleteOtherServices,
		handles:     c.Key.HandleSealer("masked customers"),
		histories:   sealedHistories{c.DB.NumberSearches(), c.Key.Sealer("number searches")},
	}
	l.instrumented = limit.Instrumented(customers, record, true)
	l.open = externalServices{config: c, tokens: &l.tokens, record: record, processes: s.processes.count}.open
	return l
}

// A choice is what the settings say is to be called: a URL, or the built-in service if
// that is "", or nothing if the URL cannot be decrypted.
type choice struct {
	url        string
	unreadable bool
}

// start reads the settings for the first time, and generates a signing token if there
// is none. The errors are the store's.
func (s *liveSettings) start(ctx context.Context) error {
	s.crm.swap(&service{crm: errorCRM{errors.New("starting")}}, func() {})
	if s.fixedToken == "" {
		_, origin, err := s.settings.AuthToken(ctx)
		if err != nil {
			return err
		}
		switch {
		case origin == settings.OriginLost:
			s.notice(slog.LevelWarn, lostToken)
		case origin == settings.OriginGenerated && s.tokenCommand != "":
			s.notice(slog.LevelInfo, "A token that signs callbacks was generated. To see it: "+s.tokenCommand)
		}
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	return errors.Join(s.readMasking(ctx), s.readTokens(ctx), s.readCallbacks(ctx))
}

// isBuiltIn reports whether the app calls the built-in service.
func (s *liveSettings) isBuiltIn() bool {
	svc := s.crm.current()
	return svc.key == "" && svc.problem == ""
}

// reload applies the settings immediately.
func (s *liveSettings) reload(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.closed {
		return nil
	}
	return errors.Join(s.readMasking(ctx), s.readTokens(ctx), s.readCallbacks(ctx), s.deleteOldBlobs(ctx), s.retain(ctx))
}

// follow reloads now and every few seconds until ctx ends. start leaves to it what
// must not delay serving: another process may be writing.
func (s *liveSettings) follow(ctx context.Context) {
	logged := ""
	repeat(ctx, settingsRefresh, func(ctx context.Context) {
		err := s.reload(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil:
			logged = ""
		case err.Error() != logged: // once, not every five seconds
			logged = err.Error()
			s.logger.Warn("reading the settings failed; the current ones stay in use", "error", err)
		}
	})
}

func (s *liveSettings) readTokens(ctx context.Context) error {
	if s.fixedToken != "" {
		s.tokens.set(s.fixedToken)
		return nil
	}
	first := s.tokens.signing() == ""
	changed, err := s.tokens.read(ctx, s.settings, s.now())
	if changed && !first {
		s.logger.Info("the signing token has changed; the new one is in use")
	}
	return err
}

// readCallbacks swaps the service when another one is set.
func (s *liveSettings) readCallbacks(ctx context.Context) error {
	next := choice{url: s.fixedURL}
	if s.fixedURL == "" {
		stored, err := s.settings.Callbacks(ctx)
		switch {
		case errors.Is(err, settings.ErrWrongKey):
			next.unreadable = true
		case err != nil:
			return err
		}
		next.url = stored.CRM
		s.tokens.urls.Store(&stored)
	}
	if s.started && next == s.current {
		return nil
	}
	if s.started {
		s.logger.Info("the CRM callback URL has changed; the new one is in use")
	}
	s.current, s.started = next, true
	s.closing.Add(1)
	svc := s.withMasking(s.newService(next), next == choice{})
	s.limitGo(svc.memory)
	s.crm.swap(svc, func() {
		s.blobsDirty.Store(true) // what the old one still wrote while it was closed
		s.closing.Done()
	})
	s.blobsDirty.Store(true)
	return nil
}

// newService returns the chosen service, or one that fails with the reason why it
// cannot be called.
func (s *liveSettings) newService(c choice) *service {
	switch {
	case c.unreadable:
		s.notice(slog.LevelWarn, lostCallbacks)
		return &service{crm: errorCRM{settings.ErrWrongKey}, problem: lostCallbacks}
	case c.url == "":
		return &service{crm: s.instrumented}
	}
	svc, err := s.open(c.url)
	if err != nil {
		s.notice(slog.LevelWarn, "the stored CRM callback URL cannot be called, so workers see no customers until another one is set at /console/callbacks: "+err.Error())
		return &service{crm: errorCRM{err}, problem: err.Error()}
	}
	return svc
}

// deleteOldBlobs deletes the cached responses of services that are no longer called.
func (s *liveSettings) deleteOldBlobs(ctx context.Context) error {
	svc := s.crm.current()
	if svc.problem != "" || !s.blobsDirty.CompareAndSwap(true, false) {
		return nil
	}
	if err := s.deleteBlobs(ctx, svc.key); err != nil {
		s.blobsDirty.Store(true)
		return fmt.Errorf("delete the cached responses of another service: %w", err)
	}
	return nil
}

// retain drops what the service caches of people who were removed or deactivated. What
// the database held of them went with their account.
func (s *liveSettings) retain(ctx context.Context) error {
	cache := s.crm.current().cache
	if cache == nil {
		return nil
	}
	people, err := s.people(ctx)
	if err != nil {
		return err
	}
	created := make(map[string]time.Time, len(people))
	var failed []error
	for _, p := range people {
		if !p.Active() {
			continue
		}
		key := text.IdentityKey(p.Identity)
		created[key] = p.Created
		// Removed and added again since the last time: another person.
		if before, ok := s.created[key]; ok && !before.Equal(p.Created) {
			failed = append(failed, cache.Forget(ctx, p.Identity))
		}
	}
	cache.Retain(ctx, func(key string) bool {
		_, ok := created[key]
		return ok
	})
	if err := errors.Join(failed...); err != nil {
		return err // tried again at the next reload
	}
	s.created = created
	return nil
}

// close closes the current service and waits for it and those before it. No call may
// be under way.
func (s *liveSettings) close() {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.closed = true
	s.closing.Add(1)
	s.crm.swap(&service{crm: errorCRM{errors.New("stopping")}}, s.closing.Done)
	s.closing.Wait()
}

// lostCallbacks and lostToken say what the loss of the secret file means.
const (
	lostCallbacks = "the callback URLs in the database were encrypted with a different secret file, which is lost or was replaced. " +
		"Workers see no customers until the URLs are set again at /console/callbacks, or reset there to use the built-in integration service."
	lostToken = "the signing token in the database was encrypted with a different secret file, which is lost or was replaced. " +
		"A new token was generated: give it to the callers of the callback (clientele token show). Customers and people are not affected."
)
