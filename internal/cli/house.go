package cli

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/avatar"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/web"
)

// house is what serve and demo have in common, and what goes on in it beside the
// answers.
type house struct {
	db       *sqlite.DB
	key      *secret.Key
	people   *account.Service
	journal  *journal
	limits   *callbackFlags
	services *services
	activity *activity.Log
	audit    auditor
	rules    *auditRules
	signIn   *signInRules
	provider *provider // nil when there is none
	office   *admin.Service
	pictures *avatar.Proxy
	metrics  *metrics
	// pulse tells open pages when numbers are hidden or shown ("masked", "full": see
	// Set), and when somebody's session was ended (Wake).
	pulse *web.Notifier

	background sync.WaitGroup
	stop       context.CancelFunc
}

// pictureMemory bounds what customers' pictures may take, in bytes.
const pictureMemory = 32 << 20

// lastFlush is how long the last of the audit and the activity may take to be
// written.
const lastFlush = 10 * time.Second

// newHouse puts the parts together; open is yet to be called.
func newHouse(ctx context.Context, db *sqlite.DB, key *secret.Key, j *journal, limits *callbackFlags) *house {
	h := &house{
		stop: func() {},
		db:   db, key: key, journal: j, limits: limits,
		people:   account.NewService(db.Accounts(), secret.NewPasswords(), nil),
		activity: activity.Open(ctx, db.Activity(), activity.Options{Logger: j.Logger}),
		pictures: avatar.New(avatar.Options{Handles: key.Handles("avatars"), Logger: j.Logger, CacheBytes: pictureMemory}),
		metrics:  newMetrics(),
		pulse:    web.NewNotifier(stateFull),
	}
	h.rules = &auditRules{settings: settingsOf(db, key)}
	h.audit = h.newAuditor()
	h.office = h.newOffice()
	h.services = h.newServices(recorders{h.metrics.calls, activityRecorder{h.activity}})
	h.followMasking()
	h.signIn = &signInRules{settings: h.services.settings}
	h.people.SetRules(h.signIn.rules)
	h.metrics.watchPictures(h.pictures.Stats)
	h.metrics.watchServices(h.services.stats)
	return h
}

// open begins what goes on until close.
func (h *house) open(ctx context.Context) error {
	ctx, h.stop = context.WithCancel(ctx)
	context.AfterFunc(ctx, h.pulse.Close) // no page that waits holds up the end
	if err := h.services.start(ctx); err != nil {
		return err
	}
	h.background.Go(func() { h.services.follow(ctx) })
	h.background.Go(func() { h.greetProvider(ctx) })
	h.background.Go(func() { h.rules.follow(ctx) })
	h.background.Go(func() { upkeep(ctx, h.journal.Logger, h.maintain) })
	return nil
}

// maintain finishes what an import left undone, and drops what was kept for long
// enough.
func (h *house) maintain(ctx context.Context) error {
	return errors.Join(h.db.Customers().Maintain(ctx), h.db.Blobs().DeleteExpired(ctx, time.Now()),
		h.rules.read(ctx), h.audit.Maintain(ctx))
}

// reload makes what the settings say count, at once.
func (h *house) reload(ctx context.Context) error {
	return errors.Join(h.services.reload(ctx), h.rules.read(ctx))
}

// close ends all that goes on, so that the database can be closed. Nothing is to be
// asked any more.
func (h *house) close() {
	h.stop()
	h.office.Close()
	h.background.Wait()
	h.services.close()
	h.pictures.Close()
	h.people.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), lastFlush)
	defer cancel()
	if err := h.audit.Close(ctx); err != nil {
		h.journal.LogAttrs(ctx, slog.LevelError, "the last entries of the audit could not be written", slog.Any("error", err))
	}
	if err := h.activity.Close(ctx); err != nil {
		h.journal.LogAttrs(ctx, slog.LevelWarn, "the last of the activity could not be written", slog.Any("error", err))
	}
}

// activityRecorder notes calls for the console.
type activityRecorder struct{ log *activity.Log }

// Record implements upstream.Recorder.
func (r activityRecorder) Record(c external.Call) {
	r.log.Record(activity.Entry{
		When: c.When, Took: c.Took, Queued: c.Queued, Location: c.Location, Search: c.Search, Worker: c.Worker,
		Bytes: c.Bytes, Status: c.Status, Code: int(c.Code), NotFound: c.NotFound, Hit: c.Hit, Crawl: c.Crawl, BuiltIn: c.BuiltIn,
	})
}
