package external

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

func TestNobodySeesRowsOfAnotherWorker(t *testing.T) {
	f := newFake(byToken{}, 100)
	f.set("bob", people("b", 100))
	f.searches = true
	w := walkOver(t, f)
	g := newLastGood(w, lastGoodOptions{Service: "s", Sealer: w.opts.Sealer})
	tokens := map[[2]string]string{}
	for _, worker := range []string{"alice", "bob"} {
		for _, query := range []string{"", "00", "Person"} {
			resp, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: query})
			if err != nil || resp.NextPageToken == "" {
				t.Fatalf("no token for %s, %q: %v", worker, query, err)
			}
			tokens[[2]string{worker, query}] = resp.NextPageToken
		}
	}
	for _, crm := range []frontline.CRM{w, g} {
		for whose, token := range tokens {
			for who := range tokens {
				resp, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: who[0], Query: who[1], NextPageToken: token})
				if who == whose {
					if err != nil {
						t.Errorf("%v cannot use the own token: %v", who, err)
					}
					continue
				}
				if invalid := (*frontline.InvalidRequestError)(nil); !errors.As(err, &invalid) {
					t.Errorf("%v uses the token of %v: %d customers, %v", who, whose, len(resp.Customers), err)
				}
			}
		}
	}
}

func TestWhatTheWalkRefuses(t *testing.T) {
	w := walkOver(t, newFake(byToken{}, 100))
	token := next(t, w, "").NextPageToken
	changed := []byte(token)
	changed[len(changed)/2] ^= 1
	mended := w.tokens.seal(spot{version: "x", mended: true, older: "y"}, "alice", "")
	beyond := w.tokens.seal(spot{version: w.Book(t.Context(), "alice").Current().ID(), from: 31}, "alice", "")
	for name, req := range map[string]frontline.ListRequest{
		"no worker":                   {},
		"a page of less than nothing": {Worker: "alice", PageSize: -1},
		"an anchor":                   {Worker: "alice", Anchor: "a30"},
		"a token of the service":      {Worker: "alice", NextPageToken: "after-30"},
		"a token that was changed":    {Worker: "alice", NextPageToken: string(changed)},
		"a token that was cut":        {Worker: "alice", NextPageToken: token[:len(token)-1]},
		"a very long token":           {Worker: "alice", NextPageToken: strings.Repeat("A", 2000)},
		"a token of another walk":     {Worker: "alice", NextPageToken: walkOver(t, newFake(byToken{}, 1)).tokens.seal(spot{version: "x"}, "alice", "")},
		"a token of a lost version":   {Worker: "alice", NextPageToken: w.tokens.seal(spot{version: "x"}, "alice", "")},
		"a token beyond its version":  {Worker: "alice", NextPageToken: beyond},
		"a mended token":              {Worker: "alice", NextPageToken: mended},
	} {
		if resp, err := w.CustomersList(t.Context(), req); !errors.As(err, new(*frontline.InvalidRequestError)) {
			t.Errorf("%s: %d customers, %v", name, len(resp.Customers), err)
		}
	}
}

func TestAWalkEndsInTheVersionItBegan(t *testing.T) {
	f := newFake(byToken{}, 100)
	w := walkOver(t, f)
	first := next(t, w, "")
	f.set("alice", people("new", 100))
	next(t, w, "") // another device
	f.set("alice", people("a", 100))
	rest, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
	if err != nil || !slices.Equal(rest, ids(people("a", 100)[30:])) {
		t.Errorf("the first device went on with %v, %v", rest, err)
	}
	if v := w.Book(t.Context(), "alice").Best(); v.Len() != 100 || !v.Has("a1") {
		t.Error("the version that is whole now is not the one that reaches furthest")
	}
}

func TestSearchesAreWalkedToo(t *testing.T) {
	f := newFake(byToken{}, 200)
	f.searches = true
	w := walkOver(t, f)
	got, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", Query: "a 001"})
	if err != nil || len(got) != 100 { // 100 to 199
		t.Errorf("%d customers were found, %v", len(got), err)
	}
	for _, req := range f.asked() {
		if req.Query != "a 001" {
			t.Errorf("asked for %q", req.Query)
		}
	}
	if b := w.Book(t.Context(), "alice"); !b.Owns("a150") || b.Owns("a50") || b.Current() != nil {
		t.Error("what the search brought is not the worker's own, or more is")
	}
	f.failOn(1, errStatus404)
	if _, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "x"}); !errors.Is(err, errStatus404) {
		t.Errorf("the error is %v", err)
	}
	if !w.Book(t.Context(), "alice").Owns("a150") {
		t.Error("a search that failed forgot the list")
	}
}

func TestRowsWithoutAnIDOrAName(t *testing.T) {
	f := newFake(byToken{}, 0)
	list := people("a", 40)
	list[0].DisplayName, list[5].ID, list[29].ID, list[39].DisplayName = "", "", "", ""
	f.set("alice", list)
	if got := scroll(t, walkOver(t, f), "alice"); len(got) != 36 {
		t.Errorf("%d customers came, want 36", len(got))
	}
	f.manner = byAnchor{}
	if got := scroll(t, walkOver(t, f), "alice"); len(got) != 36 {
		t.Errorf("by anchor %d customers came, want 36", len(got))
	}
}
