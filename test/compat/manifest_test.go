package compat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A manifest is what people and programs had in hand when the fixture was made.
type manifest struct {
	// Build is the commit that the program was of, Made when the fixture was finished.
	Build string
	Made  time.Time
	// LastEntry is the id of the audit's newest entry.
	LastEntry int
	// Admin may export; both are administrators' cookies.
	Admin, Exporter string
	// Sessions are cookies by identity, Ended those that are good no more.
	Sessions, Ended map[string]string
	// Passwords by identity.
	Passwords map[string]string
	// Token signs callbacks, Previous did before.
	Token, Previous string
	// Pages are page tokens of the built-in service, half-way through a list or search.
	Pages []pageInHand
	// ServiceAddr is where the other service listened.
	ServiceAddr string
	// Kept is what workers had of that service.
	Kept []keptList
	// Masked are links that the app made of the built-in service's customers, with masking on.
	Masked []link
}

type pageInHand struct{ Worker, Query, Token string }

// keptList is a worker's list of the other service.
type keptList struct {
	Worker string
	// Next leads to the second page, Whole reports whether all of the list was fetched.
	Next  string
	Whole bool
	// Details are those that were looked at: their links by the service's id.
	Details map[string]string
	// Pictures are where pictures are served to this worker.
	Pictures []string
}

// link leads a worker to a customer.
type link struct{ Worker, ID, Href, Picture string }

func readManifest(t *testing.T, fixture string) (m manifest) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixture, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m manifest) write(t *testing.T, fixture string) {
	t.Helper()
	text, err := json.MarshalIndent(m, "", "\t")
	if err == nil {
		err = os.WriteFile(filepath.Join(fixture, "manifest.json"), append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
