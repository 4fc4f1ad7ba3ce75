package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// diskPart fills the file system of the database.
func diskPart() part {
	return part{"disk", "The disk is full", []fault{
		{"an import on the command line; run again with more room", true, fullImport},
		{"edits in the console, and reads", true, fullServe},
		{"an upload to the console", true, fullUpload},
		{"a start after a clean stop", true, fullStart},
	}}
}

// recovery is how long the program may take to notice that there is room again, or that a
// service works again.
const recovery = 10 * time.Second

// mount returns a small file system of its own.
func (l *lab) mount(size string) (dir string, err error) {
	dir = l.file("mount")
	return dir, l.mountAt(dir, size)
}

// mountAt makes a small file system in a new directory.
func (l *lab) mountAt(dir, size string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("mount: %w: %s", err, out)
	}
	l.cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	return nil
}

func remount(dir, options string) error {
	out, err := exec.Command("mount", "-o", "remount,"+options, dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("remount: %w: %s", err, out)
	}
	return nil
}

// fillDisk writes until there is no room, and then frees so many bytes.
func fillDisk(dir string, spare int64) error {
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return f.Truncate(max(0, size-spare))
}

func freeDisk(dir string) error { return os.Remove(filepath.Join(dir, "filler")) }

// diskWords are in every message about a full disk.
const diskWords = "disk is full"

func fullImport(l *lab, r *row) error {
	const rows = 30_000
	file, err := l.writeSample("import.csv", rows, 2)
	if err != nil {
		return err
	}
	dir, err := l.mount("20m")
	if err != nil {
		return err
	}
	s, err := l.newSite(dir)
	if err != nil {
		return err
	}
	_, _, want, err := s.importCopy("undisturbed", []string{file})
	if err != nil {
		return err
	}
	r.tried = 1
	_, err = s.importAndExport([]string{file})
	r.check(err != nil && strings.Contains(err.Error(), diskWords), "the import ended with %v", err)
	if err != nil {
		_, after, _ := strings.Cut(err.Error(), diskWords)
		r.held = "“" + strings.Trim(strings.TrimPrefix(strings.ReplaceAll(after, "\n", " "), ": free up space"), "; ") + "”; run again, the export is identical"
	}
	if err := remount(dir, "size=512m"); err != nil {
		return err
	}
	s.verify(r)
	got, err := s.importAndExport([]string{file})
	if err != nil {
		return err
	}
	r.check(got == want, "run again with more room, the export differs from that of an undisturbed import")
	s.verify(r)
	return nil
}

// onDisk returns a site with customers on a small disk.
func (l *lab) onDisk() (s *site, dir string, err error) {
	if dir, err = l.mount("32m"); err != nil {
		return nil, "", err
	}
	if s, err = l.newSite(dir); err != nil {
		return nil, "", err
	}
	return s, dir, s.fill(2000)
}

func fullServe(l *lab, r *row) error {
	s, dir, err := l.onDisk()
	if err == nil {
		err = s.serve()
	}
	if err != nil {
		return err
	}
	return s.fillUnder(r, dir, func() {})
}

// fillUnder fills the disk below a site that runs: edits are refused with the reason, none is
// half done, and they go on when there is space again. told checks what else says the reason.
func (s *site) fillUnder(r *row, dir string, told func()) error {
	if err := fillDisk(dir, 0); err != nil {
		return err
	}
	edits, refused := s.editUntilRefused(r, 30, diskWords)
	s.checkRefusing(r, diskWords)
	told()
	if err := freeDisk(dir); err != nil {
		return err
	}
	took, ok := s.recovers()
	r.check(ok, "no edit was accepted within %s of space being freed", recovery)
	if err := s.server.stop(); err != nil {
		return err
	}
	s.checkEdits(r, edits)
	s.verify(r)
	r.tried, r.unit = len(edits)+refused, "edits"
	r.held = fmt.Sprintf("%d refused with the reason, none half done; reads 200, `/readyz` 503; again after %s without a restart", refused, seconds(took))
	return nil
}

