package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"time"
)

// databasePart takes the database away from the running program, or damages it.
func databasePart() part {
	return part{"database", "The database file is taken away, damaged or read-only", []fault{
		{"deleted while `serve` runs", false, deleteDatabase},
		{"replaced by `mv` while `serve` runs", false, replaceDatabase},
		{"overwritten in place by an older copy (`cp`) while `serve` runs", false, overwriteDatabase},
		{"64 bytes flipped in 5 % of its pages, before a start and while `serve` runs", false, damageDatabase},
		{"on a file system that is read-only, at a start", true, readOnlyDatabase},
	}}
}

// The words of the reasons, in the console and at /readyz.
const (
	replacedWords = "replaced or deleted"
	damagedWords  = "damaged"
	readOnlyWords = "cannot be written"
)

// refusals is how many edits are tried that must be refused.
const refusals = 50

// serveEdited starts the server on a filled database and adds some customers.
func (l *lab) serveEdited(dir string) (s *site, edits []string, err error) {
	if s, err = l.newSite(dir); err != nil {
		return nil, nil, err
	}
	if err := errors.Join(s.fill(2000), s.serve()); err != nil {
		return nil, nil, err
	}
	for i := range 20 {
		id := fmt.Sprintf("edit-before-%d", i)
		if got, err := s.addCustomer(id, id); err != nil || got.status != http.StatusSeeOther {
			return nil, nil, errors.Join(err, fmt.Errorf("adding a customer: status %d", got.status))
		}
		edits = append(edits, id)
	}
	return s, edits, nil
}

func deleteDatabase(l *lab, r *row) error {
	for i := range 3 {
		s, _, err := l.serveEdited(l.file(fmt.Sprint("deleted", i)))
		if err != nil {
			return err
		}
		if err := os.Remove(s.database); err != nil {
			return err
		}
		accepted, _ := s.editUntilRefused(r, refusals, replacedWords)
		r.check(len(accepted) == 0, "%d edits were accepted into a deleted file", len(accepted))
		s.checkRefusing(r, replacedWords)
		r.check(s.server.stop() == nil, "it does not stop: %s", s.server.log.tail())
		r.tried++
	}
	r.held = fmt.Sprintf("%d edits each, 0 accepted; reads 200, `/readyz` 503 with the reason", refusals)
	return nil
}

func replaceDatabase(l *lab, r *row) error {
	for i := range 3 {
		dir := l.file(fmt.Sprint("replaced", i))
		s, edits, err := l.serveEdited(dir)
		if err != nil {
			return err
		}
		other, err := l.newSite(l.file("other")) // without customers
		if err != nil {
			return err
		}
		// The open file keeps a second name: it must hold what was acknowledged.
		kept := &site{lab: l, database: dir + "/kept.db"}
		if err := errors.Join(os.Link(s.database, kept.database), os.Rename(other.database, s.database)); err != nil {
			return err
		}
		accepted, _ := s.editUntilRefused(r, refusals, replacedWords)
		r.check(len(accepted) == 0, "%d edits were accepted into a replaced file", len(accepted))
		s.checkRefusing(r, replacedWords)
		if err := s.server.stop(); err != nil {
			return err
		}
		// What is now at the path is the other database, and whole.
		s.verify(r)
		all, err := s.export()
		r.check(err == nil && len(all) == 0, "the other database has %d customers, want none, %v", len(all), err)
		kept.checkEdits(r, edits)
		kept.verify(r)
		if err := os.RemoveAll(l.file("other")); err != nil {
			return err
		}
		r.tried++
	}
	r.held = fmt.Sprintf("%d edits each, 0 accepted; the replacement is whole, the open file has every edit acknowledged before", refusals)
	return nil
}

// overwriteDatabase writes a backup over the open file, which operations.md forbids: what
// was acknowledged before is lost by that. Nothing may be acknowledged afterwards that is
// lost too.
func overwriteDatabase(l *lab, r *row) error {
	var accepted, refused int
	for i := range 3 {
		s, _, err := l.serveEdited(l.file(fmt.Sprint("overwritten", i)))
		if err != nil {
			return err
		}
		backup := l.file("backup.db")
		if _, err := s.clientele("", "backup", backup, "--database", s.database); err != nil {
			return err
		}
		text, err := os.ReadFile(backup)
		if err == nil {
			err = os.WriteFile(s.database, text, 0o600)
		}
		if err != nil {
			return err
		}
		edits, no := s.editUntilRefused(r, refusals, damagedWords)
		got := s.ready()
		r.check(got.status == http.StatusServiceUnavailable, "/readyz: status %d", got.status)
		if err := s.server.stop(); err != nil {
			return err
		}
		if len(edits) > 0 {
			s.checkEdits(r, edits)
		}
		if _, err := s.clientele("", "restore", backup, "--database", s.database); err != nil {
			return err
		}
		s.verify(r)
		accepted, refused = accepted+len(edits), refused+no
		r.tried++
	}
	r.held = fmt.Sprintf("%d edits afterwards, %d accepted, the rest refused with the reason; whole after `clientele restore`", accepted+refused, accepted)
	return nil
}

