package server

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/internal/store/records"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// changeInterval is how often this process looks what others changed. It asks the database one
// cheap question, and a file only after a commit.
const changeInterval = 250 * time.Millisecond

// changeFollower applies what any process changed: `clientele token rotate` and `user remove`
// need no restart, and several servers behave as one.
type changeFollower struct {
	records.Changes
	server *Server
	last   int64 // the last change that was applied
	ask    chan struct{}
}

// follow looks for changes until ctx ends.
func (f *changeFollower) follow(ctx context.Context) {
	tick := time.NewTicker(changeInterval)
	defer tick.Stop()
	for {
		f.apply(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.ask:
		}
	}
}

// apply applies the changes since the last time. While the database cannot be read, nothing
// changes; databaseWatcher tells of it.
func (f *changeFollower) apply(ctx context.Context) {
	changes, err := f.After(ctx, f.last)
	if err != nil {
		return
	}
	for _, c := range changes {
		switch c.Topic {
		case records.SettingsChanged:
			_ = f.server.reload(ctx) // liveSettings.follow tries again, and logs errors
		case records.SessionsChanged:
			f.server.notifier.Wake()
		default:
			f.server.notifier.Touch(c.Topic, c.N)
		}
		f.last = c.N
	}
}

// notify tells the open pages of a worker, on every process, that they show something outdated.
func (f *changeFollower) notify(worker string) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	if err := f.Note(ctx, web.NewsTopic(text.IdentityKey(worker))); err != nil {
		f.server.config.Logger.WarnContext(ctx, "telling open pages of news failed", "error", err)
		return
	}
	select {
	case f.ask <- struct{}{}:
	default: // asked already
	}
}
