package paging

import (
	"encoding/json"
	"errors"
	"time"
)

// stored is the stored form of a Snapshot. Of its guard there is what a walk goes by that
// is at its beginning again.
type stored struct {
	ID      string    `json:"id"`
	AsOf    time.Time `json:"as_of"`
	Heard   time.Time `json:"heard"`
	State   state     `json:"state,omitempty"`
	Token   string    `json:"token,omitempty"`
	Anchor  string    `json:"anchor,omitempty"`
	ByToken bool      `json:"by_token,omitempty"`
	Full    bool      `json:"full,omitempty"`
	Pages   int       `json:"pages,omitempty"`
	High    int       `json:"high,omitempty"`
	Rows    []Row     `json:"rows"`
}

// MarshalJSON implements json.Marshaler.
func (s *Snapshot) MarshalJSON() ([]byte, error) {
	s.mu.RLock()
	form := stored{ID: s.id, AsOf: s.asOf, Heard: s.heard, State: s.state,
		Token: s.next.token, Anchor: s.next.anchor, ByToken: s.next.byToken, Full: s.next.full, Pages: s.guard.pages, High: s.guard.high, Rows: s.rows}
	s.mu.RUnlock() // rows are only ever appended
	return json.Marshal(form)
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Snapshot) UnmarshalJSON(b []byte) error {
	var form stored
	if err := json.Unmarshal(b, &form); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.asOf, s.heard, s.index = form.ID, form.AsOf, form.Heard, make(map[string]int32, len(form.Rows))
	s.next = question{token: form.Token, anchor: form.Anchor, byToken: form.ByToken, full: form.Full}
	s.guard = guard{pages: form.Pages, high: form.High}
	if s.append(form.Rows) != len(form.Rows) || s.id == "" {
		return errors.New("stored list is incomplete or repeats customers")
	}
	s.state = form.State
	return nil
}
