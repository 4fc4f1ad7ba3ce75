package sqldb_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

func TestLatest_IsNeverOutdatedAndSharesReads(t *testing.T) {
	const callers, gets = 50, 20
	var value, reads atomic.Int64
	latest := sqldb.NewLatest(func() (int64, error) {
		reads.Add(1)
		v := value.Load()
		time.Sleep(time.Millisecond) // so that what was read may be outdated when it is returned
		return v, nil
	})
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range gets {
				before := value.Add(1)
				if got, err := latest.Get(t.Context()); err != nil || got < before {
					t.Errorf("Get() = %d, %v, want at least %d", got, err, before)
				}
			}
		})
	}
	group.Wait()
	if n := reads.Load(); n > callers*gets/2 {
		t.Errorf("%d reads for %d callers of %d each, want fewer", n, callers, gets)
	}
}

func TestLatest_WaitingEndsWithTheContext(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	latest := sqldb.NewLatest(func() (int, error) { <-hold; return 0, nil })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := latest.Get(ctx); err != context.DeadlineExceeded {
		t.Errorf("Get() = %v, want %v", err, context.DeadlineExceeded)
	}
}
