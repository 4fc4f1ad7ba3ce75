// Package server builds the program from a Config and runs it: the app, the console and
// the built-in integration service over one database, the CRM stack in front of
// external services, and the work in the background.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/avatar"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/memory"
	"github.com/clientele-project/clientele/internal/oidc"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Config is what a Server is built from. DB, Key, Logger and Notice must be set.
type Config struct {
	DB     *store.DB
	Key    *secret.Key
	Logger *slog.Logger
	// Notice shows a sentence to the person who started the program.
	Notice func(level slog.Level, sentence string)

	// UploadsDir is the directory of uploaded files. It is created when there is one.
	UploadsDir string

	// Memory is how much memory caches and work may use.
	Memory memory.Budget

	// PublicURL is the origin that people and callers use, without a trailing slash;
	// "" is the address of each request.
	PublicURL      string
	TrustedProxies []netip.Prefix
	// MetricsToken lets its bearer read the metrics. When it is "", only this machine
	// may, and no one if there is a PublicURL.
	MetricsToken string

	// CRMCallbackURL and AuthToken win over the settings, unless "".
	CRMCallbackURL, AuthToken string
	// TokenCommand is the command that shows the stored signing token; "" mentions none.
	TokenCommand string
	Callbacks    CallbackLimits
	// Conversations configures the messaging service.
	Conversations ConversationsConfig
	// Provider is the identity provider that people may sign in with; nil without one.
	Provider *oidc.Options

	// AllowUnsigned and OneTap are the demo's: which callbacks need no signature, and as
	// whom a request may sign in without a password. nil allows nothing.
	AllowUnsigned func(*http.Request) bool
	OneTap        func(*http.Request) []string
}

// Server is the program: what serves HTTP, and what runs in the background.
type Server struct {
	config     Config
	database   *databaseWatcher
	accounts   *account.Service
	live       *liveSettings
	activity   *activity.Log
	diagnoses  *web.Limiter // of wrong signatures, by callback
	audit      auditor
	auditRules *auditRules
	signIn     *signInRules
	provider   *identityProvider // nil without one
	admin      *admin.Service
	avatars    *avatar.Proxy
	metrics    *metrics
	attempts   *auth.Attempts
	// notifier tells open pages when numbers are masked or shown (Set), and when a
	// session was ended (Wake).
	notifier      *web.Notifier
	changes       *changeFollower
	processes     *processes
	conversations *conversations
	handler       http.Handler

	background sync.WaitGroup
	stop       context.CancelFunc
}

// EnoughMemory is the memory that a Server can make use of, in bytes.
const EnoughMemory = 512 << 20

// What is scaled to Config.Memory: the cache of avatars, the decoding of one, and rows of
// lists, in bytes, and how many passwords are hashed at the same time.
const (
	avatarMemory   = 32 << 20
	decodingMemory = 64 << 20
	rowMemory      = 12 << 20
	maxHashes      = 2
)

// flushTimeout bounds the last write of the audit and the activity.
const flushTimeout = 10 * time.Second

