package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// A service is the running fake service.
type service struct {
	origin string // of its own URLs
	token  string // checks signatures, unless ""
	die    func()

	mu          sync.Mutex
	behavior    behavior
	since       time.Time       // when it was set
	calls       int             // callbacks since the behavior was set
	listCalls   map[string]int  // list calls since then, by worker
	cursors     map[string]int  // of "token-cursor", by worker
	workers     map[string]bool // that called
	recent      []time.Time     // callbacks of the last second, for the rate limit
	log         []*entry
	inFlight    int
	maxInFlight int
	avatars     int // requested
}

func newService(origin, token string, die func()) *service {
	s := &service{origin: origin, token: token, die: die, workers: make(map[string]bool)}
	s.setBehavior(normal())
	return s
}

func (s *service) setBehavior(b behavior) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behavior, s.since, s.calls = b, time.Now(), 0
	s.listCalls, s.cursors = make(map[string]int), make(map[string]int)
}

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /crm", s.serveCallback)
	mux.HandleFunc("POST /control", s.control)
	mux.HandleFunc("GET /control/log", s.showLog)
	mux.HandleFunc("DELETE /control/log", s.clearLog)
	mux.HandleFunc("GET /control/list", s.showList)
	mux.HandleFunc("GET /avatar/{kind}/{name}", s.avatar)
	return mux
}

// A callback is a request with the behavior that applies to it.
type callback struct {
	behavior behavior
	list     int // of the worker's list call, from 1
	entry    *entry
	plus     bool // a blank came as +
	failing  bool // every other callback, or every other 2 s
}

func (s *service) serveCallback(w http.ResponseWriter, r *http.Request) {
	body, formErr := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	formErr = errors.Join(formErr, r.ParseForm())
	cb, limited := s.begin(r)
	cb.plus = bytes.Contains(body, []byte("+"))
	status := http.StatusOK
	defer func() { s.end(cb.entry, status) }()
	fail := func(code int, kind, body string) {
		status = code
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(code)
		w.Write([]byte(body))
	}
	b := cb.behavior
	if b.down {
		status = 0
		panic(http.ErrAbortHandler) // closes the connection without a response
	}
	if b.delay > 0 {
		select {
		case <-time.After(b.delay):
		case <-r.Context().Done():
			status = 499
			return
		}
	}
	switch {
	case formErr != nil:
		fail(http.StatusBadRequest, "text/plain", "bad form\n")
	case cb.entry.Signature == "missing":
		fail(http.StatusBadRequest, "text/plain", "No signature header error - X-Twilio-Signature header does not exist.\n")
	case cb.entry.Signature == "wrong":
		fail(http.StatusForbidden, "text/plain", "Twilio Request Validation Failed.\n")
	case limited:
		w.Header().Set("Retry-After", "1")
		fail(http.StatusTooManyRequests, "text/plain", "slow down\n")
	case b.redirect != 0:
		to := b.location
		if to == "" {
			to = s.origin + r.URL.RequestURI()
		}
		w.Header().Set("Location", to)
		fail(b.redirect, "text/html", "<p>moved</p>")
	case b.status != 0:
		fail(b.status, "application/json", `{"message":"no"}`)
	case cb.entry.Query != "" && (b.refusesQueries || b.wantsPercent && cb.plus):
		fail(http.StatusUnauthorized, "application/json", `{"message":"invalid signature"}`)
	case b.html404:
		fail(http.StatusNotFound, "text/html", "<!DOCTYPE html><title>Not found</title><h1>The tunnel is offline</h1>")
	case b.html500, cb.failing:
		fail(http.StatusInternalServerError, "text/html; charset=utf-8",
			"<!DOCTYPE html><html><body><h1>Internal Server Error</h1><pre>TypeError: Cannot read properties of undefined\n    at /app/providers/customers.js:17:3</pre></body></html>")
	default:
		s.respond(w, r, cb, fail)
	}
}

// respond returns the customers that a callback requests.
func (s *service) respond(w http.ResponseWriter, r *http.Request, cb callback, fail func(int, string, string)) {
	var objects any
	switch cb.entry.Location {
	case "GetCustomersList":
		page, ok := s.list(cb)
		if !ok {
			fail(http.StatusInternalServerError, "text/html", "<h1>Internal Server Error</h1>")
			return
		}
		objects = page
	case "GetCustomerDetailsByCustomerId":
		details, ok := s.details(cb)
		if !ok {
			s.notFound(cb.behavior, w, fail)
			return
		}
		objects = details
	default:
		fail(http.StatusUnprocessableEntity, "text/plain", "Unknown Location\n")
		return
	}
	body, err := json.Marshal(map[string]any{"objects": objects})
	if err != nil {
		fail(http.StatusInternalServerError, "text/plain", err.Error())
		return
	}
	s.write(w, r, cb.behavior, body)
}

// notFound responds that there is no such customer, in one of several ways.
func (s *service) notFound(b behavior, w http.ResponseWriter, fail func(int, string, string)) {
	if b.dies {
		s.die()
	}
	switch b.missing {
	case "{}":
		fail(http.StatusOK, "application/json", `{"objects":{"customer":{}}}`)
	case "null":
		fail(http.StatusOK, "application/json", `{"objects":{"customer":null}}`)
	case "empty":
		fail(http.StatusOK, "application/json", "")
	default:
		fail(http.StatusNotFound, "text/plain", "Not Found")
	}
}

// write sends a response body.
func (s *service) write(w http.ResponseWriter, r *http.Request, b behavior, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	if b.bom {
		w.Header().Set("Content-Type", "text/html")
		body = append([]byte("\ufeff"), body...)
	}
	if b.comma {
		body = bytes.ReplaceAll(body, []byte("}]"), []byte("},\n]"))
	}
	if b.truncated {
		body = body[:len(body)/2]
	}
	for b.endless && r.Context().Err() == nil {
		if _, err := w.Write(body); err != nil {
			return
		}
	}
	if b.trickle == 0 {
		w.Write(body)
		return
	}
	for len(body) > 0 && r.Context().Err() == nil {
		n := min(16, len(body))
		w.Write(body[:n])
		w.(http.Flusher).Flush()
		body = body[n:]
		time.Sleep(b.trickle)
	}
}

// signature checks the signature of a request.
func (s *service) signature(r *http.Request) string {
	given := r.Header.Get("X-Twilio-Signature")
	switch {
	case s.token == "":
		return "unchecked"
	case given == "":
		return "missing"
	case !frontline.Verify(s.token, "http://"+r.Host+r.URL.RequestURI(), r.PostForm, given):
		return "wrong"
	}
	return "ok"
}