// editUntilRefused adds customers until so many were refused with the reason. Some are
// accepted as long as there is room in the write-ahead log; their ids are returned.
func (s *site) editUntilRefused(r *row, refusals int, reason string) (accepted []string, refused int) {
	for i := 0; refused < refusals && i < 1000; i++ {
		id := fmt.Sprintf("edit-%d", i)
		switch got, err := s.addCustomer(id, "name of "+id); {
		case err != nil:
			r.fail("an edit: %v", err)
		case got.status == http.StatusSeeOther:
			accepted = append(accepted, id)
		default:
			refused++
			r.check(got.status == http.StatusServiceUnavailable || got.status == http.StatusInsufficientStorage, "an edit was refused with status %d", got.status)
			r.check(strings.Contains(got.body, reason), "a refusal does not say %q", reason)
		}
	}
	r.check(refused == refusals, "only %d of %d edits were refused", refused, refusals)
	return accepted, refused
}

// checkRefusing checks that reads go on, and that /readyz says why nothing can be changed.
func (s *site) checkRefusing(r *row, reason string) {
	s.checkReads(r)
	got := s.ready()
	r.check(got.status == http.StatusServiceUnavailable && strings.Contains(got.body, reason), "/readyz: status %d, %q", got.status, got.body)
}

// recovers waits until edits are accepted and /readyz succeeds.
func (s *site) recovers() (time.Duration, bool) {
	i := 0
	return s.eventually(recovery, func() bool {
		i++
		got, err := s.addCustomer(fmt.Sprintf("again-%d", i), "again")
		return err == nil && got.status == http.StatusSeeOther && s.ready().status == http.StatusOK
	})
}

// checkEdits checks that exactly the accepted edits were done.
func (s *site) checkEdits(r *row, accepted []string) {
	all, err := s.export()
	if err != nil {
		r.fail("%v", err)
		return
	}
	lost := 0
	for _, id := range accepted {
		if _, ok := all[id]; ok {
			delete(all, id)
		} else {
			lost++
		}
	}
	r.check(lost == 0, "%d of %d accepted edits are lost", lost, len(accepted))
	for id := range all {
		r.check(!strings.HasPrefix(id, "edit-"), "%s was refused, and done", id)
	}
}

func fullUpload(l *lab, r *row) error {
	s, dir, err := l.onDisk()
	if err != nil {
		return err
	}
	file, err := l.writeSample("upload.csv", 60_000, 3) // larger than what is left
	if err == nil {
		err = s.serve()
	}
	if err == nil {
		err = fillDisk(dir, 1<<20)
	}
	if err != nil {
		return err
	}
	r.tried = 3
	for range r.tried {
		got, err := s.upload(file)
		r.check(err == nil && got.status == http.StatusInsufficientStorage && strings.Contains(got.body, diskWords), "an upload: status %d, %v", got.status, err)
	}
	left, err := filepath.Glob(s.database + ".uploads/*")
	r.check(err == nil && len(left) == 0, "uploads left: %v", left)
	r.held = "507 with the reason; nothing left over"
	return freeDisk(dir)
}

func fullStart(l *lab, r *row) error {
	s, dir, err := l.onDisk()
	if err != nil {
		return err
	}
	var slowest time.Duration
	for range 3 {
		if err := s.serve(); err != nil {
			return err
		}
		if err := errors.Join(s.server.stop(), fillDisk(dir, 0)); err != nil {
			return err
		}
		r.tried++
		if err := s.serve(); err != nil {
			r.fail("it did not start: %v", err)
			return freeDisk(dir)
		}
		s.checkRefusing(r, diskWords)
		if err := freeDisk(dir); err != nil {
			return err
		}
		took, ok := s.recovers()
		r.check(ok, "no edit was accepted within %s of space being freed", recovery)
		slowest = max(slowest, took)
		if err := s.server.stop(); err != nil {
			return err
		}
	}
	s.verify(r)
	r.unit, r.held = "starts", "starts, reads 200, `/readyz` 503 with the reason; takes edits "+seconds(slowest)+" after there is room"
	return nil
}
