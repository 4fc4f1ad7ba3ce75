package customers

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/text"
)

func TestSortKey_ComparesAsListsAreOrdered(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	letters := []rune("aAäÄbß Zz-'é\u0001\u007f太🙂")
	word := func() string {
		var w []rune
		for range 1 + rng.IntN(4) {
			w = append(w, letters[rng.IntN(len(letters))])
		}
		return string(w)
	}
	for range 20_000 {
		n1, n2, i1, i2 := word(), word(), word(), word()
		want := cmp.Or(strings.Compare(text.SortKey(n1), text.SortKey(n2)), strings.Compare(n1, n2), strings.Compare(i1, i2))
		if got := bytes.Compare(sortKey(n1, i1), sortKey(n2, i2)); got != want {
			t.Fatalf("Compare(sortKey(%q, %q), sortKey(%q, %q)) = %d, want %d", n1, i1, n2, i2, got, want)
		}
		if name, id := splitSortKey(string(sortKey(n1, i1))); name != n1 || id != i1 {
			t.Fatalf("splitSortKey(sortKey(%q, %q)) = %q, %q", n1, i1, name, id)
		}
	}
}
