package main

import (
	"encoding/json"
	"net/http"
	"time"
)

// An entry tells of one callback.
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
	InFlight  int // callbacks under way when it came, itself included
	// Status is 0 while it is under way and for a connection closed without an
	// answer; 499 tells that the caller went away.
	Status int
}

// A logged is what GET /control/log answers.
type logged struct {
	Requests []entry
	// MaxInFlight is the most callbacks under way at once, MaxPerSecond the most
	// that came within any second, since the log was cleared.
	MaxInFlight, MaxPerSecond int
	Avatars                   int // pictures asked for
}

// begin notes a callback, and tells whether it is one too many.
func (s *service) begin(r *http.Request) (question, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	f := r.PostForm
	e := &entry{Time: now, Location: f.Get("Location"), Worker: f.Get("Worker"), PageSize: f.Get("PageSize"), Anchor: f.Get("Anchor"),
		NextPageToken: f.Get("NextPageToken"), Query: f.Get("Query"), CustomerID: f.Get("CustomerId"),
		Signature: s.signature(r), InFlight: s.inFlight}
	s.log = append(s.log, e)
	s.calls++
	s.known[e.Worker] = true
	q := question{how: s.how, number: s.calls, entry: e}
	if e.Location == "GetCustomersList" {
		s.lists[e.Worker]++
		q.list = s.lists[e.Worker]
	}
	for len(s.recent) > 0 && now.Sub(s.recent[0]) >= time.Second {
		s.recent = s.recent[1:]
	}
	limited := s.how.rate > 0 && len(s.recent) >= s.how.rate
	if !limited {
		s.recent = append(s.recent, now)
	}
	return q, limited
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
	b, err := parseBehaviour(r.PostForm)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.behave(b)
}

func (s *service) showLog(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := logged{MaxInFlight: s.most, Requests: []entry{}, Avatars: s.pictures}
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
	s.log, s.most, s.pictures = nil, s.inFlight, 0
}

// A listed is a row of GET /control/list.
type listed struct{ ID, Name string }

// showList answers what a worker's list really is.
func (s *service) showList(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	b := s.how
	s.mu.Unlock()
	rows := []listed{}
	for _, c := range s.visible(b, r.URL.Query().Get("worker")) {
		rows = append(rows, listed{b.idOf(c), c.name})
	}
	writeJSON(w, rows)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
