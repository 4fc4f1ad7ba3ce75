package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
)

const (
	// consolePage is how many customers a page of the console shows.
	consolePage = 50
	// reassignedRows is how many customers of the pool are reassigned, or a tenth of all.
	reassignedRows = 100_000
	successor      = "successor@example.com"
	// How many people and audit entries the console's pages are measured with.
	peopleRows, auditRows = 20_000, 200_000
	// moveRows at a time, with movePause in between, as the console does it.
	moveRows  = 500
	movePause = 25 * time.Millisecond
	// The pause between reads of a worker, and between an administrator's changes, while
	// customers are reassigned.
	readEvery   = 5 * time.Millisecond
	changeEvery = 40 * time.Millisecond
)

// A consoleRun holds the figures of the console's reads, of edits and of a reassignment.
type consoleRun struct {
	figures []figure
	edits   []*editRun
	moved   int
	took    time.Duration
	// Workers' reads and an administrator's changes without (quiet) and during the
	// reassignment.
	quiet, during []*repeated
}

// measureConsole times the console's reads and a reassignment on a copy of the database.
func measureConsole(ctx context.Context, o options, d database) (_ *consoleRun, err error) {
	file := d.name + ".console"
	defer func() { err = errors.Join(err, removeDatabase(file)) }()
	if err := copyFile(file, d.name); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		return nil, err
	}
	logIndex, err := os.Open(file + "-shm")
	// In this order: closing the file ends the locks that SQLite has on it.
	defer func() { err = errors.Join(err, db.Close(), logIndex.Close()) }()
	if err != nil {
		return nil, err
	}
	store := db.Customers()
	if err := store.Maintain(ctx); err != nil {
		return nil, err
	}
	r := &consoleRun{}
	if r.figures, err = readConsole(ctx, o, d, store); err != nil {
		return nil, err
	}
	more, err := readPeople(ctx, o, d, db)
	if err != nil {
		return nil, err
	}
	r.figures = append(r.figures, more...)
	if r.edits, err = measureEdits(ctx, o, d, logIndex, store); err != nil {
		return nil, fmt.Errorf("edits: %w", err)
	}
	return r, r.reassign(ctx, o, d, store)
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// readConsole times what the console's pages read.
func readConsole(ctx context.Context, o options, d database, store *store.Customers) (figures []figure, err error) {
	rng := rand.New(rand.NewPCG(seed, uint64(d.n)))
	page := func(scope customer.Scope, query string, after customer.Cursor) func() (int, error) {
		return func() (int, error) {
			page, err := store.ListAll(ctx, customer.AdminQuery{Scope: scope, Query: query, After: after, Limit: consolePage})
			return len(page.Customers), err
		}
	}
	err = store.Update(ctx, func(tx customer.Tx) error { // so that some are unassigned
		_, err := tx.Reassign(ctx, d.owner(0), "", min(200, d.n/5))
		return err
	})
	if err != nil {
		return nil, err
	}
	some, err := store.Get(ctx, strconv.Itoa(d.n/2))
	if err != nil {
		return nil, err
	}
	number := cmp.Or(channelOf(some, customer.SMS), "+1 202 555 0142")
	address := cmp.Or(channelOf(some, customer.Email), "lukasz.nowak.77@example.org")
	return timeReads(ctx, o, []read{
		{"all customers, first page", page(customer.Scope{}, "", customer.Cursor{})},
		{"all customers, any page", func() (int, error) {
			// An imported customer's row is its number.
			return page(customer.Scope{}, "", customer.Cursor{Row: 1 + rng.Int64N(int64(d.n)), Rev: 1})()
		}},
		{"search: a name", page(customer.Scope{}, "jose garcia", customer.Cursor{})},
		{"search: a frequent part of a word", page(customer.Scope{}, "ann", customer.Cursor{})},
		{"search: a whole number", page(customer.Scope{}, number, customer.Cursor{})},
		{"search: an email", page(customer.Scope{}, address, customer.Cursor{})},
		{"search: no match", page(customer.Scope{}, "qqqqqq", customer.Cursor{})},
		{"customers of a worker with 500", func() (int, error) {
			return page(customer.Scope{Worker: d.worker(rng)}, "", customer.Cursor{})()
		}},
		{"unassigned", page(customer.Scope{Unassigned: true}, "", customer.Cursor{})},
		{"groups of duplicates, 20", func() (int, error) {
			page, err := store.Duplicates(ctx, customer.DuplicateQuery{Limit: 20})
			return len(page.Groups), err
		}},
		{"totals", func() (int, error) { _, err := store.Totals(ctx); return 1, err }},
		{"customers by owner", func() (int, error) { all, err := store.OwnerCounts(ctx); return len(all), err }},
	})
}

// A read is what a page of the console reads.
type read struct {
	name string
	do   func() (int, error)
}

