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
	"sync"
	"time"
)

// Limits of every connection. A phone on a bad line receives a page of 40 KiB well
// within writeTimeout, which counts from the request: a request that waits for a change
// takes 25 s, and a download gets more time while it is read.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// stopTimeout is how long requests in flight may take to finish after a signal,
// and unusedTimeout how long a connection without any request stays open.
const (
	stopTimeout   = 15 * time.Second
	unusedTimeout = 250 * time.Millisecond
)

// Serve serves requests on l until ctx ends. It then accepts no new connections and
// lets requests in flight finish for at most 15 s; cutting some off is an error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return serve(ctx, l, s.handler, s.config.Logger, writeTimeout, stopTimeout)
}

func serve(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger, write, timeout time.Duration) error {
	// net/http logs unsolicited data of a service, customers included, to the standard
	// logger, which nothing else here uses.
	log.SetOutput(io.Discard)
	unused := new(unusedConns)
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      write,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ConnState:         unused.track,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener{l}) }()
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