// damage flips 64 bytes in 5 % of the pages, but not in the first.
func damage(file string, seed uint64) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const page = 4096
	rng := rand.New(rand.NewPCG(seed, 1))
	for at := int64(page); at+page <= info.Size(); at += page {
		if rng.IntN(20) > 0 {
			continue
		}
		var bytes [64]byte
		from := at + rng.Int64N(page-64)
		if _, err := f.ReadAt(bytes[:], from); err != nil {
			return err
		}
		for i := range bytes {
			bytes[i] ^= 0xFF
		}
		if _, err := f.WriteAt(bytes[:], from); err != nil {
			return err
		}
	}
	return nil
}

func damageDatabase(l *lab, r *row) error {
	accepted, slowest := 0, time.Duration(0)
	for i := range 6 {
		running := i%2 == 1
		s, err := l.newSite(l.dir)
		if err == nil {
			err = s.fill(10_000)
		}
		backup := l.file("backup.db")
		if err == nil {
			_, err = s.clientele("", "backup", backup, "--database", s.database)
		}
		if err == nil && running {
			err = s.serve()
		}
		if err == nil {
			err = damage(s.database, uint64(i))
		}
		if err == nil && !running {
			err = s.serve() // which checks the database
		}
		if err != nil {
			return err
		}
		took, found := l.eventually(recovery, func() bool {
			s.readAll()
			return s.ready().status == http.StatusServiceUnavailable
		})
		r.check(found, "/readyz: still 200 after %s of reads", seconds(took))
		slowest = max(slowest, took)
		some, _ := s.editUntilRefused(r, refusals, damagedWords)
		accepted += len(some)
		r.check(len(some) == 0, "%d edits were accepted after damage was found", len(some))
		s.server.stop()
		_, err = s.clientele("", "verify", "--database", s.database)
		r.check(err != nil, "`clientele verify` finds nothing")
		if _, err := s.clientele("", "restore", backup, "--database", s.database); err != nil {
			return err
		}
		s.verify(r)
		if err := os.Remove(s.database); err != nil {
			return err
		}
		r.tried++
	}
	r.held = fmt.Sprintf("found within %s of a start or of reads; %d edits after that, %d accepted; `/readyz` 503; whole after `clientele restore`", seconds(slowest), r.tried*refusals, accepted)
	return nil
}

// A listPage is a page of a callback's list.
type listPage struct {
	Objects struct {
		Customers []stored `json:"customers"`
	} `json:"objects"`
}

// readAll reads alice's whole list as a caller does, as far as it can be read.
func (s *site) readAll() {
	for anchor := ""; ; {
		got, err := s.callback(alice, anchor)
		var page listPage
		if err != nil || json.Unmarshal([]byte(got.body), &page) != nil || len(page.Objects.Customers) == 0 {
			return
		}
		anchor = page.Objects.Customers[len(page.Objects.Customers)-1].ID
	}
}

func readOnlyDatabase(l *lab, r *row) error {
	s, dir, err := l.onDisk()
	if err == nil {
		err = remount(dir, "ro")
	}
	if err != nil {
		return err
	}
	r.tried = 1
	if err := s.serve("--secret-file", l.file("secret")); err != nil {
		return err
	}
	s.editUntilRefused(r, refusals, readOnlyWords)
	s.checkRefusing(r, readOnlyWords)
	if err := s.server.stop(); err != nil {
		return err
	}
	if err := errors.Join(remount(dir, "rw"), s.serve("--secret-file", l.file("secret"))); err != nil {
		return err
	}
	_, ok := s.recovers()
	r.check(ok, "no edit is accepted once it can be written")
	if err := s.server.stop(); err != nil {
		return err
	}
	s.verify(r)
	r.held = fmt.Sprintf("%d edits refused with the reason; reads 200, `/readyz` 503", refusals)
	return nil
}
