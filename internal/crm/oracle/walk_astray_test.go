package external

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// next asks for one page.
func next(t *testing.T, crm frontline.CRM, token string) frontline.ListResponse {
	t.Helper()
	resp, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: token})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// without is a list that some have been taken out of.
func without(all []frontline.Customer, ids ...string) []frontline.Customer {
	return slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool { return slices.Contains(ids, c.ID) })
}

func TestWalkGoesOnThoughItsAnchorIsGone(t *testing.T) {
	all := people("a", 100)
	renamed := slices.Concat(all[:10], all[29:30], all[10:29], all[30:])
	front := slices.Concat(all[29:30], all[:29], all[30:])
	for name, test := range map[string]struct {
		manner manner
		now    []frontline.Customer
	}{
		"the anchor is deleted":                        {byAnchor{}, without(all, "a30")},
		"the last two are deleted":                     {byAnchor{}, without(all, "a30", "a29")},
		"the last three are deleted":                   {byAnchor{}, without(all, "a30", "a29", "a28")},
		"ten are deleted":                              {byAnchor{}, without(all, ids(all[20:30])...)},
		"the whole page is deleted":                    {byAnchor{}, all[30:]},
		"the anchor moved to the middle":               {byAnchor{}, renamed},
		"the anchor moved to the front":                {byAnchor{}, front},
		"deleted, with new ones in front":              {byAnchor{}, slices.Concat(people("new", 3), without(all, "a30"))},
		"deleted, where unknown anchors are refused":   {strict{}, without(all, "a30")},
		"deleted, with nothing behind unknown anchors": {mute{}, without(all, "a30")},
		"two deleted, and nothing behind them":         {mute{}, without(all, "a30", "a29")},
		"ten deleted, and nothing behind them":         {mute{}, without(all, ids(all[20:30])...)},
		"all refused":                                  {strict{}, without(all, "a30", "a29", "a28")},
		"all refused and deleted":                      {strict{}, all[30:]},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(test.manner, 0)
			f.set("alice", all[:30]) // so that nothing is looked up ahead
			w := walkOver(t, f)
			f.set("alice", all)
			v, err := w.Begin(t.Context(), "alice")
			if err != nil {
				t.Fatal(err)
			}
			f.set("alice", test.now)
			if err := w.Fill(t.Context(), "alice", v, 1000); err != nil {
				t.Fatal(err)
			}
			for _, c := range test.now {
				if !v.Has(c.ID) && !strings.HasPrefix(c.ID, "new") {
					t.Errorf("%s is missing", c.ID)
				}
			}
			if n := len(f.asked()); n > 16 {
				t.Errorf("%d calls were made", n)
			}
		})
	}
}

// Nothing behind an anchor is the end for a service that knows it: one call more
// makes sure behind a full page, none behind one that was not.
func TestWalkMakesSureOfAnEndBehindAFullPage(t *testing.T) {
	for _, test := range []struct {
		manner manner
		n, to  int
	}{
		{mute{}, 0, 1}, {mute{}, 20, 2}, {mute{}, 60, 4}, {mute{}, 70, 4},
		{mute{100}, 70, 3}, {mute{100}, 200, 4}, {mute{7}, 20, 4}, {mute{7}, 21, 5},
	} {
		f := newFake(test.manner, test.n)
		w := walkOver(t, f)
		v, err := w.Begin(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Fill(t.Context(), "alice", v, 1000); err != nil || v.Len() != test.n {
			t.Errorf("%+v: %d customers, %v", test, v.Len(), err)
		}
		if n := len(f.asked()); n != test.to {
			t.Errorf("%+v: %d calls were made", test, n)
		}
	}
}

// expiring refuses a token of a walk that began before a certain call.
type expiring struct {
	status int
	before *int
}

func (m expiring) page(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	from, began := 0, nth
	if req.NextPageToken != "" {
		at, since, _ := strings.Cut(req.NextPageToken, "/")
		from, _ = strconv.Atoi(at)
		if began, _ = strconv.Atoi(since); began < *m.before {
			return frontline.ListResponse{}, &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: m.status}
		}
	}
	resp := tokenPage(all, from, 30, "")
	if resp.NextPageToken != "" {
		resp.NextPageToken += "/" + strconv.Itoa(began)
	}
	return resp, nil
}

