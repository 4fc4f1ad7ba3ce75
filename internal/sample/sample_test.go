package sample

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
)

func TestCustomers_AreReproducible(t *testing.T) {
	long := slices.Collect(Customers(500, 3, nil))
	short := slices.Collect(Customers(100, 3, nil))
	if diff := cmp.Diff(long[:100], short); diff != "" {
		t.Errorf("the first hundred customers differ with n:\n%s", diff)
	}
	other := slices.Collect(Customers(100, 4, nil))
	if cmp.Equal(short, other) {
		t.Error("another seed generates the same customers")
	}
}

// reserved matches phone numbers reserved for fiction.
var reserved = regexp.MustCompile(`^(whatsapp:)?\+(1\d{3}55501\d\d|447700900\d{3}|44(11[3-8]4960|1[2-6]14960|2079460|1914980|1632960)\d{3}|61491570\d{3}|123456789)$`)

var address = regexp.MustCompile(`^[a-z.]+(\.\d+)?@example\.(org|com)$`)

func TestCustomers_AreFictional(t *testing.T) {
	all := append(slices.Collect(Customers(20_000, 1, nil)), Demo()...)
	for _, c := range all {
		for _, channel := range c.Channels {
			switch channel.Type {
			case "sms", "whatsapp":
				if !reserved.MatchString(channel.Value) {
					t.Fatalf("customer %s has %q, which is not in a range reserved for fiction", c.ID, channel.Value)
				}
			case "email":
				if !address.MatchString(channel.Value) {
					t.Fatalf("customer %s has the address %q", c.ID, channel.Value)
				}
			}
		}
		for _, link := range c.Links {
			if !strings.HasPrefix(link.Value, "https://") || !strings.Contains(link.Value, ".example.com/") {
				t.Fatalf("customer %s links to %q", c.ID, link.Value)
			}
		}
	}
}

func TestCustomers_AreVaried(t *testing.T) {
	const n = 20_000
	scripts := map[string]*unicode.RangeTable{"Latin": unicode.Latin, "Cyrillic": unicode.Cyrillic, "Greek": unicode.Greek,
		"Arabic": unicode.Arabic, "Hebrew": unicode.Hebrew, "Han": unicode.Han, "Hiragana": unicode.Hiragana,
		"Katakana": unicode.Katakana, "Hangul": unicode.Hangul, "Devanagari": unicode.Devanagari}
	seen := map[string]int{}
	ids := map[string]bool{}
	var text, unreachable, long int
	for c := range Customers(n, 1, nil) {
		if c.Name == "" || !utf8.ValidString(c.Name) || ids[c.ID] {
			t.Fatalf("bad customer %+v", c)
		}
		ids[c.ID] = true
		first, _ := utf8.DecodeRuneInString(c.Name)
		for name, table := range scripts {
			if unicode.Is(table, first) {
				seen[name]++
			}
		}
		text += len(c.Name) + len(c.Company) + len(c.Details.Content)
		for _, channel := range c.Channels {
			text += len(channel.Value)
		}
		if len(c.Channels) == 0 {
			unreachable++
		}
		if utf8.RuneCountInString(c.Name) > 60 {
			long++
		}
	}
	for name := range scripts {
		if seen[name] < 50 {
			t.Errorf("sample of %d names has %d in %s, want at least 50", n, seen[name], name)
		}
	}
	if seen["Latin"] < n*7/10 {
		t.Errorf("sample of %d names has %d in Latin, want 70 %%", n, seen["Latin"])
	}
	if mean := text / n; mean < 70 || mean > 95 {
		t.Errorf("a customer has %d bytes of searchable text on average, want about 80", mean)
	}
	if unreachable == 0 || long == 0 {
		t.Errorf("sample has %d customers without channels and %d with long names, want some of both", unreachable, long)
	}
}

func TestDemo(t *testing.T) {
	all := Demo()
	bobby := all[0]
	if bobby.ID != "1" || bobby.Name != "Bobby S." || !slices.Equal(bobby.Workers, []string{Alice}) {
		t.Errorf("Demo()[0] = %+v, want Alice's Bobby S. with the ID 1", bobby)
	}
	counts := map[string]int{}
	for _, c := range all {
		if !slices.IsSorted(c.Workers) {
			t.Errorf("the workers of %s are not sorted: %q", c.ID, c.Workers)
		}
		if len(c.Workers) == 0 {
			counts["unassigned"]++
		}
		if len(c.Workers) > 1 {
			counts["shared"]++
		}
		for _, w := range c.Workers {
			counts[w]++
		}
	}
	for _, who := range []string{Alice, Bob, Carol, customer.Everyone, "unassigned", "shared"} {
		if counts[who] == 0 {
			t.Errorf("no customers for %s", who)
		}
	}
}

func TestWriteCSV(t *testing.T) {
	var out bytes.Buffer
	err := WriteCSV(&out, 1000, 1, func(i int) string {
		if i%2 == 0 {
			return "alice@example.com"
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1001 {
		t.Fatalf("WriteCSV() wrote %d rows, want a header and 1000", len(rows))
	}
	first := slices.Collect(Customers(1, 1, nil))[0]
	if rows[1][0] != first.ID || rows[1][1] != first.Name || rows[1][7] != "alice@example.com" || rows[2][7] != "" {
		t.Errorf("WriteCSV() wrote %q and %q, want customer %+v of alice and an unassigned one", rows[1], rows[2], first)
	}
}

func BenchmarkCustomers(b *testing.B) {
	b.ReportAllocs()
	for range Customers(b.N, 1, nil) {
	}
}
