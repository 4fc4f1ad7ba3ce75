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

// fakeMerger fails the first time.
type fakeMerger struct {
	due  chan struct{}
	runs atomic.Int64
}

func (f *fakeMerger) MergeDue() <-chan struct{} { return f.due }

func (f *fakeMerger) Merge(context.Context) error {
	if f.runs.Add(1) == 1 {
		return errors.New("disk full")
	}
	return nil
}

func TestMergeWhenDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		f := &fakeMerger{due: make(chan struct{})}
		go mergeWhenDue(ctx, slog.New(slog.NewTextHandler(&log, nil)), f)
		for n := range int64(3) {
			synctest.Wait()
			if f.runs.Load() != n {
				t.Errorf("%d merges, want %d", f.runs.Load(), n)
			}
			f.due <- struct{}{}
		}
		stop()
		synctest.Wait()
		if f.runs.Load() != 3 || !strings.Contains(log.String(), "disk full") {
			t.Errorf("%d merges, want 3; log %q", f.runs.Load(), log.String())
		}
	})
}
