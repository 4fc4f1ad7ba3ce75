package server

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProbe(t *testing.T) {
	failing := func(context.Context) error { return errors.New("disk /dev/sda1 is on fire") }
	hanging := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		check func(context.Context) error
		want  int
	}{
		"ready":   {func(context.Context) error { return nil }, http.StatusOK},
		"failing": {failing, http.StatusServiceUnavailable},
		"hanging": {hanging, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := httptest.NewRecorder()
				begun := time.Now()
				probe(c.check).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
				if w.Code != c.want || strings.Contains(w.Body.String(), "fire") {
					t.Errorf("GET /readyz: status %d, %q; want %d without the reason", w.Code, w.Body, c.want)
				}
				if took := time.Since(begun); took > probeTimeout {
					t.Errorf("GET /readyz took %v, want at most %v", took, probeTimeout)
				}
			})
		})
	}
}

func TestInternalError(t *testing.T) {
	w := httptest.NewRecorder()
	internalError(w, nil)
	if w.Code != http.StatusInternalServerError || w.Body.String() != `{"error":{"message":"internal error"}}` {
		t.Errorf("internalError: status %d, %s", w.Code, w.Body)
	}
}
