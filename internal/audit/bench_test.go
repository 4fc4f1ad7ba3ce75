package audit

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"
)

// discardStore discards all entries.
type discardStore struct{ memoryStore }

func (*discardStore) AddEntries(context.Context, []Entry) error { return nil }

// BenchmarkViewed measures a view, by one worker in an unusual run and by a thousand
// workers at once.
func BenchmarkViewed(b *testing.B) {
	for _, workers := range []int{1, 1000} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			l := Open(new(discardStore), Options{Logger: slog.New(slog.DiscardHandler), Rules: usualRules})
			defer l.Close(context.Background())
			actors, customers := names("worker", workers), names("customer", 10_000)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					l.Viewed(actors[i%workers], customers[i*7919%10_000], "Zoë Somebody", "203.0.113.7")
				}
			})
		})
	}
}

// BenchmarkRecord measures a failed sign-in in a flood of them.
func BenchmarkRecord(b *testing.B) {
	l := Open(new(discardStore), Options{Logger: slog.New(slog.DiscardHandler)})
	defer l.Close(context.Background())
	identities := names("identity", 20_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.Record(Entry{Action: SignInFailed, Via: "app", Subject: identities[i%20_000], Address: "203.0.113.7"})
	}
}

// BenchmarkWriteCSV measures one entry of an export, without reading it.
func BenchmarkWriteCSV(b *testing.B) {
	e := Entry{ID: 1, When: time.Now(), Actor: "ada@example.com", Via: "app", Action: Viewed, Subject: "customer-4711", Name: "Zoë Somebody", Address: "203.0.113.7"}
	all := func(yield func(Entry, error) bool) {
		for b.Loop() && yield(e, nil) {
		}
	}
	var n discard
	if err := WriteCSV(&n, all, storedDetail); err != nil {
		b.Fatal(err)
	}
}

type discard int

func (d *discard) Write(p []byte) (int, error) { *d += discard(len(p)); return len(p), nil }

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s%d@example.com", prefix, i)
	}
	return all
}
