package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

// clockPart moves the clock. Neither can a process get a wall clock of its own, nor does
// the program have one clock for everything, so the audit runs in this process: its code,
// on a real database, with its clock moved.
func clockPart() part {
	return part{"clock", "The clock is wrong (the audit's code on a real database, in process, with its clock moved)", []fault{
		{"400 days ahead, three starts with an entry each, then right again", false, moveClock(400)},
		{"400 days behind, three starts with an entry each, then right again", false, moveClock(-400)},
		{"on PostgreSQL, 400 days ahead", false, onPostgres(moveClock(400))},
		{"on PostgreSQL, 400 days behind", false, onPostgres(moveClock(-400))},
	}}
}

const (
	// enteredDays is the age of the oldest entry: there is one for each day.
	enteredDays = 60
	// keptDays is the retention: by a right clock no entry is too old.
	keptDays = 365
)

func moveClock(days int) func(*lab, *row) error {
	return func(l *lab, r *row) error {
		s, err := l.newSite(l.dir)
		if err != nil {
			return err
		}
		if err := s.enterAudit(); err != nil {
			return err
		}
		entries := enteredDays
		moved := time.Duration(days) * 24 * time.Hour
		// The first start sees the right clock. One entry is written by each start.
		for _, off := range []time.Duration{0, moved, moved, moved, 0, -moved, 0} {
			if err := s.runAudit(off); err != nil {
				return err
			}
			entries++
			if off != 0 {
				r.tried++
			}
		}
		left, err := s.countAudit()
		if err != nil {
			return err
		}
		if lost := entries - left; lost > 0 {
			r.broken += lost
			r.samples = append(r.samples, fmt.Sprintf("%d of %d entries are lost", lost, entries))
		}
		r.unit = "starts"
		r.figure = fmt.Sprintf("%d of %d entries are left; retention %d days", left, entries, keptDays)
		return nil
	}
}

// enterAudit writes an entry for each of the last days.
func (s *site) enterAudit() (err error) {
	db, err := store.Open(s.ctx, s.database, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var entries []audit.Entry
	for day := enteredDays; day > 0; day-- {
		entries = append(entries, audit.Entry{When: time.Now().AddDate(0, 0, -day), Actor: root, Action: audit.Exported})
	}
	return db.Audit().AddEntries(s.ctx, entries)
}

// runAudit is a start of the audit with the clock off by so much: it writes an entry,
// drops what it holds for old, and ends.
func (s *site) runAudit(off time.Duration) (err error) {
	db, err := store.Open(s.ctx, s.database, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log := audit.Open(db.Audit(), audit.Options{
		Logger: slog.New(slog.DiscardHandler),
		Now:    func() time.Time { return time.Now().Add(off) },
		Rules:  func() audit.Rules { return audit.Rules{KeepDays: keptDays} },
	})
	for range 3 {
		err = errors.Join(err, log.Maintain(s.ctx))
	}
	err = errors.Join(err, log.Write(s.ctx, audit.Entry{Actor: root, Action: audit.Exported}))
	return errors.Join(err, log.Maintain(s.ctx), log.Close(s.ctx))
}

// countAudit returns the number of entries in the audit.
func (s *site) countAudit() (n int, err error) {
	db, err := store.Open(s.ctx, s.database, store.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, err := range audit.All(s.ctx, db.Audit(), audit.Query{}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
