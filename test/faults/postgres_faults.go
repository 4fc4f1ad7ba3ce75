package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// postgresPart makes PostgreSQL refuse what the program asks of it.
func postgresPart() part {
	p := part{"postgres", "PostgreSQL refuses", []fault{
		{"no connection is left (`CONNECTION LIMIT` of its user)", false, refuseConnections},
		{"statements take longer than `statement_timeout` (tables are locked)", false, endStatements},
		{"the disk is full (of its tablespace)", true, fillTablespace},
	}}
	for i := range p.faults {
		p.faults[i].inject = onPostgres(p.faults[i].inject)
	}
	return p
}

// The words of the reasons, in the log and at /readyz.
const (
	connectionWords = "no connection left"
	timeoutWords    = "ended a statement that took too long"
	busyWords       = "The database is overloaded" // in the console
)

// limited is the user of serveLimited.
const limited = "limited"

// serveLimited starts the server on a filled database whose user is no superuser. The tablespace
// is the usual one when it is "".
func (l *lab) serveLimited(tablespace string) (*site, error) {
	database, err := l.postgres.create("")
	if err != nil {
		return nil, err
	}
	name := databaseName(database)
	statements := []string{"CREATE ROLE " + limited + " LOGIN", "ALTER DATABASE " + name + " OWNER TO " + limited}
	if tablespace != "" {
		statements = append(statements, "CREATE TABLESPACE small LOCATION '"+tablespace+"'", "ALTER DATABASE "+name+" SET TABLESPACE small")
	}
	if err := l.postgres.execAll(statements...); err != nil {
		return nil, err
	}
	s, err := l.newSiteOn(strings.Replace(database, "user=clientele", "user="+limited, 1))
	if err != nil {
		return nil, err
	}
	return s, errors.Join(s.fill(2000), s.serve())
}

// alterUser changes the program's user, and restarts PostgreSQL: it counts for new connections only.
func (p *postgres) alterUser(change string) error {
	return errors.Join(p.execAll("ALTER ROLE "+limited+" "+change), p.kill(), p.start())
}

func refuseConnections(l *lab, r *row) error {
	s, err := l.serveLimited("")
	if err == nil {
		err = l.postgres.alterUser("CONNECTION LIMIT 0")
	}
	if err != nil {
		return err
	}
	_, ok := s.eventually(recovery, func() bool { return s.ready().status == http.StatusServiceUnavailable })
	got := s.ready()
	r.check(ok && strings.Contains(got.body, connectionWords), "/readyz: status %d, %q", got.status, got.body)
	s.checkBusy(r, connectionWords)
	if err := l.postgres.execAll("ALTER ROLE " + limited + " CONNECTION LIMIT -1"); err != nil {
		return err
	}
	return s.checkAgain(r, "pages and changes 503 with `Retry-After`; the reason at `/readyz` (503) and in the log")
}

func endStatements(l *lab, r *row) error {
	s, err := l.serveLimited("")
	if err == nil {
		err = l.postgres.alterUser("SET statement_timeout = '300ms'")
	}
	if err != nil {
		return err
	}
	if _, ok := s.recovers(); !ok {
		return errors.New("no edit was accepted after PostgreSQL had started again")
	}
	locking := l.postgres.psql(databaseName(s.database))
	input, err := locking.StdinPipe() // the tables are locked while it is open
	if err != nil {
		return err
	}
	p, err := l.begin(locking)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(input, "BEGIN; LOCK TABLE customer, owner, person, session; SELECT 'locked';\n"); err != nil {
		return err
	}
	if _, ok := l.eventually(recovery, func() bool { return strings.Contains(p.log.String(), "locked") }); !ok {
		return fmt.Errorf("the tables are not locked: %s", p.log.tail())
	}
	s.checkBusy(r, timeoutWords)
	p.kill()
	return s.checkAgain(r, "pages and changes 503 with `Retry-After`; the reason in the log; `/readyz` does not ask these tables and stays 200")
}

// checkBusy checks that pages and changes are refused, with the reason in the log.
func (s *site) checkBusy(r *row, reason string) {
	for range 5 {
		for _, ask := range []struct {
			what, words string
			do          func() (response, error)
		}{
			{"the app", "The service is busy", func() (response, error) { return s.get(alice, "/customers") }},
			{"the console", busyWords, func() (response, error) { return s.get(root, "/console/customers") }},
			{"a change", busyWords, func() (response, error) { return s.addCustomer("edit-1", "edit-1") }},
			{"the callback", "unavailable", func() (response, error) { return s.callback(alice, "") }},
		} {
			got, err := ask.do()
			r.tried++
			r.check(err == nil && got.status == http.StatusServiceUnavailable && got.retry != "" && strings.Contains(got.body, ask.words),
				"%s: status %d, Retry-After %q, without %q, %v", ask.what, got.status, got.retry, ask.words, err)
		}
	}
	r.check(strings.Contains(s.server.log.String(), reason), "the log does not say %q", reason)
	r.unit = "requests"
}

// checkAgain checks that the server recovers by itself, with its people signed in.
func (s *site) checkAgain(r *row, held string) error {
	took, ok := s.recovers()
	r.check(ok, "no edit was accepted, or /readyz failed, for %s after the fault", recovery)
	s.checkReads(r)
	err := s.server.stop()
	s.checkEdits(r, nil)
	s.verify(r)
	r.held = held + "; again after " + seconds(took) + " without a restart"
	return err
}

func fillTablespace(l *lab, r *row) error {
	mount := filepath.Join(l.postgres.dir, "small")
	if err := l.mountAt(mount, "64m"); err != nil {
		return err
	}
	if _, err := postgrestest.Unprivileged(mount); err != nil { // gives it to the server's user
		return err
	}
	s, err := l.serveLimited(mount)
	if err != nil {
		return err
	}
	return s.fillUnder(r, mount, func() {
		time.Sleep(6 * time.Second) // the next check of the database
		s.checkRefusing(r, diskWords)
		r.check(strings.Contains(s.server.log.String(), diskWords), "the log does not say %q", diskWords)
	})
}
