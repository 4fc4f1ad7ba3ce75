package main

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// jobLimit is how long a job of the console may take.
const jobLimit = 60 * time.Second

// upload sends a file to the console.
func (s *site) upload(file string) (response, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return response{}, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		return response{}, err
	}
	if _, err := part.Write(content); err != nil {
		return response{}, err
	}
	if err := form.Close(); err != nil {
		return response{}, err
	}
	return s.send(root, http.MethodPost, "/console/customers/import", form.FormDataContentType(), &body)
}

// unlessBusy starts a job. On PostgreSQL, that of a server which was killed is in its way until
// that server has not been heard of for ten seconds.
func (s *site) unlessBusy(start func() (response, error)) (got response, err error) {
	s.eventually(jobLimit, func() bool {
		got, err = start()
		return s.postgres == nil || got.status != http.StatusConflict
	})
	return got, err
}

// waitForJob waits until the page of a job shows that it has ended.
func (s *site) waitForJob(path string) error {
	var last response
	if _, ok := s.eventually(jobLimit, func() bool {
		last, _ = s.get(root, path)
		return last.status == http.StatusOK && !strings.Contains(last.body, "data-live")
	}); !ok {
		return fmt.Errorf("the job at %s did not end: status %d", path, last.status)
	}
	return nil
}

// beginImport uploads a file and starts its import. It returns the path of the job.
func (s *site) beginImport(file string) (path string, err error) {
	got, err := s.unlessBusy(func() (response, error) { return s.upload(file) })
	if err != nil || got.status != http.StatusSeeOther {
		return "", errors.Join(err, fmt.Errorf("the upload: status %d", got.status))
	}
	if err := s.waitForJob(got.location); err != nil {
		return "", err
	}
	_, id, _ := strings.Cut(got.location, "id=")
	page, err := s.get(root, got.location)
	if err != nil {
		return "", err
	}
	form := selectedOptions(page.body)
	form.Set("id", id)
	form.Set("do", "run")
	run, err := s.post(root, "/console/customers/import/one", form)
	if err != nil || run.status != http.StatusSeeOther || strings.Contains(run.location, "done=") {
		return "", errors.Join(err, fmt.Errorf("starting the import: status %d to %s", run.status, run.location))
	}
	return got.location, nil
}

// selectedOptions returns the column mapping that the page of an import proposes.
func selectedOptions(page string) url.Values {
	form := make(url.Values)
	for _, field := range strings.Split(page, "<select ")[1:] {
		field, _, _ = strings.Cut(field, "</select>")
		name := attribute(field, "name")
		for _, option := range strings.Split(field, "<option")[1:] {
			if head, _, _ := strings.Cut(option, ">"); strings.Contains(head, "selected") {
				form.Set(name, attribute(head, "value"))
			}
		}
	}
	return form
}

// attribute returns the value of the first attribute of this name.
func attribute(tag, name string) string {
	_, value, _ := strings.Cut(tag, name+`="`)
	value, _, _ = strings.Cut(value, `"`)
	return value
}

// killConsoleImport kills the server during imports in the console, and runs the import
// again to its end.
func killConsoleImport(l *lab, r *row) error {
	empty, err := l.newSite(l.dir)
	if err != nil {
		return err
	}
	file, err := l.writeSample("import.csv", importedRows, 2)
	if err != nil {
		return err
	}
	_, _, want, err := empty.importCopy("undisturbed", []string{file})
	if err != nil {
		return err
	}
	s, err := empty.copyTo(l.file("console"))
	if err != nil {
		return err
	}
	r.unit = "kills"
	for _, after := range []time.Duration{100, 250, 400, 600} {
		if err := s.serve(); err != nil {
			return err
		}
		if s.postgres == nil { // whose other processes may still need them; they are kept for a day
			left, err := filepath.Glob(s.database + ".uploads/*")
			r.check(err == nil && len(left) == 0, "uploads left after a kill: %v", left)
		}
		if _, err := s.beginImport(file); err != nil {
			return err
		}
		if killLater(s.server, after*time.Millisecond) {
			r.tried++
		}
		s.verify(r)
	}
	if err := s.serve(); err != nil {
		return err
	}
	job, err := s.beginImport(file)
	if err == nil {
		err = s.waitForJob(job)
	}
	if err == nil {
		err = s.server.stop()
	}
	if err != nil {
		return err
	}
	got, err := s.clientele("", "export", "--database", s.database)
	if err != nil {
		return err
	}
	r.check(got == want, "run again to its end, the export differs from that of an undisturbed import")
	entries, err := s.audit("import")
	r.check(err == nil && entries[filepath.Base(file)] >= r.tried+2, "the audit has %v of %d begun and 1 finished imports, %v", entries, r.tried+1, err)
	r.held = thousands(importedRows) + " rows; export identical to that of an undisturbed import"
	if s.postgres == nil {
		r.held += "; no uploads left"
	}
	return nil
}

// killReassignment kills the server while all of alice's customers are given to bob, and
// runs the reassignment again to its end.
func killReassignment(l *lab, r *row) error {
	s, err := l.newSite(l.dir)
	if err == nil {
		err = s.fill(importedRows)
	}
	if err != nil {
		return err
	}
	r.unit = "kills"
	for _, after := range []time.Duration{50, 150, 300, 0} { // the last is not killed
		owned, err := s.owners()
		if err != nil {
			return err
		}
		r.check(owned[alice]+owned[bob] == importedRows, "alice has %d and bob %d customers, want %d in all", owned[alice], owned[bob], importedRows)
		if err := s.serve(); err != nil {
			return err
		}
		if owned[alice] == 0 {
			break
		}
		got, err := s.unlessBusy(func() (response, error) {
			return s.post(root, "/console/customers/reassign", url.Values{"from": {"of:" + alice}, "to": {"of:" + bob}, "count": {strconv.Itoa(owned[alice])}})
		})
		if err != nil || got.status != http.StatusSeeOther {
			return errors.Join(err, fmt.Errorf("the reassignment: status %d", got.status))
		}
		if after == 0 {
			if err := s.waitForJob(got.location); err != nil {
				return err
			}
			break
		}
		if killLater(s.server, after*time.Millisecond) {
			r.tried++
		}
	}
	if err := s.server.stop(); err != nil {
		return err
	}
	owned, err := s.owners()
	if err != nil {
		return err
	}
	r.check(owned[bob] == importedRows && owned[alice] == 0, "run again, bob has %d of %d customers", owned[bob], importedRows)
	entries, err := s.audit("reassigned")
	r.check(err == nil && entries[alice] >= r.tried+2, "the audit has %d entries of %d begun and 1 finished reassignments, %v", entries[alice], r.tried+1, err)
	s.verify(r)
	r.held = thousands(importedRows) + " customers; each has one owner after each kill, and the new one at the end"
	return nil
}

// owners returns how many customers each worker has.
func (s *site) owners() (map[string]int, error) {
	all, err := s.export()
	n := make(map[string]int)
	for _, c := range all {
		for _, w := range c.Workers {
			n[w]++
		}
	}
	return n, err
}
