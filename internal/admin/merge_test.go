package admin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

func TestService_Merge(t *testing.T) {
	ts := newTestService(t)
	ts.put(
		customer.Customer{ID: "1", Name: "Anna", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}}, Details: customer.Detail{Content: "likes tea"}, Workers: []string{"bob@example.com"}},
		customer.Customer{ID: "2", Name: "Anna B.", Company: "Acme", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "email", Value: "a@example.com"}},
			Links: []customer.Link{{Type: "CRM", Value: "https://example.com", DisplayName: "x"}}, Details: customer.Detail{Title: "T", Content: "likes coffee"}, Workers: []string{"BOB@example.com", "zoe"}},
		customer.Customer{ID: "3", Name: "A.", Company: "Other", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}}, Details: customer.Detail{Content: "likes tea"}, Avatar: "https://example.com/a.png"})
	group := ts.onlyGroup()
	for what, err := range map[string]error{
		"an unknown customer": ts.Merge(t.Context(), "ann", group, "1", "2", "nobody"),
		"into an unknown one": ts.Merge(t.Context(), "ann", group, "nobody", "2"),
		"an unknown group":    ts.Merge(t.Context(), "ann", "nonsense", "1", "2"),
	} {
		if !errors.Is(err, customer.ErrNotFound) {
			t.Errorf("Merge(%s) = %v, want ErrNotFound", what, err)
		}
	}
	var invalid *customer.InvalidError
	if err := ts.Merge(t.Context(), "ann", group, "1", "1"); !errors.As(err, &invalid) {
		t.Errorf("Merge(a customer with itself) = %v, want an InvalidError", err)
	}
	if len(ts.all()) != 3 {
		t.Fatalf("failed merges changed the customers: %+v", ts.all())
	}
	if err := ts.Merge(t.Context(), "ann", group, "1", "3", "2", "2", "1"); err != nil {
		t.Fatal(err)
	}
	want := []customer.Customer{{ID: "1", Name: "Anna", Company: "Acme", Avatar: "https://example.com/a.png",
		Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "email", Value: "a@example.com"}},
		Links:    []customer.Link{{Type: "CRM", Value: "https://example.com", DisplayName: "x"}},
		Details:  customer.Detail{Title: "T", Content: "likes tea\n\nlikes coffee"}, Workers: []string{"bob@example.com", "zoe"}}}
	if diff := cmp.Diff(want, ts.all()); diff != "" {
		t.Errorf("customers after Merge (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`ann customers-merged "1" "merge=kept" 2`, `ann customers-merged "2" "merge=deleted" 0`,
		`ann customers-merged "3" "merge=deleted" 0`}, ts.audit.lines()); diff != "" {
		t.Error(diff)
	}
	i := ts.importText("id,name,owner\n1,Anna,bob@example.com\n2,Anna B.,zoe\n", admin.ImportOptions{})
	if i.Report.PreviouslyDeleted != 1 || !strings.Contains(i.Report.Problems[0].Reason, "by ann, merged into 1") || len(ts.all()) != 1 {
		t.Errorf("Report of a later import = %+v, want 1 removed as merged", i.Report)
	}
}

func TestService_Merge_TooLargeChangesNothing(t *testing.T) {
	ts := newTestService(t)
	for _, id := range []string{"1", "2"} {
		ts.put(customer.Customer{ID: id, Name: "N", Channels: []customer.Channel{{Type: "email", Value: "a@example.com"}}, Details: customer.Detail{Content: id + strings.Repeat("n", 30<<10)}})
	}
	before := ts.dump()
	var invalid *customer.InvalidError
	if err := ts.Merge(t.Context(), "ann", ts.onlyGroup(), "1", "2"); !errors.As(err, &invalid) || ts.dump() != before || len(ts.audit.lines()) > 0 {
		t.Errorf("Merge(too large) = %v, want an InvalidError and no change", err)
	}
}

// Someone else may resolve the duplicates while an administrator confirms a merge.
func TestService_Merge_OnlyWithinAnOpenGroup(t *testing.T) {
	mail := func(address string) []customer.Channel { return []customer.Channel{{Type: "email", Value: address}} }
	for what, change := range map[string]func(ts *testService, group string) error{
		"one has another address": func(ts *testService, _ string) error {
			ts.put(customer.Customer{ID: "2", Name: "N2", Channels: mail("other@example.com")})
			return nil
		},
		"they are different people": func(ts *testService, group string) error { return ts.KeepApart(t.Context(), "zoe", group) },
		"they are merged":           func(ts *testService, group string) error { return ts.Merge(t.Context(), "zoe", group, "2", "1") },
	} {
		ts := newTestService(t)
		ts.put(customer.Customer{ID: "1", Name: "N1", Channels: mail("a@example.com")}, customer.Customer{ID: "2", Name: "N2", Channels: mail("a@example.com")})
		group := ts.onlyGroup()
		if err := change(ts, group); err != nil {
			t.Fatal(err)
		}
		before := ts.dump()
		if err := ts.Merge(t.Context(), "ann", group, "1", "2"); !errors.Is(err, customer.ErrNotFound) || ts.dump() != before {
			t.Errorf("Merge() when %s = %v, want ErrNotFound and no change", what, err)
		}
	}
}

func TestService_Merge_OnlyOnceWhenTwoMergeAtTheSameTime(t *testing.T) {
	ts := newTestService(t)
	for _, id := range []string{"1", "2"} {
		ts.put(customer.Customer{ID: id, Name: "N", Channels: []customer.Channel{{Type: "email", Value: "a@example.com"}}})
	}
	group, errs := ts.onlyGroup(), make(chan error)
	go func() { errs <- ts.Merge(t.Context(), "ann", group, "1", "2") }()
	go func() { errs <- ts.Merge(t.Context(), "zoe", group, "2", "1") }()
	first, second := <-errs, <-errs
	if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), customer.ErrNotFound) || len(ts.all()) != 1 {
		t.Errorf("Merge() at the same time = %v and %v, %d customers left; want one merge", first, second, len(ts.all()))
	}
}
