package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/crm/mask"
	"github.com/clientele-project/clientele/internal/settings"
)

// settingsRefresh is how often the settings are read anew, so that what another
// process changed (`clientele token rotate`, `user remove`) counts without a restart.
const settingsRefresh = 5 * time.Second

// services keeps the CRM that the app asks, and the tokens that callbacks are signed
// with, as the settings say they are.
type services struct {
	settings *settings.Service
	journal  *journal
	now      func() time.Time
	// fixedToken and fixedURL are those of the flags; "" leaves it to the settings.
	fixedToken, fixedURL string
	showToken            string // the command that shows the kept one
	// callee is the built-in integration service, which answers callbacks whatever the
	// app asks; builtIn is the same as the app asks it.
	callee, builtIn frontline.CRM
	// open makes the service at a URL, or says why it cannot be called.
	open func(url string) (*service, error)
	// people are those who may ask.
	people func(context.Context) ([]account.Person, error)
	// drop forgets the copies of all services but the one with this key.
	drop func(ctx context.Context, key string) error

	crm    crmSwitch
	tokens signingTokens

	// masked tells that numbers are hidden, and maskingIs is told whenever that was
	// read; handles stand for what holds a number, and numberSearched is told who
	// searched for one meanwhile.
	masked         atomic.Bool
	maskingIs      func(on bool)
	handles        mask.Handles
	numberSearched func(worker string)

	reading sync.Mutex // one reload at a time
	// Under reading:
	chosen          choice
	started, closed bool
	known           map[string]time.Time // when whom who may ask was added, by text.IdentityKey

	toDrop  atomic.Bool
	closing sync.WaitGroup // services that were replaced
}

// A choice is what the settings say is to be asked: a URL, or the built-in service
// when that is "", or nobody when there is a reason why not.
type choice struct {
	url    string
	sealed bool
}

// start reads the settings for the first time, and makes a signing token when there
// is none. The errors are the store's.
func (s *services) start(ctx context.Context) error {
	s.crm.put(&service{crm: nobody{errors.New("starting")}}, func() {})
	s.chosen = choice{url: "none yet"}
	if s.fixedToken == "" {
		_, origin, err := s.settings.AuthToken(ctx)
		if err != nil {
			return err
		}
		switch {
		case origin == settings.OriginLost:
			s.journal.tell(slog.LevelWarn, lostToken)
		case origin == settings.OriginGenerated && s.showToken != "":
			s.journal.tell(slog.LevelInfo, "A token that signs callbacks was made; to see it: "+s.showToken)
		}
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	return errors.Join(s.readMasking(ctx), s.readTokens(ctx), s.readCallbacks(ctx))
}

// reload makes what the settings say count, at once.
func (s *services) reload(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.closed {
		return nil
	}
	return errors.Join(s.readMasking(ctx), s.readTokens(ctx), s.readCallbacks(ctx), s.purge(ctx), s.retain(ctx))
}

// follow reads the settings at once, and again and again until ctx ends. What start
// leaves to it must not keep the program from serving: another process may be writing.
func (s *services) follow(ctx context.Context) {
	tick := time.NewTicker(settingsRefresh)
	defer tick.Stop()
	for said := ""; ; {
		err := s.reload(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			said = ""
		case err.Error() != said: // once, not every five seconds
			said = err.Error()
			s.journal.Warn("the settings could not be read again: those in use stay", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *services) readTokens(ctx context.Context) error {
	if s.fixedToken != "" {
		s.tokens.set(s.fixedToken)
		return nil
	}
	first := s.tokens.signing() == ""
	changed, err := s.tokens.read(ctx, s.settings, s.now())
	if changed && !first {
		s.journal.Info("the signing token has changed: the new one is used from now on")
	}
	return err
}

// readCallbacks asks another service from now on, when another one is set.
func (s *services) readCallbacks(ctx context.Context) error {
	next := choice{url: s.fixedURL}
	if s.fixedURL == "" {
		kept, err := s.settings.Callbacks(ctx)
		switch {
		case errors.Is(err, settings.ErrSealed):
			next.sealed = true
		case err != nil:
			return err
		}
		next.url = kept.CRM
		s.tokens.asked.Store(&kept)
	}
	if next == s.chosen {
		return nil
	}
	if s.started {
		s.journal.Info("the CRM callback URL has changed: the new one is asked from now on")
	}
	s.chosen, s.started = next, true
	s.closing.Add(1)
	svc := s.hideNumbersOf(s.make(next), next == choice{})
	collectEarly(pictureMemory + svc.memory)
	s.crm.put(svc, func() {
		s.toDrop.Store(true) // what it still kept while it was closed
		s.closing.Done()
	})
	s.toDrop.Store(true)
	return nil
}

// make answers the service that was chosen, or one that says that there is none.
func (s *services) make(c choice) *service {
	switch {
	case c.sealed:
		s.journal.tell(slog.LevelWarn, lostCallbacks)
		return &service{crm: nobody{settings.ErrSealed}, problem: lostCallbacks}
	case c.url == "":
		return &service{crm: s.builtIn}
	}
	svc, err := s.open(c.url)
	if err != nil {
		s.journal.tell(slog.LevelWarn, "the CRM callback URL that is kept cannot be called, so nobody sees customers until another one is set at /console/callbacks: "+err.Error())
		return &service{crm: nobody{err}, problem: err.Error()}
	}
	return svc
}

// purge forgets what was kept of services that are not asked any more.
func (s *services) purge(ctx context.Context) error {
	svc := s.crm.now()
	if svc.problem != "" || !s.toDrop.CompareAndSwap(true, false) {
		return nil
	}
	if err := s.drop(ctx, svc.key); err != nil {
		s.toDrop.Store(true)
		return fmt.Errorf("forget the copies of another service: %w", err)
	}
	return nil
}

// close ends the service that is asked, and waits for it and those before it. Call
// it when nothing is asked any more.
func (s *services) close() {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.closed = true
	s.closing.Add(1)
	s.crm.put(&service{crm: nobody{errors.New("stopping")}}, s.closing.Done)
	s.closing.Wait()
}

// lostCallbacks says what the loss of the secret file means for callback URLs.
const lostCallbacks = "the callback URLs in the database were sealed with another secret file, which is lost or was exchanged. " +
	"Nobody sees customers until they are set anew at /console/callbacks, or reset there to ask the built-in integration service."

// serviceKey is under what the copies of the service at a URL are kept.
func serviceKey(url string) (string, error) {
	canonical, err := frontline.CanonicalURL(url)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:16]), nil
}
