package messaging

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// reconcileEvery is how often opening the list compares a worker's conversations with the
// messaging service, and how long that may take.
const reconcileEvery = 5 * time.Minute

// reconcileSoon compares a worker's conversations with the messaging service in the
// background, unless that was done lately.
func (s *Service) reconcileSoon(worker string) {
	if !s.begin("worker "+text.IdentityKey(worker), reconcileEvery) {
		return
	}
	s.inBackground(0, func(ctx context.Context) {
		limited, cancel := context.WithTimeout(ctx, reconcileEvery)
		defer cancel()
		if err := s.Reconcile(limited, worker); err != nil && ctx.Err() == nil {
			s.Logger.Warn("comparing a worker's conversations with the messaging service failed", "error", err)
		}
	})
}

// Reconcile compares the conversations of a worker, or with "" all active ones, with the
// messaging service, after a time in which webhooks may not have come: it adds those that
// are missing, and reads what is new in the others.
func (s *Service) Reconcile(ctx context.Context, worker string) error {
	b, err := s.Backend()
	if err != nil {
		return nil
	}
	listed := make(map[string]bool)
	for token, more := "", true; more; more = token != "" {
		var page conversation.ConversationPage
		if worker == "" {
			page, err = b.Active(ctx, token)
		} else {
			page, err = b.OfWorker(ctx, worker, token)
		}
		if err != nil {
			return err
		}
		for _, conv := range page.Conversations {
			listed[conv.SID] = true
			if err := s.reconcileOne(ctx, b, worker, conv); isFatal(ctx, err) {
				return err
			}
		}
		token = page.Next
	}
	if worker == "" {
		return nil
	}
	// Those that are missing there are no longer this worker's.
	mine, err := s.Store.Page(ctx, conversation.PageQuery{Worker: worker, Limit: maxSearched})
	for _, e := range mine.Entries {
		if !listed[e.SID] {
			if _, err := s.refresh(ctx, e.SID, ""); isFatal(ctx, err) {
				return err
			}
		}
	}
	return err
}

// isFatal reports whether an error with one conversation will come with others too.
func isFatal(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.Is(err, conversation.ErrStore) || errors.Is(err, conversation.ErrUnavailable))
}

// reconcileOne compares a conversation of a worker, or of anybody if worker is "". Of most,
// only the last message is read.
func (s *Service) reconcileOne(ctx context.Context, b conversation.Backend, worker string, conv conversation.Conversation) error {
	e, err := s.Store.Entry(ctx, conv.SID)
	if err != nil || e.Closed != conv.Closed || worker != "" && e.Member(worker) == nil || s.open(e).ParticipantSID == "" {
		_, err := s.refresh(ctx, conv.SID, "")
		return err
	}
	if e.Closed {
		return nil
	}
	last, err := b.Messages(ctx, conv.SID, 1, "")
	if err != nil || len(last.Messages) == 0 || last.Messages[0].Index <= e.LastIndex {
		return err
	}
	return s.messageAdded(ctx, conv.SID, last.Messages[0])
}

// firstRetry is when a conversation is refreshed again. Each time it takes twice as long,
// up to lastRetry.
const (
	firstRetry = time.Second
	lastRetry  = 64 * time.Second
)

// refreshLater refreshes a conversation in the background, unless that is due already.
func (s *Service) refreshLater(sid string, delay time.Duration) {
	if !s.begin(sid, delay) {
		return
	}
	s.inBackground(delay, func(ctx context.Context) {
		_, err := s.refresh(ctx, sid, "")
		switch {
		case err == nil || errors.Is(err, conversation.ErrOff) || ctx.Err() != nil:
		case delay < lastRetry:
			s.refreshLater(sid, 2*delay)
		case !errors.Is(err, conversation.ErrNotFound):
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "reading a conversation failed", slog.Any("error", err))
		}
	})
}
