package external

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// walkOver makes a walk over a service, with nothing kept.
func walkOver(t *testing.T, f frontline.CRM) *walk {
	t.Helper()
	sealer := secret.NewKey().Sealer("test")
	return newWalk(f, newShelf(shelfOptions{Service: "s"}), walkOptions{Sealer: sealer})
}

// scroll reads a list to its end, page by page.
func scroll(t *testing.T, crm frontline.CRM, worker string) []string {
	t.Helper()
	ids, err := scrollOn(t, crm, frontline.ListRequest{Worker: worker})
	if err != nil {
		t.Fatalf("after %d customers: %v", len(ids), err)
	}
	return ids
}

// scrollOn is scroll from a request on, up to an error.
func scrollOn(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (ids []string, err error) {
	t.Helper()
	pages, err := pagesOf(t, crm, req)
	return slices.Concat(pages...), err
}

// pagesOf reads on to the end of a list, or to an error, and fails the test when a
// customer comes twice or there is no end.
func pagesOf(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (pages [][]string, err error) {
	t.Helper()
	seen := map[string]bool{}
	for range 2000 {
		resp, err := crm.CustomersList(t.Context(), req)
		if err != nil {
			return pages, err
		}
		for _, c := range resp.Customers {
			if seen[c.ID] {
				t.Errorf("%s comes twice", c.ID)
			}
			seen[c.ID] = true
		}
		pages = append(pages, ids(resp.Customers))
		if resp.NextPageToken == "" {
			return pages, nil
		}
		req.NextPageToken = resp.NextPageToken
	}
	t.Fatal("the list has no end")
	return nil, nil
}

func ids(all []frontline.Customer) []string {
	ids := make([]string, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	return ids
}

func TestWalkMeetsEveryCustomerOfAnyServiceOnceAndEnds(t *testing.T) {
	for name, test := range map[string]struct {
		manner manner
		// most calls that the walk of 100 customers may make.
		calls int
	}{
		"good tokens":                            {byToken{}, 4},
		"good anchors":                           {byAnchor{}, 5},
		"short pages by token":                   {byToken{7}, 15},
		"short pages by anchor":                  {byAnchor{7}, 16},
		"pages of one by anchor":                 {byAnchor{1}, 102},
		"more than was asked for, by token":      {byToken{45}, 3},
		"more than was asked for, by anchor":     {byAnchor{45}, 4},
		"all at once":                            {byAnchor{1000}, 3},
		"starts over behind its last, by anchor": {wraps{}, 8},
		"gives the anchor once more":             {inclusive{}, 6},
		"refuses unknown anchors":                {strict{}, 5},
		"a token with the last page":             {tokenThenNothing{}, 5},
		"tokens from the second page on":         {lateToken{}, 4},
		"starts over behind its last, by token":  {cycle{}, 13},
		"one token for ever":                     {sameToken{from: new(int)}, 8},
		"pages that overlap":                     {overlapping{back: 5}, 5},
		"pages that mostly overlap":              {overlapping{size: 10, back: 9}, 100},
		"starts over in the middle, by anchor":   {forgetful{on: []int{3}}, 8},
		"starts over at once, by anchor":         {forgetful{on: []int{2}}, 8},
		"starts over twice, by anchor":           {forgetful{on: []int{2, 3}}, 9},
		"starts over in the middle, by token":    {forgetful{tokens: true, on: []int{3}}, 8},
		"starts over at the end, by token":       {forgetful{tokens: true, on: []int{4}}, 10},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(test.manner, 100)
			got := scroll(t, walkOver(t, f), "alice")
			want := ids(people("a", 100))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%d customers came, want 100: %v", len(got), got)
			}
			if n := len(f.asked()); n > test.calls {
				t.Errorf("%d calls were made, %d are enough", n, test.calls)
			}
			for i, req := range f.asked() {
				if req.PageSize != 30 || req.Anchor != "" && req.NextPageToken != "" {
					t.Errorf("call %d was %+v", i+1, req)
				}
			}
		})
	}
}

