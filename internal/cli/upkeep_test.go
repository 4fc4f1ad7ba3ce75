package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestUpkeepRunsAtOnceAndEveryHourWhateverFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		runs := 0
		ctx, stop := context.WithCancel(t.Context())
		go upkeep(ctx, slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) error {
			if runs++; runs == 1 {
				return errors.New("disk full")
			}
			return nil
		})
		synctest.Wait()
		if runs != 1 || !strings.Contains(log.String(), "disk full") {
			t.Errorf("at the start: %d runs, log %q", runs, log.String())
		}
		time.Sleep(2*upkeepEvery + time.Minute)
		synctest.Wait()
		if runs != 3 {
			t.Errorf("after two hours: %d runs, want 3", runs)
		}
		stop()
		synctest.Wait()
		time.Sleep(2 * upkeepEvery)
		if runs != 3 {
			t.Errorf("went on after the end: %d runs", runs)
		}
	})
}
