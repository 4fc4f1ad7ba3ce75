package external

import (
	"context"
	"errors"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// Forget ends a worker's crawl and drops what was found for the worker. It does not
// forget the list itself: lists.Forget does, and is to be called afterwards, so
// that nothing is added to a list that was forgotten.
func (s *localSearch) Forget(ctx context.Context, worker string) error {
	err := s.crawler.forget(ctx, worker)
	key := text.IdentityKey(worker)
	s.findings.RemoveFunc(func(k findingKey) bool { return k.worker == key })
	s.folded.RemoveFunc(func(k foldedKey) bool { return k.worker == key })
	return err
}

// Retain ends the crawls of workers that are no longer people, and drops what was
// found for them. keep is asked with text.IdentityKey of each.
func (s *localSearch) Retain(keep func(workerKey string) bool) {
	s.crawler.retain(keep)
	retain(s.findings, func(k findingKey) string { return k.worker }, keep)
	retain(s.folded, func(k foldedKey) string { return k.worker }, keep)
}

// Close ends all crawls, and waits until they have ended; when ctx ends first, it
// answers the error of ctx. Searches are still answered afterwards.
func (s *localSearch) Close(ctx context.Context) error { return s.crawler.close(ctx) }

// fallsBack tells whether an error is one that a held copy may be shown for: the
// service's own failure (48003 to 48005), not our queue, nor a mistake of ours.
func fallsBack(err error) bool {
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code {
	case frontline.CodeInvalidResponse, frontline.CodeCallbackFailed, frontline.CodeCallbackTimeout:
		return true
	}
	return false
}
