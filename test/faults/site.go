package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
)

// The people of every site, and the token of its callbacks.
const (
	root      = "root@example.com"
	alice     = "alice@example.com"
	bob       = "bob@example.com"
	authToken = "an auth token of faults"
)

// A site is a database with people who are signed in, and the server on it while one runs.
type site struct {
	*lab
	database string
	cookies  map[string]string // session cookies, by identity
	server   *process
	started  time.Duration // that the last start took
}

// newSite makes a database, which is in dir unless it is on PostgreSQL, with root, who is an
// administrator, and workers.
func (l *lab) newSite(dir string, workers ...string) (*site, error) {
	database, err := filepath.Join(dir, "clientele.db"), error(nil)
	if l.postgres != nil {
		database, err = l.postgres.create("")
	} else {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, err
	}
	return l.newSiteOn(database, workers...)
}

// newSiteOn adds root and workers to an empty database.
func (l *lab) newSiteOn(database string, workers ...string) (_ *site, err error) {
	s := &site{lab: l, database: database, cookies: make(map[string]string)}
	db, err := store.Open(l.ctx, s.database, store.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	defer people.Wait()
	for _, identity := range append([]string{root, alice, bob}, workers...) {
		role := account.RoleWorker
		if identity == root {
			role = account.RoleAdmin
		}
		if err := people.AddPerson(l.ctx, identity, role, ""); err != nil {
			return nil, err
		}
		if s.cookies[identity], _, err = people.SignInAs(l.ctx, identity, "faults"); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// writeSample writes a file of n sample customers of alice. The same numbers with another
// seed are other customers with the same ids.
func (l *lab) writeSample(name string, n int, seed uint64) (file string, err error) {
	file = l.file(name)
	f, err := os.Create(file)
	if err != nil {
		return "", err
	}
	return file, errors.Join(sample.WriteCSV(f, n, seed, func(int) string { return alice }), f.Close())
}

// fill imports n sample customers.
func (s *site) fill(n int) error {
	file, err := s.writeSample("sample.csv", n, 1)
	if err == nil {
		_, err = s.clientele("", "import", "--database", s.database, file)
	}
	return err
}

// serveArgs are the arguments of serve.
func (s *site) serveArgs(more ...string) []string {
	return append([]string{"serve", "--addr", "127.0.0.1:0", "--database", s.database, "--auth-token", authToken}, more...)
}

// serve starts the server.
func (s *site) serve(more ...string) (err error) {
	begun := time.Now()
	s.server, err = s.listen(s.command(s.binary, s.serveArgs(more...)...))
	s.started = time.Since(begun)
	return err
}

// A response is an HTTP response with its body.
type response struct {
	status         int
	body, location string
	retry          string // Retry-After
}

var client = &http.Client{
	Timeout:       20 * time.Second,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 100},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send sends a request as a person, and reads the response.
func (s *site) send(identity, method, path, contentType string, body io.Reader, header ...string) (response, error) {
	r, err := http.NewRequestWithContext(s.ctx, method, s.server.url+path, body)
	if err != nil {
		return response{}, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if identity != "" {
		r.AddCookie(&http.Cookie{Name: "clientele", Value: s.cookies[identity]})
	}
	resp, err := client.Do(r)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, string(text), resp.Header.Get("Location"), resp.Header.Get("Retry-After")}, err
}

func (s *site) get(identity, path string) (response, error) {
	return s.send(identity, http.MethodGet, path, "", nil)
}

// formType is the content type of a form.
const formType = "application/x-www-form-urlencoded"

func (s *site) post(identity, path string, form url.Values) (response, error) {
	return s.send(identity, http.MethodPost, path, formType, strings.NewReader(form.Encode()))
}

// callback requests a worker's list as a caller does.
func (s *site) callback(worker, anchor string) (response, error) {
	const path = "/callbacks/crm"
	form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}, "PageSize": {"100"}}
	if anchor != "" {
		form.Set("Anchor", anchor)
	}
	return s.send("", http.MethodPost, path, formType, strings.NewReader(form.Encode()),
		"X-Twilio-Signature", frontline.Sign(authToken, s.server.url+path, form))
}

// checkReads checks that all three sites show what the database holds.
func (s *site) checkReads(r *row) {
	for what, read := range map[string]func() (response, error){
		"the app":      func() (response, error) { return s.get(alice, "/customers") },
		"the console":  func() (response, error) { return s.get(root, "/console/customers") },
		"the callback": func() (response, error) { return s.callback(alice, "") },
	} {
		got, err := read()
		r.check(err == nil && got.status == http.StatusOK, "%s: status %d, %v", what, got.status, err)
	}
}

// ready returns the status of /readyz, 0 when there is no response.
func (s *site) ready() response {
	got, _ := s.get("", "/readyz")
	return got
}

// A stored customer, as an export has it.
type stored struct {
	ID      string   `json:"customer_id"`
	Name    string   `json:"display_name"`
	Workers []string `json:"workers"`
}

// export returns the customers in the database.
func (s *site) export() (map[string]stored, error) {
	text, err := s.clientele("", "export", "--database", s.database)
	if err != nil {
		return nil, err
	}
	all := make(map[string]stored)
	return all, decodeLines(text, func(c stored) { all[c.ID] = c })
}

// An entry of the audit.
type entry struct{ Action, Subject string }

// audit returns how often the audit has an action on each subject.
func (s *site) audit(action string) (map[string]int, error) {
	text, err := s.clientele("", "audit", "--database", s.database, "--action", action, "--format", "json")
	if err != nil {
		return nil, err
	}
	all := make(map[string]int)
	return all, decodeLines(text, func(e entry) { all[e.Subject]++ })
}

func decodeLines[T any](text string, each func(T)) error {
	for in := json.NewDecoder(strings.NewReader(text)); ; {
		var one T
		switch err := in.Decode(&one); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		each(one)
	}
}

// verify checks the structure of the database, and that searches find what lists have.
func (s *site) verify(r *row) {
	_, err := s.clientele("", "verify", "--full", "--database", s.database)
	r.check(err == nil, "%v", err)
}

// copyTo copies the database, which no one has open, to another directory, or on PostgreSQL.
func (s *site) copyTo(dir string) (to *site, err error) {
	to = &site{lab: s.lab, database: filepath.Join(dir, "clientele.db"), cookies: maps.Clone(s.cookies)}
	if s.postgres != nil {
		to.database, err = s.postgres.create(s.database)
		return to, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for _, suffix := range []string{"", "-wal", ".secret"} {
		text, err := os.ReadFile(s.database + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err = errors.Join(err, os.WriteFile(to.database+suffix, text, 0o600)); err != nil {
			return nil, fmt.Errorf("copy %s: %w", s.database, err)
		}
	}
	return to, nil
}
