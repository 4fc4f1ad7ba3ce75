package server

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

// Limits of every connection. A phone on a bad line receives a page of 40 KiB well
// within writeTimeout; a caller of the callback gives up after 6 s anyway.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// stopTimeout is how long requests in flight may take to finish after a signal,
// and unusedTimeout how long a connection without any request stays open.
const (
	stopTimeout   = 15 * time.Second
	unusedTimeout = 250 * time.Millisecond
)

// softMemory is the Go memory, without the caches, above which the garbage collector runs
// more often: enough for two password hashes at a time and normal work.
// Without it, the garbage of a run of sign-ins doubles the size of the process.
const softMemory = 64 << 20

// limitMemory sets the soft memory limit, unless GOMEMLIMIT does. caches is the most
// that is cached, in bytes: with a limit below it, the collector would run all the
// time and free little. The cached values take half as much memory again as is counted.
func limitMemory(caches int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory + caches + caches/2)
	}
}

// Serve serves requests on l until ctx ends. It then accepts no new connections and
// lets requests in flight finish for at most 15 s; cutting some off is an error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return serve(ctx, l, s.handler, s.config.Logger, stopTimeout)
}

func serve(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger, timeout time.Duration) error {
	// net/http logs unsolicited data of a service, customers included, to the standard
	// logger, which nothing else here uses.
	log.SetOutput(io.Discard)
	unused := new(unusedConns)
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ConnState:         unused.track,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	logger.Info("stopping: requests in flight may finish", "within", timeout)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	defer time.AfterFunc(unusedTimeout, unused.close).Stop()
	if err := server.Shutdown(stop); err != nil {
		server.Close()
		return errors.New("some requests did not finish in time and were cut off")
	}
	logger.Info("stopped")
	return nil
}

// unusedConns are the connections without any request so far: browsers open some in
// advance, and http.Server.Shutdown would wait five seconds for them.
type unusedConns struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func (u *unusedConns) track(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.conns, c)
		return
	}
	if u.conns == nil {
		u.conns = make(map[net.Conn]struct{})
	}
	u.conns[c] = struct{}{}
}

func (u *unusedConns) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		c.Close()
	}
}
