package customer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/clientele-project/clientele/internal/search"
)

// benchBlocks returns half a million documents of about 90 bytes in blocks of 256.
func benchBlocks() (blocks [][]byte) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[rnd.IntN(len(s))] }
	var rows []int64
	var docs [][]byte
	for i := range 500_000 {
		first := pick("Anna", "Bobby", "Carol", "Daniel", "Erik", "Stefany", "José", "Ingrid", "Olga", "Peter", "Hiro", "Nguyễn", "Élodie", "Ann")
		last := pick("Smith", "Bernard", "Martin", "Costa", "Silva", "Olsen", "Dubois", "Murphy", "Johansson", "de la Cruz", "Şahin", "Øvergård")
		phone := fmt.Sprintf("+1555%07d", rnd.IntN(10_000_000))
		docs = append(docs, Document(Customer{
			Name:    first + " " + last,
			Company: pick("Stark Industries", "Hooli", "Wonka", "Acme Corp", "Globex", ""),
			Channels: []Channel{{"sms", phone}, {"whatsapp", "whatsapp:" + phone},
				{"email", fmt.Sprintf("%s%d@example.com", first, i)}},
		}))
		rows = append(rows, int64(rnd.IntN(1_000_000)))
		if len(docs) == 256 || i == 499_999 {
			blocks = append(blocks, search.AppendBlock(nil, rows, docs))
			rows, docs = rows[:0], docs[:0]
		}
	}
	return blocks
}

// BenchmarkScan scans all blocks once.
func BenchmarkScan(b *testing.B) {
	blocks := benchBlocks()
	size := 0
	for _, block := range blocks {
		size += len(block)
	}
	for _, query := range []string{"example", "a", "an", "ann smith", "zzzz", "555", "7040102", "+1 (555) 7040102",
		"example smith", "smith example", "exa zzz", "annz", "5", "a b c d", "a e i o u com example 555", "jose"} {
		for _, worst := range []uint8{search.ClassAny, search.ClassWords} {
			b.Run(fmt.Sprintf("%s/%d", query, worst), func(b *testing.B) {
				q := search.ParseQuery(query)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				matches := 0
				for b.Loop() {
					matches = 0
					for _, block := range blocks {
						if err := q.ScanBest(block, worst, func(int, int64, uint8) bool { matches++; return true }); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(matches), "matches")
			})
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	c := Customer{Name: "Bobby O'Neil", Company: "Stark Industries", Channels: []Channel{{"sms", "+15557040102"},
		{"whatsapp", "whatsapp:+15557040102"}, {"email", "bobby.oneil@example.com"}}, Details: Detail{"VIP", "Likes the blue door."}}
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendDocument(dst[:0], c)
	}
}

func BenchmarkParseQuery(b *testing.B) {
	for _, s := range []string{"ann smith", "+1 (555) 7040102"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				search.ParseQuery(s)
			}
		})
	}
}