func TestWalkBeginsAgainWhereItsTokenIsRefused(t *testing.T) {
	for _, status := range []int{400, 404, 410, 422, 403, 500} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			m := expiring{status, new(int)}
			f := newFake(m, 100)
			w := walkOver(t, f)
			first := next(t, w, "")
			second := next(t, w, first.NextPageToken)
			*m.before = 2
			before := len(f.asked())
			rest, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
			if status == 403 || status == 500 {
				if err == nil || len(f.asked()) != before+1 {
					t.Errorf("%d calls, %v; want one and its error", len(f.asked())-before, err)
				}
				return
			}
			if err != nil || !slices.Equal(rest, ids(people("a", 100)[60:])) {
				t.Errorf("%d customers came, %v", len(rest), err)
			}
			if n := len(f.asked()) - before; n != 6 { // twice the token, and four pages
				t.Errorf("%d calls were made, want 6", n)
			}
		})
	}
}

func TestWalkDoesNotBeginAgainForEver(t *testing.T) {
	m := expiring{400, new(int)}
	*m.before = 1000 // no token is ever good
	f := newFake(m, 100)
	w := walkOver(t, f)
	first := next(t, w, "")
	for range 3 {
		before := len(f.asked())
		resp, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
		if failed := (*frontline.CallbackError)(nil); !errors.As(err, &failed) || failed.Status != 400 {
			t.Errorf("the answer is %d customers, %v", len(resp.Customers), err)
		}
		if n := len(f.asked()) - before; n > 5 {
			t.Errorf("%d calls were made", n)
		}
	}
}

// moody answers a first page that is empty, by a token that leads on.
type moody struct{}

func (moody) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	if req.NextPageToken == "" {
		return frontline.ListResponse{NextPageToken: "0"}, nil
	}
	return tokenThenNothing{}.page(all, req, 0)
}

func TestWalkGoesOnFromAnEmptyPageWithAToken(t *testing.T) {
	if got := scroll(t, walkOver(t, newFake(moody{}, 40)), "alice"); len(got) != 40 {
		t.Errorf("%d customers came, want 40", len(got))
	}
}

// unending answers new customers for ever.
type unending struct{}

func (unending) page(_ []frontline.Customer, _ frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	return frontline.ListResponse{Customers: people(strconv.Itoa(nth)+"-", 1000), NextPageToken: strconv.Itoa(nth)}, nil
}

func TestWalkEndsAListThatHasNoEnd(t *testing.T) {
	f := newFake(unending{}, 0)
	w := walkOver(t, f)
	v, err := w.Begin(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if v.Capped() {
		t.Error("it is capped from the beginning")
	}
	if err := w.Fill(t.Context(), "alice", v, 1<<30); err != nil {
		t.Fatal(err)
	}
	if v.Len() != maxVersionRows || !v.Done() || !v.Capped() {
		t.Errorf("%d rows, done %v, capped %v", v.Len(), v.Done(), v.Capped())
	}
}

// brittle is a service that fails at an anchor which it does not know.
type brittle struct{}

func (brittle) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	at := placeOf(all, req.Anchor)
	if req.Anchor != "" && at < 0 {
		return frontline.ListResponse{}, errStatus500
	}
	return anchorPage(all, at+1, req.PageSize), nil
}

func TestWalkGoesOnWhereAServiceFailsAtADeletedAnchor(t *testing.T) {
	all := people("a", 100)
	f := newFake(brittle{}, 0)
	f.set("alice", all[:30]) // so that nothing is looked up ahead
	w := walkOver(t, f)
	f.set("alice", all)
	v, err := w.Begin(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	f.set("alice", without(all, "a30"))
	for range 2 { // it may have been anything
		var failed *frontline.CallbackError
		if err := w.Fill(t.Context(), "alice", v, 1000); !errors.As(err, &failed) {
			t.Fatalf("the service failed, and the walk says %v", err)
		}
	}
	if err := w.Fill(t.Context(), "alice", v, 1000); err != nil {
		t.Fatalf("the row before the anchor was not asked with: %v", err)
	}
	if v.Len() != 100 || !v.Done() {
		t.Errorf("%d customers, whole %v; want all 100", v.Len(), v.Done())
	}
}

func TestAServiceThatWasNotAskedIsNoReasonToAskOtherwise(t *testing.T) {
	f := newFake(byAnchor{}, 0)
	f.set("alice", people("a", 100))
	w := walkOver(t, f)
	v, err := w.Begin(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	var last *frontline.CallbackError
	if !errors.As(errStatus500, &last) {
		t.Fatal("no failure")
	}
	for _, err := range []error{&breakerOpenError{last}, errTimeout, errBadAnswer} {
		if isBroken(err) {
			t.Errorf("%v counts as an answer to the anchor", err)
		}
	}
	_, before := v.ask()
	v.stumble()
	if _, anchor := v.ask(); anchor != before {
		t.Errorf("after one failure the anchor is %s, want %s still", anchor, before)
	}
}
