package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestMaintainHourly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var runs atomic.Int64 // time.Sleep orders nothing between goroutines
		ctx, stop := context.WithCancel(t.Context())
		go maintainHourly(ctx, slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) error {
			if runs.Add(1) == 1 {
				return errors.New("disk full")
			}
			return nil
		})
		synctest.Wait()
		if runs.Load() != 1 || !strings.Contains(log.String(), "disk full") {
			t.Errorf("maintainHourly at the start: %d runs, want 1; log %q", runs.Load(), log.String())
		}
		time.Sleep(2*maintenanceInterval + time.Minute)
		synctest.Wait()
		if runs.Load() != 3 {
			t.Errorf("maintainHourly after two hours: %d runs, want 3", runs.Load())
		}
		stop()
		synctest.Wait()
		time.Sleep(2 * maintenanceInterval)
		if runs.Load() != 3 {
			t.Errorf("maintainHourly after its context ended: %d runs, want 3", runs.Load())
		}
	})
}
