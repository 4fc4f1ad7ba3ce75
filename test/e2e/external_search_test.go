package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestExternal_Unsearchable searches the 2,000 customers of a service that does not
// search: first the rows so far, with a note; after a while all.
func TestExternal_Unsearchable(t *testing.T) {
	for _, mode := range []string{"unsearchable", "unsearchable-late,token"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, mode+",slow&delay=60ms&customers=2000")
			srv := in.serveExternal(t, f, "--callback-rate", "50")
			v := srv.client(t, secrets[bob])
			all, rows := f.list(t, bob), f.rows(t, bob)
			last, name := rows[len(rows)-1].ID, rows[len(rows)-1].Name
			if s, _ := v.read("/customers"); len(s.ids) != 30 {
				t.Fatalf("the list shows %d rows, code %q", len(s.ids), s.code)
			}
			partial := false
			eventually(t, "the last of 2,000 is found", func() bool {
				s, _ := v.read("/customers?q=" + url.QueryEscape(name))
				if s.code != "" {
					t.Fatalf("the search shows code %q", s.code)
				}
				if slices.Contains(s.ids, last) && len(s.ids) < 10 && !s.partial {
					return true
				}
				if partial = partial || s.partial; !s.partial && len(s.ids) == 0 {
					t.Fatalf("a partial search says that nothing was found:\n%s", s.body)
				}
				return false
			})
			if !partial {
				t.Error("no search was shown as partial")
			}
			// Accents and case do not matter, as with the built-in service.
			s, _ := v.read("/customers?q=chloe+adey")
			if len(s.ids) == 0 || !strings.Contains(s.body, "Chloé") {
				t.Errorf("chloe adey finds %d rows", len(s.ids))
			}
			found, _ := v.walk("/customers?q=" + url.QueryEscape(mark(last)))
			if len(found) != len(all) {
				t.Errorf("a search for part of every name finds %d, want %d", len(found), len(all))
			}
			v.complete("/customers", all)
			if !strings.Contains(v.get("/customers").body, `placeholder="Search names"`) {
				t.Error("the search box does not say that names are searched")
			}
			if log := f.log(t); log.MaxPerSecond > 60 || log.MaxInFlight > 4 {
				t.Errorf("the service got %d requests in a second, %d at once", log.MaxPerSecond, log.MaxInFlight)
			}
		})
	}
}

// TestExternal_Search passes a search on to a service that searches, whether it sets
// searchable or not; matches can be opened.
func TestExternal_Search(t *testing.T) {
	for _, mode := range []string{"searchable", "searchable-late"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, bob)
			f := startExternal(t, mode+"&customers=300")
			srv := in.serveExternal(t, f)
			v := srv.client(t, secrets[bob])
			v.read("/customers")
			for range 2 { // the second time it has set searchable
				s, _ := v.read("/customers?q=tanaka")
				if len(s.ids) == 0 || s.code != "" || !strings.Contains(s.body, "Tanaka") {
					t.Fatalf("tanaka finds %d rows, code %q", len(s.ids), s.code)
				}
				if d, _ := v.read(customerPath(s.ids[0])); d.status != 200 {
					t.Errorf("details of the match: status %d, code %q", d.status, d.code)
				}
			}
			searched := false
			for _, r := range f.log(t).Requests {
				searched = searched || r.Query == "tanaka"
			}
			if !searched {
				t.Error("the service never got a search")
			}
		})
	}
}
