package server

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/records"
	"github.com/clientele-project/clientele/internal/web"
)

// storedLimits is the web.LimitStore of all processes. The database has digests that only the
// secret file can make: what is typed as an identity may be a password.
type storedLimits struct {
	records.Limits
	sealer *secret.HandleSealer
}

func (l storedLimits) keys(buckets []web.Bucket) []records.LimitKey {
	keys := make([]records.LimitKey, len(buckets))
	for i, b := range buckets {
		keys[i] = records.LimitKey{Account: l.account(b.Account), Key: l.digest(b.Account + "\x00" + b.Key)}
	}
	return keys
}

func (l storedLimits) account(account string) string {
	if account == "" {
		return ""
	}
	return l.digest(account)
}

func (l storedLimits) digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return l.sealer.Seal(sum[:16], "")
}

// FullAt implements web.LimitStore.
func (l storedLimits) FullAt(ctx context.Context, buckets []web.Bucket) ([]time.Time, error) {
	return l.Limits.FullAt(ctx, l.keys(buckets))
}

// Update implements web.LimitStore.
func (l storedLimits) Update(ctx context.Context, buckets []web.Bucket, change func([]time.Time) []time.Time) error {
	return l.Limits.Update(ctx, l.keys(buckets), time.Now(), change)
}

// Forget implements web.LimitStore.
func (l storedLimits) Forget(ctx context.Context, account string) error {
	return l.Limits.Forget(ctx, l.account(account))
}

// sealedHistories is the mask.HistoryStore of all processes.
type sealedHistories struct {
	records.NumberSearches
	sealer *secret.Sealer
}

// Update implements mask.HistoryStore.
func (h sealedHistories) Update(ctx context.Context, worker string, change func([]byte) ([]byte, time.Time)) error {
	return h.NumberSearches.Update(ctx, worker, func(sealed []byte) ([]byte, time.Time) {
		history, _ := h.sealer.Open(string(sealed), worker) // there is none, or the key was lost
		changed, expires := change(history)
		if changed == nil {
			return nil, expires
		}
		return []byte(h.sealer.Seal(changed, worker)), expires
	})
}