func timeReads(ctx context.Context, o options, reads []read) (figures []figure, err error) {
	for _, r := range reads {
		f, err := timeOperation(ctx, o.each/2, r.do)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		f.name = r.name
		figures = append(figures, f)
	}
	return figures, nil
}

// readPeople times what the console's pages of people and of the audit read.
func readPeople(ctx context.Context, o options, d database, db *store.DB) (figures []figure, err error) {
	people, entries := o.times(peopleRows), make([]audit.Entry, o.times(auditRows))
	for i := range entries {
		entries[i] = audit.Entry{When: time.Now(), Actor: d.owner(i % people), Via: "app", Action: audit.Viewed, Subject: strconv.Itoa(i), Unusual: i%100 == 0}
	}
	err = db.Audit().Atomically(ctx, func(ctx context.Context) error {
		for i := range people {
			p := account.Person{Identity: fmt.Sprintf("person%d@example.com", i), Role: account.RoleWorker, Created: time.Now()}
			if err := db.Accounts().AddPerson(ctx, p); err != nil {
				return err
			}
		}
		return db.Audit().AddEntries(ctx, entries)
	})
	if err != nil {
		return nil, err
	}
	find := func(q account.PeopleQuery) func() (int, error) {
		return func() (int, error) {
			q.Limit = consolePage
			page, err := db.Accounts().FindPeople(ctx, q)
			return len(page.People), err
		}
	}
	list := func(q audit.Query) func() (int, error) {
		return func() (int, error) {
			q.Limit = consolePage
			page, err := db.Audit().FindEntries(ctx, q)
			return len(page.Entries), err
		}
	}
	return timeReads(ctx, o, []read{
		{"20,000 people: first page", find(account.PeopleQuery{})},
		{"20,000 people: a part of an identity", find(account.PeopleQuery{Text: "son12"})},
		{"200,000 audit entries: first page", list(audit.Query{})},
		{"200,000 audit entries: of one person", list(audit.Query{Actor: pool})},
		{"200,000 audit entries: a rare combination", list(audit.Query{Actor: d.owner(0), Unusual: true})},
	})
}

// reassign gives the pool's first customers to a successor while workers read and an
// administrator changes others.
func (r *consoleRun) reassign(ctx context.Context, o options, d database, store *store.Customers) error {
	r.quiet, r.during = watchers(ctx, d, store), watchers(ctx, d, store)
	err := during(func() error { time.Sleep(max(o.each, 20*changeEvery)); return nil }, r.quiet)
	if err != nil {
		return err
	}
	begun := time.Now()
	return during(func() error {
		err := r.move(ctx, store, min(reassignedRows, d.n/10))
		r.took = time.Since(begun)
		return err
	}, append(r.during, merging(ctx, store)))
}

func (r *consoleRun) move(ctx context.Context, store *store.Customers, many int) error {
	for r.moved < many {
		err := store.Update(ctx, func(tx customer.Tx) error {
			n, err := tx.Reassign(ctx, pool, successor, min(moveRows, many-r.moved))
			if n == 0 && err == nil {
				err = errors.New("the pool is empty")
			}
			r.moved += n
			return err
		})
		if err != nil {
			return err
		}
		time.Sleep(movePause)
	}
	return ctx.Err()
}

// consoleTables returns the figures of the console, and of edits and a reassignment with
// the most customers.
func (r report) consoleTables() []*table {
	reads := r.bySize("Requests of the console to the store, microseconds (median; pages of 50)", func(m measured) (cells [][2]string) {
		for _, f := range m.console.figures {
			cells = append(cells, [2]string{f.name, micros(f.median)})
		}
		return cells
	})
	last := r.sizes[len(r.sizes)-1]
	run := last.console
	edits := &table{title: fmt.Sprintf("%s random customers of a pool of %s are edited, while each newest edit is searched for", thousands(run.edits[0].edits), thousands(last.customers/2)),
		head: []string{"edits in a transaction", "time", "written to the log", "search of the pool meanwhile, median", "p99", "searches"}}
	for _, e := range run.edits {
		edits.add(fmt.Sprint(e.together), seconds(e.took), mebibytes(e.log), millis(quantile(e.searches, 0.5)), millis(quantile(e.searches, 0.99)), thousands(len(e.searches)))
	}
	moved := &table{title: fmt.Sprintf("%s of %s customers are reassigned in %s, %d at a time, while workers read and an administrator changes others",
		thousands(run.moved), thousands(last.customers), seconds(run.took), moveRows),
		head: []string{"microseconds", "without reassignment, median", "p99", "during it, median", "p99", "longest"}}
	for i, l := range run.during {
		q := run.quiet[i].took
		moved.add(l.name, micros(quantile(q, 0.5)), micros(quantile(q, 0.99)), micros(quantile(l.took, 0.5)), micros(quantile(l.took, 0.99)), micros(quantile(l.took, 1)))
	}
	return []*table{reads, edits, moved}
}
