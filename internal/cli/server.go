package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// Limits of every connection. A phone on a bad line gets a page of 40 KiB well
// within writeTimeout; a caller of the callback gives up after 6 s anyway.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// stopGrace is how long requests in flight may take to finish after a signal,
// and silentGrace how long a connection that has not asked anything is kept.
const (
	stopGrace   = 15 * time.Second
	silentGrace = 250 * time.Millisecond
)

// softMemory is how much memory the Go side may take, beside what is held on
// purpose, before it is collected with more zeal: room for two password hashes at
// once beside the daily work. Without it, the garbage of a run of sign-ins doubles
// what the process keeps.
const softMemory = 64 << 20

// collectEarly sets that limit, unless GOMEMLIMIT says otherwise. held is the most
// that is held on purpose, in bytes: a limit below it would keep the collector busy
// with what it cannot free. What it is counted as, it takes half as much again.
func collectEarly(held int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory + held + held/2)
	}
}

// serveUntilDone answers with h until ctx ends, then takes no new connections
// and lets the requests in flight finish, for at most grace. Those that do not
// are cut off, which is an error.
func serveUntilDone(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger, grace time.Duration) error {
	// net/http writes what a service sends unasked, customers and all, to the standard
	// logger, which nothing else here uses.
	log.SetOutput(io.Discard)
	silent := new(silentConns)
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ConnState:         silent.note,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	logger.Info("stopping: requests in flight may finish", "within", grace)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	defer time.AfterFunc(silentGrace, silent.close).Stop()
	if err := server.Shutdown(stop); err != nil {
		server.Close()
		return errors.New("some requests did not finish in time and were cut off")
	}
	logger.Info("stopped")
	return nil
}

// silentConns are the connections over which nothing was ever asked: browsers
// open some in advance, and http.Server.Shutdown would wait five seconds for them.
type silentConns struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func (s *silentConns) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew {
		delete(s.conns, c)
		return
	}
	if s.conns == nil {
		s.conns = make(map[net.Conn]struct{})
	}
	s.conns[c] = struct{}{}
}

func (s *silentConns) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}
