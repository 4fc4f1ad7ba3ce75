package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// killPostgres kills PostgreSQL while administrators add and rename customers, and starts it
// again a moment later.
func killPostgres(l *lab, r *row) error {
	s, err := l.newSite(l.dir)
	if err == nil {
		err = s.serve()
	}
	if err != nil {
		return err
	}
	acked := &acknowledged{names: make(map[string]string)}
	editing := s.edit(0, acked)
	var slowest time.Duration
	r.unit = "kills"
	for range l.kills {
		time.Sleep(editFor())
		if err := l.postgres.kill(); err != nil {
			return err
		}
		r.tried++
		time.Sleep(rand.N(2 * time.Second))
		if err := l.postgres.start(); err != nil {
			return err
		}
		took, ok := s.recovers()
		r.check(ok, "no edit was accepted, or /readyz failed, for %s after PostgreSQL had started", recovery)
		slowest = max(slowest, took)
		got, err := s.get(root, "/console/customers")
		r.check(err == nil && got.status == http.StatusOK, "the session is gone after a kill: status %d, %v", got.status, err)
	}
	err = s.server.stop()
	editing.Wait()
	for _, wrong := range acked.wrong {
		r.fail("an edit was refused with %s", wrong)
	}
	for line := range strings.Lines(s.server.log.String()) {
		r.check(!strings.Contains(line, " status=500 "), "the log: %s", line)
	}
	r.held = fmt.Sprintf("%s acknowledged edits, all there with their audit entries; %s refused, each with 503; sessions kept; edits and `/readyz` again within %s of its start",
		thousands(acked.edits), thousands(acked.refused), seconds(slowest))
	return errors.Join(err, s.checkAcknowledged(r, acked))
}