// New builds a Server. Call Start before Serve, and Close at the end.
func New(ctx context.Context, c Config) (*Server, error) {
	s := &Server{
		config:    c,
		database:  &databaseWatcher{db: c.DB, notice: c.Notice},
		stop:      func() {},
		accounts:  account.NewService(c.DB.Accounts(), secret.NewPasswords(c.Memory.Scale(maxHashes)), nil),
		activity:  activity.Open(ctx, c.DB.Activity(), activity.Options{Logger: c.Logger}),
		diagnoses: web.NewLimiter(maxDiagnosed, time.Now),
		avatars:   avatar.New(avatar.Options{Sealer: c.Key.HandleSealer("avatars"), Logger: c.Logger, CacheBytes: c.Memory.Scale(avatarMemory), DecodeBytes: c.Memory.Scale(decodingMemory)}),
		metrics:   newMetrics(),
		notifier:  web.NewNotifier(stateFull),
		processes: newProcesses(c.DB.Processes(), c.DB.IsServer()),
		attempts:  auth.NewAttempts(web.NewStoredLimiter(storedLimits{c.DB.Limits(), c.Key.HandleSealer("attempts")}, time.Now)),
	}
	stored := settings.NewService(c.DB.Settings(), c.Key.Sealer(settings.SealerPurpose), nil)
	s.auditRules = &auditRules{settings: stored}
	s.audit = s.newAuditor()
	s.admin = s.newAdmin()
	s.live = s.newLiveSettings(stored, recorders{s.metrics.calls, activityRecorder{s.activity}})
	s.followMasking()
	s.changes = &changeFollower{Changes: c.DB.Changes(), server: s, ask: make(chan struct{}, 1)}
	s.conversations = s.newConversations()
	s.signIn = &signInRules{settings: stored}
	s.accounts.SetRules(s.signIn.rules)
	s.accounts.SetSessionLife(s.signIn.sessionLife)
	s.metrics.watchAvatars(s.avatars.Stats)
	s.metrics.watchService(s.live.stats)
	err := s.useProvider(c.Provider)
	if err == nil {
		s.handler, err = s.newHandler()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Start reads the settings and begins the work in the background.
func (s *Server) Start(ctx context.Context) error {
	ctx, s.stop = context.WithCancel(ctx)
	context.AfterFunc(ctx, s.notifier.Close) // waiting pages must not delay shutdown
	var err error
	if s.changes.last, err = s.changes.Last(ctx); err != nil {
		return err
	}
	s.notifier.SetNews(s.changes.last)
	if err := s.processes.join(ctx); err != nil {
		return err
	}
	if err := errors.Join(s.live.start(ctx), s.signIn.readLife(ctx), s.conversations.read(ctx)); err != nil {
		return err
	}
	s.background.Go(func() { s.changes.follow(ctx) })
	s.background.Go(func() { s.processes.follow(ctx) })
	s.background.Go(func() { s.live.follow(ctx) })
	s.background.Go(func() { s.checkProvider(ctx) })
	s.background.Go(func() {
		repeat(ctx, settingsRefresh, func(ctx context.Context) {
			_, _, _ = s.auditRules.read(ctx), s.signIn.readLife(ctx), s.conversations.read(ctx)
		}) // live.follow logs errors
	})
	s.background.Go(func() { s.conversations.compare(ctx) })
	s.background.Go(func() { repeat(ctx, followInterval, s.conversations.follow) })
	s.background.Go(func() { s.database.watch(ctx) })
	s.background.Go(func() { s.verifyDatabase(ctx) })
	s.background.Go(func() { maintainHourly(ctx, s.config.Logger, s.maintain) })
	s.background.Go(func() { mergeWhenDue(ctx, s.config.Logger, s.config.DB.Customers()) })
	return nil
}

// softMemory is the Go memory, without the caches, above which the garbage collector runs
// more often: enough for two password hashes at a time and normal work.
// Without it, the garbage of a run of sign-ins doubles the size of the process.
const softMemory = 64 << 20

// limitGo sets the soft memory limit. external is the most that is cached of an external
// service, in bytes: with a limit below all caches, the collector would run all the time
// and free little. The cached values take half as much memory again as is counted.
func (s *Server) limitGo(external int) {
	caches := int64(s.config.Memory.Scale(avatarMemory) + s.config.DB.Customers().ServerBytes() + external)
	s.config.Memory.LimitGo(softMemory + caches + caches/2)
}

// Accounts are the people of the program's database.
func (s *Server) Accounts() *account.Service { return s.accounts }

// maintain finishes what an import left undone, and deletes what has expired.
func (s *Server) maintain(ctx context.Context) error {
	db := s.config.DB
	// Deletions make room on a full disk.
	if err := db.Condition(); err != nil && !errors.Is(err, storage.ErrFull) {
		return err
	}
	return errors.Join(db.Customers().Maintain(ctx), db.Blobs().DeleteExpired(ctx, time.Now()),
		db.NumberSearches().DeleteExpired(ctx, time.Now()),
		db.Conversations().DeleteOutgoing(ctx, time.Now().Add(-outgoingLife)),
		s.auditRules.read(ctx), s.audit.Maintain(ctx))
}

// reload applies the settings immediately.
func (s *Server) reload(ctx context.Context) error {
	return errors.Join(s.live.reload(ctx), s.auditRules.read(ctx), s.signIn.readLife(ctx), s.conversations.read(ctx))
}

// Close ends the work in the background, so that the database can be closed. No
// request may be under way.
func (s *Server) Close() {
	s.stop()
	s.admin.Close()
	s.background.Wait()
	s.processes.end() // once nothing runs that others would take over
	s.conversations.Close()
	s.live.close()
	s.avatars.Close()
	s.accounts.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := s.audit.Close(ctx); err != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelError, "writing the last audit entries failed", slog.Any("error", err))
	}
	if err := s.activity.Close(ctx); err != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "writing the last activity failed", slog.Any("error", err))
	}
}

// activityRecorder records calls for the console.
type activityRecorder struct{ log *activity.Log }

// Record implements crm.Recorder.
func (r activityRecorder) Record(c crm.Call) {
	r.log.Record(activity.Entry{
		When: c.When, Took: c.Took, Queued: c.Queued, Location: c.Location, Search: c.Search, Worker: c.Worker,
		Bytes: c.Bytes, Status: c.Status, Code: int(c.Code), NotFound: c.NotFound, Hit: c.Hit, Crawl: c.Crawl, BuiltIn: c.BuiltIn,
	})
}
