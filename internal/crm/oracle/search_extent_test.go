package external

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// makeVersion makes a version of rows "id name", which ends with the last when whole.
func makeVersion(id string, asOf time.Time, whole bool, rows ...string) *version {
	v := newVersion(id, asOf)
	for _, r := range rows {
		id, name, _ := strings.Cut(r, " ")
		v.add([]row{{ID: id, Name: name}})
	}
	if whole {
		v.end()
	}
	return v
}

func TestWhatIsSearchedOfTwoVersions(t *testing.T) {
	now := time.Now()
	old := func(whole bool) *version {
		return makeVersion("old", now.Add(-time.Hour), whole, "1 Ann Old", "2 Bob Ann", "3 Annabel", "4 Joanna", "5 Zoe Ann")
	}
	tests := []struct {
		name     string
		versions []*version // in the order in which they were begun
		want     string     // ids, for "ann"
		covered  int
		partial  bool
		asOf     time.Time
	}{
		{"one that is whole", []*version{old(true)}, "1 3 2 5 4", 5, false, now.Add(-time.Hour)},
		{"one that is not", []*version{old(false)}, "1 3 2 5 4", 5, true, now.Add(-time.Hour)},
		{"a short new one before a whole old one",
			[]*version{old(true), makeVersion("new", now, false, "6 Ann New", "5 Zoe Ann", "1 Renamed")}, "6 3 5 2 4", 6, false, now.Add(-time.Hour)},
		{"a short new one before a longer one that is not whole",
			[]*version{old(false), makeVersion("new", now, false, "6 Ann New", "5 Zoe")}, "6 1 3 2 4", 6, true, now.Add(-time.Hour)},
		{"a new one that is whole", []*version{old(true), makeVersion("new", now, true, "6 Ann New", "5 Zoe Ann")}, "6 5", 2, false, time.Time{}},
		{"a new one that reaches further",
			[]*version{old(false), makeVersion("new", now, false, "9 A", "8 B", "7 C", "6 D", "5 E", "4 Ann")}, "4", 6, true, time.Time{}},
		{"a whole list of nobody", []*version{makeVersion("new", now, true)}, "", 0, false, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(byToken{}, 0)
			l := newLists(f)
			s := newLocalSearch(l, l, testSealer(), searchOptions{})
			if err := s.Close(t.Context()); err != nil { // so that nothing is crawled
				t.Fatal(err)
			}
			s.learnt.note(frontline.SearchableNo, false)
			for _, v := range tt.versions {
				l.Book(t.Context(), "alice").begin(v)
			}
			for _, size := range []int{1, 2, 30} {
				ids, first := searchFor(t, s, "ann", size)
				if got := strings.Join(ids, " "); got != tt.want {
					t.Errorf("found %q, want %q", got, tt.want)
				}
				m := first.Meta
				if m.Covered != tt.covered || m.Partial != tt.partial || !m.AsOf.Equal(tt.asOf.Truncate(time.Millisecond)) {
					t.Errorf("it says %+v, want %d, %v, %v", m, tt.covered, tt.partial, tt.asOf)
				}
			}
		})
	}
}

func TestASearchThatWasBegunDoesNotSeeWhatComes(t *testing.T) {
	f := newFake(byToken{}, 0)
	l := newLists(f)
	s := newLocalSearch(l, l, testSealer(), searchOptions{})
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.learnt.note(frontline.SearchableNo, false)
	v := newVersion("v", time.Now())
	add := func(from, to int) {
		for i := from; i < to; i++ {
			v.add([]row{{ID: fmt.Sprint(i), Name: fmt.Sprintf("Ann %04d", i)}})
		}
	}
	add(0, 700)
	l.Book(t.Context(), "alice").begin(v)
	var ids []string
	req := frontline.ListRequest{Worker: "alice", Query: "ann", PageSize: 100}
	for n := 700; ; n += 300 {
		resp, err := s.CustomersList(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range resp.Customers {
			ids = append(ids, c.ID)
		}
		if resp.Meta.Covered != 700 {
			t.Errorf("it covers %d", resp.Meta.Covered)
		}
		if req.NextPageToken = resp.NextPageToken; req.NextPageToken == "" {
			break
		}
		add(n, n+300)
		s.findings.RemoveFunc(func(findingKey) bool { return n%2 == 0 })
	}
	if len(ids) != 700 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 700 {
		t.Errorf("%d found, with repeats", len(ids))
	}
	if ids, _ := searchFor(t, s, "ann", 1000); len(ids) != v.Len() {
		t.Errorf("a new search finds %d of %d", len(ids), v.Len())
	}
}

// openSealer seals nothing: what a fuzzer makes up is as good as sealed.
type openSealer struct{}

func (openSealer) Seal(plain []byte, _ string) string          { return string(plain) }
func (openSealer) Open(sealed, context string) ([]byte, error) { return []byte(sealed), nil }

func FuzzSearchTokens(f *testing.F) {
	f.Add(`{"c":"v","n":2,"i":1}`)
	f.Add(`{"c":"v","n":3,"b":"w","m":1,"w":true,"i":0}`)
	f.Add(`{"c":"v","n":-1,"m":-5,"i":-9}`)
	f.Add(`{"c":"","n":99999999999,"i":99999999}`)
	f.Fuzz(func(t *testing.T, token string) {
		l := newLists(newFake(byToken{}, 0))
		s := newLocalSearch(l, l, openSealer{}, searchOptions{})
		defer s.Close(t.Context())
		book := l.Book(t.Context(), "alice")
		book.begin(makeVersion("w", time.Now(), true, "1 Ann", "2 Anna"))
		book.begin(makeVersion("v", time.Now(), false, "2 Anna", "3 Anne", "4 Bob"))
		resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "ann", NextPageToken: token})
		if err == nil && len(resp.Customers) > 3 {
			t.Errorf("%d of 3", len(resp.Customers))
		}
	})
}

// BenchmarkTyping searches a large list for one query after another.
func BenchmarkTyping(b *testing.B) {
	for _, n := range []int{2000, 50_000} {
		l := newLists(newFake(byToken{}, 0))
		v := newVersion("v", time.Now())
		for i, c := range people("a", n) {
			v.add([]row{{ID: c.ID, Name: c.DisplayName + [...]string{" Smith", " Ng", " Øvergård"}[i%3]}})
		}
		v.end()
		l.Book(b.Context(), "alice").begin(v)
		for _, query := range []string{"overg", "person", "04999", "smith 17"} {
			b.Run(fmt.Sprintf("%d/%s", n, query), func(b *testing.B) {
				s := newLocalSearch(l, l, testSealer(), searchOptions{})
				defer s.Close(b.Context())
				s.learnt.note(frontline.SearchableNo, false)
				b.ReportAllocs()
				for b.Loop() {
					s.findings.RemoveFunc(func(findingKey) bool { return true })
					if _, err := s.CustomersList(b.Context(), frontline.ListRequest{Worker: "alice", Query: query}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("%d/folding", n), func(b *testing.B) {
			for b.Loop() {
				new(folded).blocks(v, n)
			}
		})
	}
}
