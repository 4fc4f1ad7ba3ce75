package customer

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/search"
	"github.com/google/go-cmp/cmp"
)

// generator makes customers and queries from few parts, so that matches of all classes
// and near misses are frequent.
type generator struct{ *rand.Rand }

func (g generator) pick(s ...string) string { return s[g.IntN(len(s))] }

func (g generator) word() string {
	return g.pick("Ann", "Anna", "An", "José", "jose", "Łukasz", "O’Neil", "O'Neil", "Smith", "Smithson", "Nguyễn", "ß",
		"Straße", "李小龙", "李", "山田abc", "가나다", "สมชาย", "ab", "a", "b-c", "Route", "66", "12", "555", "7040102", "42nd",
		"🚀", "★VIP", "Ωmega", "Йод", "...", "x", "Acme™", "é", "Müller", "Mueller", "Mul", "Åse", "Aase", "カナ", "かな", "ｶﾅ", "२०", "A.B.", "555-704-0102", "e\u0301")
}

func (g generator) phrase(maxWords int) string {
	var words []string
	for range g.IntN(maxWords + 1) {
		words = append(words, g.word())
	}
	return strings.Join(words, g.pick(" ", "  ", "-", " / "))
}

func (g generator) email() string {
	return g.pick("ann", "o'neil", "jose", "b.c", "a") + "@" + g.pick("example.com", "exa.org", "x.y")
}

func (g generator) number() string {
	return g.pick("+15557040102", "+447700900015", "+4930123456", "+390669812345", "5557040102", "07700900015", "7700900015",
		"(555) 704-0102", "+1 555 704 0102 ext. 5", "call the office", "call 555 704 0102", "030 123456", "12", "66")
}

func (g generator) customer() Customer {
	c := Customer{Name: g.phrase(3), Company: g.phrase(2), JobTitle: g.phrase(1)}
	if g.IntN(3) == 0 {
		c.Details = Detail{g.phrase(1), g.phrase(4) + "\n" + g.pick(g.number(), g.phrase(2))}
	}
	for range g.IntN(3) {
		switch g.IntN(4) {
		case 0:
			c.Channels = append(c.Channels, Channel{"email", g.email()})
		case 1:
			c.Channels = append(c.Channels, Channel{"whatsapp", "whatsapp:" + g.number()})
		case 2:
			c.Channels = append(c.Channels, Channel{"chat", g.pick("ann_smith", "user555", "555 704-0102", g.email())})
		default:
			c.Channels = append(c.Channels, Channel{"sms", g.number()})
		}
	}
	return c
}

func (g generator) query() string {
	switch g.IntN(8) {
	case 0:
		return g.email()
	case 1:
		return g.number()
	case 2:
		return g.pick("+1 (555) 7040102", "whatsapp:+15557040102", "tel:+447700900015", "0049 30 123456", "00447700900015",
			"+44 (0)7700 900015", "555 704-0102", "7040102", "66 12", "5", "55", "00", "+", "+1", "1 555 704 0102", "1 2",
			"+39 06 69812345", "0704", "whatsapp", "what", "(555)", "66/12", "5 5 5")
	case 3: // a prefix
		runes := []rune(g.pick(g.word(), g.phrase(2), g.email(), g.number()))
		return string(runes[:g.IntN(len(runes)+1)])
	case 4: // a substring
		runes := []rune(g.pick(g.word(), g.phrase(2), g.email(), g.number()))
		from := g.IntN(len(runes) + 1)
		return string(runes[from : from+g.IntN(len(runes)-from+1)])
	}
	return g.phrase(3)
}

func TestQuery_ScanBest_AgreesWithNaiveMatch(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(7, 11))}
	type match struct {
		I     int
		Row   int64
		Class uint8
	}
	seen := map[uint8]int{}
	for round := range 40 {
		var customers []Customer
		var rows []int64
		var docs [][]byte
		for range g.IntN(60) {
			c := g.customer()
			customers = append(customers, c)
			rows = append(rows, g.Int64N(1<<(8*(1+g.Int64N(7)))))
			docs = append(docs, Document(c))
		}
		block := search.AppendBlock([]byte("prefix"), rows, docs)[len("prefix"):]
		for range 60 {
			query := g.query()
			q := search.ParseQuery(query)
			for worst := range search.ClassAny + 1 {
				var want, got []match
				for i, c := range customers {
					class, ok := naiveMatch(c, query)
					if ok && class <= worst {
						want = append(want, match{i, rows[i], class})
						seen[class]++
					}
					if gotClass, gotOK := q.Match(docs[i]); gotOK != ok || gotClass != class {
						t.Fatalf("round %d: ParseQuery(%q).Match(%+v) (document %q)\ngot  %d, %v\nwant %d, %v", round, query, c, docs[i], gotClass, gotOK, class, ok)
					}
				}
				if err := q.ScanBest(block, worst, func(i int, row int64, class uint8) bool {
					got = append(got, match{i, row, class})
					return true
				}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("round %d: ParseQuery(%q).ScanBest(%d) (-want +got):\n%s", round, query, worst, diff)
				}
			}
		}
	}
	t.Logf("matches by class: %v", seen)
	for class := range search.ClassAny + 1 {
		if seen[class] < 400 {
			t.Errorf("only %d matches of class %d: the test is too weak", seen[class], class)
		}
	}
}
