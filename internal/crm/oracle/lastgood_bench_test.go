package external

import (
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// BenchmarkWarmFirstPage is what a worker waits for whose list is held: a page of
// 30 of 500.
func BenchmarkWarmFirstPage(b *testing.B) {
	f := newFake(byToken{}, 500)
	sealer := testSealer()
	w := newWalk(f, newShelf(shelfOptions{Service: "s", Sealer: sealer}), walkOptions{Sealer: sealer})
	g := newLastGood(w, lastGoodOptions{Service: "s", Sealer: sealer, FreshFor: 1 << 60})
	req := frontline.ListRequest{Worker: "alice"}
	for b.Loop() {
		if _, err := g.CustomersList(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadKeptList is what the first page takes after a restart, beside the
// database: a list of 500 is opened and read.
func BenchmarkReadKeptList(b *testing.B) {
	f := newFake(byToken{}, 500)
	sealer, keeper := testSealer(), newMemoryKeeper()
	opts := shelfOptions{Service: "s", Blobs: keeper, Sealer: sealer}
	w := newWalk(f, newShelf(opts), walkOptions{Sealer: sealer})
	v, err := w.Begin(b.Context(), "alice")
	if err == nil {
		err = w.Fill(b.Context(), "alice", v, 500)
	}
	if err == nil {
		err = w.shelf.Close(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if book := newShelf(opts).Book(b.Context(), "alice"); book.Best().Len() != 500 {
			b.Fatal("the list was lost")
		}
	}
	b.ReportMetric(float64(len(keeper.copies[[3]string{"s", "alice", listCopy}].data)), "copy-bytes")
}
