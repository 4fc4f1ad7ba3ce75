package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// control are the endpoints by which a test controls the provider. They take and return
// JSON, unprotected, since only this machine reaches them.
//
//	PUT  /control/users   [{"name":…,"subject":…,"claims":{…}}]   who can sign in
//	PUT  /control/client  {"id":…,"secret":…,"redirects":[…],…}     the allowed client
//	PUT  /control/faults  {"shift":…,"set":{…},"sign":…}            what is wrong with tokens
//	PUT  /control/down    true                                        503 to all but control
//	POST /control/rotate  {"forget":true}                             sign with a new key
//	GET  /control/state                                              {"keys_fetched":…}
func (s *storage) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /control/users", into(s, &s.users))
	mux.HandleFunc("PUT /control/client", into(s, &s.client))
	mux.HandleFunc("PUT /control/faults", into(s, &s.faults))
	mux.HandleFunc("PUT /control/down", into(s, &s.down))
	mux.HandleFunc("POST /control/rotate", func(w http.ResponseWriter, r *http.Request) {
		var how struct {
			Forget bool `json:"forget"`
		}
		if err := json.NewDecoder(r.Body).Decode(&how); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if how.Forget {
			s.keys = nil
		}
		s.keys = append(s.keys, newKey())
	})
	mux.HandleFunc("GET /control/state", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		json.NewEncoder(w).Encode(map[string]int{"keys_fetched": s.fetched})
	})
	return mux
}

// into replaces a value by the request's body.
func into[T any](s *storage, place *T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var next T
		if err := json.NewDecoder(r.Body).Decode(&next); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		*place = next
	}
}

// unlessDown serves only control while the provider is down.
func (s *storage) unlessDown(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		down := s.down
		s.mu.Unlock()
		if down && !strings.HasPrefix(r.URL.Path, "/control/") {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// counted counts how often the keys are fetched.
func (s *storage) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.fetched++
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}
