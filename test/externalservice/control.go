package main

import (
	"encoding/json"
	"net/http"
	"time"
)

// An entry is a callback in the log.
type entry struct {
	Time          time.Time
	Location      string
	Worker        string
	PageSize      string
	Anchor        string
	NextPageToken string
	Query         string
	CustomerID    string `json:"CustomerId"`
	// Signature is "ok", "wrong", "missing", or "unchecked" without -auth-token.
	Signature string
	InFlight  int // callbacks in flight when it came, itself included
	// Status is 0 while the callback is in flight and if the connection was closed
	// without a response, 499 if the caller went away.
	Status int
}

// A callbackLog is the response to GET /control/log.
type callbackLog struct {
	Requests []entry
	// MaxInFlight is the most callbacks in flight at once, MaxPerSecond the most that
	// came within any second, since the log was cleared.
	MaxInFlight, MaxPerSecond int
	Avatars                   int // requested
}

// begin logs a callback, and reports whether it exceeds the rate limit.
func (s *service) begin(r *http.Request) (callback, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.inFlight++
	s.maxInFlight = max(s.maxInFlight, s.inFlight)
	f := r.PostForm
	e := &entry{Time: now, Location: f.Get("Location"), Worker: f.Get("Worker"), PageSize: f.Get("PageSize"), Anchor: f.Get("Anchor"),
		NextPageToken: f.Get("NextPageToken"), Query: f.Get("Query"), CustomerID: f.Get("CustomerId"),
		Signature: s.signature(r), InFlight: s.inFlight}
	s.log = append(s.log, e)
	s.calls++
	s.workers[e.Worker] = true
	cb := callback{behavior: s.behavior, entry: e}
	cb.failing = s.behavior.flapping && s.calls%2 == 0 || s.behavior.flaps && now.Sub(s.since)/(2*time.Second)%2 == 1
	if e.Location == "GetCustomersList" {
		s.listCalls[e.Worker]++
		cb.list = s.listCalls[e.Worker]
	}
	for len(s.recent) > 0 && now.Sub(s.recent[0]) >= time.Second {
		s.recent = s.recent[1:]
	}
	limited := s.behavior.rate > 0 && len(s.recent) >= s.behavior.rate
	if !limited {
		s.recent = append(s.recent, now)
	}
	return cb, limited
}

func (s *service) end(e *entry, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	e.Status = status
}

func (s *service) control(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b, err := parseBehavior(r.PostForm)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.setBehavior(b)
}

func (s *service) showLog(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := callbackLog{MaxInFlight: s.maxInFlight, Requests: []entry{}, Avatars: s.avatars}
	first := 0
	for i, e := range s.log {
		l.Requests = append(l.Requests, *e)
		for e.Time.Sub(s.log[first].Time) >= time.Second {
			first++
		}
		l.MaxPerSecond = max(l.MaxPerSecond, i-first+1)
	}
	writeJSON(w, l)
}

func (s *service) clearLog(http.ResponseWriter, *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log, s.maxInFlight, s.avatars = nil, s.inFlight, 0
}

// A listedRow is a row of GET /control/list.
type listedRow struct{ ID, Name string }

// showList returns a worker's true list.
func (s *service) showList(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	b := s.behavior
	s.mu.Unlock()
	rows := []listedRow{}
	for _, c := range s.visible(b, r.URL.Query().Get("worker")) {
		rows = append(rows, listedRow{b.idOf(c), c.name})
	}
	writeJSON(w, rows)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