func TestWalkEndsWhereAServiceSaysNothingNew(t *testing.T) {
	for name, test := range map[string]struct {
		manner manner
		want   int // customers
		calls  int // at most
	}{
		"the same page whatever the anchor":    {samePage{}, 30, 4},
		"one token and one page":               {stuckToken{}, 30, 5},
		"new tokens and one page":              {freshTokens{}, 30, 6},
		"the tokens A and B in turn":           {tokenLoop{}, 90, 8},
		"a small page whatever the anchor":     {samePage{2}, 2, 12},
		"a page of one whatever the anchor":    {samePage{1}, 1, 12},
		"a page of one, starting over for it":  {wraps{1}, 100, 110},
		"a page of two, starting over for it":  {wraps{2}, 100, 60},
		"the anchor again, in pages of one":    {inclusive{1}, 1, 12},
		"one token and one customer":           {stuckToken{1}, 1, 6},
		"new tokens and one customer for ever": {freshTokens{1}, 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(test.manner, 100)
			if got := scroll(t, walkOver(t, f), "alice"); len(got) != test.want {
				t.Errorf("%d customers came, want %d", len(got), test.want)
			}
			if n := len(f.asked()); n > test.calls {
				t.Errorf("%d calls were made, %d are enough", n, test.calls)
			}
		})
	}
}

func TestWalkRemembersThatAServiceIgnoresAnchors(t *testing.T) {
	f := newFake(samePage{}, 100)
	w := walkOver(t, f)
	scroll(t, w, "alice")
	before := len(f.asked())
	scroll(t, w, "alice")
	if n := len(f.asked()) - before; n != 2 {
		t.Errorf("the second walk made %d calls, want the page and one try", n)
	}
}

func TestWalkPromisesNoPageThatIsEmpty(t *testing.T) {
	for _, n := range []int{0, 1, 29, 30, 31, 59, 60, 61, 90} {
		for _, m := range []manner{byToken{}, byAnchor{}, samePage{}, wraps{}, inclusive{}, byAnchor{10}} {
			t.Run(fmt.Sprintf("%d customers of %T", n, m), func(t *testing.T) {
				want := n
				if _, same := m.(samePage); same {
					want = min(n, 30)
				}
				pages, err := pagesOf(t, walkOver(t, newFake(m, n)), frontline.ListRequest{Worker: "alice"})
				if err != nil {
					t.Fatal(err)
				}
				if got := len(slices.Concat(pages...)); got != want {
					t.Errorf("%d customers came, want %d", got, want)
				}
				if last := pages[len(pages)-1]; len(pages) > 1 && len(last) == 0 {
					t.Error("the last page is empty, though the one before promised it")
				}
			})
		}
	}
}

func TestWalkAsksByTheNewestTokenAndNoAnchor(t *testing.T) {
	f := newFake(byToken{}, 70)
	scroll(t, walkOver(t, f), "alice")
	var asked []string
	for _, req := range f.asked() {
		asked = append(asked, req.NextPageToken+req.Anchor)
	}
	if got := strings.Join(asked, " "); got != " after-30 after-60" {
		t.Errorf("asked with %q", got)
	}
}

func TestWalkFillsPagesUp(t *testing.T) {
	resp, err := walkOver(t, newFake(byToken{7}, 100)).CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
	if err != nil || len(resp.Customers) != 30 || resp.NextPageToken == "" {
		t.Errorf("%d customers, token %q, %v; want 30 and more", len(resp.Customers), resp.NextPageToken, err)
	}
}

func TestWalkGoesOnAfterAnErrorInTheMiddle(t *testing.T) {
	for _, m := range []manner{byToken{}, byAnchor{}} {
		for _, failure := range []error{errBadAnswer, errStatus500, errStatus403, errTimeout, errNoURL} {
			t.Run(fmt.Sprintf("%T %v", m, failure), func(t *testing.T) {
				f := newFake(m, 100)
				w := walkOver(t, f)
				first, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", PageSize: 40})
				if err != nil {
					t.Fatal(err)
				}
				// What was held already comes without the service; then it is an error.
				f.breakDown(failure)
				held, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if !errors.Is(err, failure) {
					t.Fatalf("the error is %v, want %v", err, failure)
				}
				f.breakDown(nil)
				rest, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if err != nil {
					t.Fatal(err)
				}
				if got := append(ids(first.Customers), rest...); !slices.Equal(got, ids(people("a", 100))) {
					t.Errorf("after the error %d customers came, in all", len(got))
				}
				if !slices.Equal(held, rest[:len(held)]) {
					t.Error("what came before the error came otherwise after it")
				}
			})
		}
	}
}
