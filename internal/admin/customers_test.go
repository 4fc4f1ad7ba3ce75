package admin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestService_Add_NormalizesAsAnImportDoes(t *testing.T) {
	ts := newTestService(t)
	id, err := ts.Add(t.Context(), "ann", customer.Customer{
		Name: " Jürgen Müller ", Company: "Acme\t", Workers: []string{"zoe", " bob@example.com ", "BOB@example.com", ""},
		Channels: []customer.Channel{{Type: "sms", Value: "+1 (555) 704-0102"}, {Type: "sms", Value: " "}, {Type: "sms", Value: "WhatsApp:+1 555 704 0103"},
			{Type: "whatsapp", Value: "+15557040104"}, {Type: "whatsapp", Value: "555 1234"}, {Type: "sms", Value: "+15557040102"}, {Type: "email", Value: " a@b.example "}},
		Links:   []customer.Link{{Value: " https://example.com "}, {Type: "CRM", DisplayName: "x"}},
		Details: customer.Detail{Content: " a\r\nb\n"},
	})
	if err != nil || len(id) != 24 || strings.Trim(id, "bcdfghjklmnpqrst") != "" {
		t.Fatalf("Add() = %q, %v, want 24 of the letters", id, err)
	}
	want := customer.Customer{ID: id, Name: "Jürgen Müller", Company: "Acme", Workers: []string{"bob@example.com", "zoe"},
		Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "whatsapp", Value: "whatsapp:+15557040103"},
			{Type: "whatsapp", Value: "whatsapp:+15557040104"}, {Type: "whatsapp", Value: "whatsapp:555 1234"}, {Type: "email", Value: "a@b.example"}},
		Links: []customer.Link{{Type: "Website", Value: "https://example.com", DisplayName: "Website"}}, Details: customer.Detail{Content: "a\nb"}}
	if diff := cmp.Diff(want, ts.get(id)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{fmt.Sprintf(`ann customer-added %q "owners=bob%%40example.com%%2C+zoe" 0`, id)}, ts.audit.lines()); diff != "" {
		t.Error(diff)
	}
}

func TestService_Add_NamesTheInvalidField(t *testing.T) {
	ts := newTestService(t)
	ts.put(customer.Customer{ID: "taken", Name: "A"})
	for name, c := range map[string]struct {
		customer customer.Customer
		field    string
		index    int
		reason   string
	}{
		"no name":               {customer.Customer{Name: " "}, "name", 0, "the name is empty"},
		"an id in use":          {customer.Customer{ID: "taken", Name: "B"}, "id", 0, "another customer already has this id"},
		"a long id":             {customer.Customer{ID: strings.Repeat("x", 513), Name: "B"}, "id", 0, "the id is longer than 512 bytes"},
		"a relative avatar URL": {customer.Customer{Name: "B", Avatar: "b.png"}, "avatar", 0, "the avatar URL isn't a full http or https URL"},
		"a fax":                 {customer.Customer{Name: "B", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "fax", Value: "1"}}}, "channel", 1, `the channel type "fax" is unknown: use sms, whatsapp, email, or chat`},
		"a broken link":         {customer.Customer{Name: "B", Links: []customer.Link{{Value: "\xff"}}}, "link", 0, "a link is not valid UTF-8"},
		"a long worker":         {customer.Customer{Name: "B", Workers: []string{"a", strings.Repeat("w", 600)}}, "worker", 1, "a worker's identity is longer than 512 bytes"},
		"a company of NUL":      {customer.Customer{Name: "B", Company: "\x00x"}, "company", 0, "the company contains a NUL character"},
		"very long notes":       {customer.Customer{Name: "B", Details: customer.Detail{Content: strings.Repeat("n", 60<<10)}}, "notes", 0, "the customer is too large: 61 KiB, the limit is 48 KiB"},
	} {
		_, err := ts.Add(t.Context(), "ann", c.customer)
		var field *admin.FieldError
		var invalid *customer.InvalidError
		if !errors.As(err, &field) || !errors.As(err, &invalid) || field.Field != c.field || field.Index != c.index || invalid.Reason != c.reason {
			t.Errorf("Add(%s) = %v (%+v), want %s %d: %s", name, err, field, c.field, c.index, c.reason)
		}
	}
	// Every field is valid, but the customer is too large.
	_, err := ts.Add(t.Context(), "ann", customer.Customer{Name: "B", Company: strings.Repeat("c", 30<<10), Details: customer.Detail{Content: strings.Repeat("n", 30<<10)}})
	var field *admin.FieldError
	var invalid *customer.InvalidError
	if errors.As(err, &field) || !errors.As(err, &invalid) {
		t.Errorf("Add(too large) = %v, want an InvalidError without a field", err)
	}
	if len(ts.all()) != 1 || len(ts.audit.lines()) > 0 {
		t.Errorf("after failed Adds: customers %v, audit %v", ts.all(), ts.audit.lines())
	}
}

func TestService_Save_ReportsConflicts(t *testing.T) {
	ts := newTestService(t)
	c := customer.Customer{ID: "1", Name: "Anna", Workers: []string{"bob"}}
	ts.put(c)
	was := admin.Revision(ts.get("1"))
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wait.Go(func() {
			mine := c
			mine.Company = fmt.Sprint("by ", i)
			errs[i] = ts.Save(context.Background(), "ann", mine, was)
		})
	}
	wait.Wait()
	saved, conflicts := 0, 0
	for _, err := range errs {
		switch {
		case err == nil:
			saved++
		case errors.Is(err, admin.ErrConflict):
			conflicts++
		default:
			t.Error(err)
		}
	}
	if saved != 1 || conflicts != 7 || len(ts.audit.lines()) != 1 {
		t.Errorf("concurrent Save: %d saves, %d conflicts, audit %v, want 1, 7 and 1 entry", saved, conflicts, ts.audit.lines())
	}
	if err := ts.Save(t.Context(), "ann", ts.get("1"), admin.Revision(ts.get("1"))); err != nil {
		t.Errorf("Save(current revision) = %v", err)
	}
	if _, err := ts.Delete(t.Context(), "ann", "1"); err != nil {
		t.Fatal(err)
	}
	if err := ts.Save(t.Context(), "ann", c, was); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("Save(deleted) = %v, want ErrNotFound", err)
	}
}

func TestService_AssignAndDelete_ManyCustomers(t *testing.T) {
	ts := newTestService(t)
	var ids []string
	for i := range 450 {
		id := fmt.Sprintf("c%03d", i)
		ts.put(customer.Customer{ID: id, Name: "N", Workers: []string{"bob"}})
		ids = append(ids, id)
	}
	ids = append(ids, "gone", "c001")
	if n, err := ts.Assign(t.Context(), "ann", ids, []string{"zoe", "carl"}); n != 450 || err != nil {
		t.Errorf("Assign(450 customers) = %d, %v, want 450", n, err)
	}
	if n, err := ts.Assign(t.Context(), "ann", ids, []string{"carl", "zoe"}); n != 0 || err != nil {
		t.Errorf("Assign(same workers) = %d, %v, want 0", n, err)
	}
	if got := ts.get("c001").Workers; !slices.Equal(got, []string{"carl", "zoe"}) {
		t.Errorf("c001 has workers %v", got)
	}
	if n, err := ts.Assign(t.Context(), "ann", ids[:2], nil); n != 2 || err != nil || len(ts.get("c000").Workers) != 0 {
		t.Errorf("Assign(2 customers, nil) = %d, %v, want 2 unassigned", n, err)
	}
	if _, err := ts.Assign(t.Context(), "ann", ids, []string{strings.Repeat("w", 600)}); err == nil {
		t.Error("Assign(identity of 600 bytes) succeeded")
	}
	if n, err := ts.Delete(t.Context(), "ann", ids...); n != 450 || err != nil || len(ts.all()) != 0 {
		t.Errorf("Delete(all) = %d, %v; %d left, want 450 and none left", n, err, len(ts.all()))
	}
	lines := ts.audit.lines()
	if len(lines) != 450+2+450 || lines[1] != `ann customer-changed "c001" "owners=carl%2C+zoe" 0` || lines[450] != `ann customer-changed "c000" "owners=" 0` {
		t.Errorf("audit of %d lines: %s, %s", len(lines), lines[1], lines[450])
	}
}

func TestService_Delete_HoldsUntilAllowImport(t *testing.T) {
	ts := newTestService(t)
	text := "id,name,email,owner\n1,Anna,a@example.com,bob\n,Bert,b@example.com,bob\n3,Carl,,bob\n"
	ts.importText(text, admin.ImportOptions{})
	var generated string
	for _, c := range ts.all() {
		if c.Name == "Bert" {
			generated = c.ID
		}
	}
	if n, err := ts.Delete(t.Context(), "zoe@example.com", "1", generated); n != 2 || err != nil {
		t.Fatalf("Delete(2 customers) = %d, %v", n, err)
	}
	i := ts.stage(text + ",Somebody,b@example.com,bob\n,Other,,bob\n")
	if i = ts.waitFor(i.ID, admin.Ready); i.Preview.PreviouslyDeleted != 3 || i.Preview.Created != 1 || i.Preview.Unchanged != 1 {
		t.Errorf("Preview = %+v, want 3 removed, 1 created, 1 unchanged", i.Preview)
	}
	if _, err := ts.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	i = ts.waitFor(i.ID, admin.Done)
	if r := i.Report; r.PreviouslyDeleted != 3 || r.Created != 1 || len(r.Problems) != 3 || r.Problems[0].Outcome != importer.PreviouslyDeleted ||
		!strings.HasPrefix(r.Problems[0].Reason, `"Anna" was deleted in the console on `) || !strings.HasSuffix(r.Problems[0].Reason, " by zoe@example.com") {
		t.Errorf("Report = %+v, want 3 removed and 1 created", r)
	}
	if _, rejects := ts.rejects(i.ID); strings.Count(rejects, "was deleted") != 3 {
		t.Errorf("Rejects() = %s, want 3 deleted rows", rejects)
	}
	if err := ts.AllowImport(t.Context(), "ann", "1"); err != nil {
		t.Fatal(err)
	}
	if err := ts.AllowImport(t.Context(), "ann", "1"); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("second Restore() = %v, want ErrNotFound", err)
	}
	if i := ts.importText(text, admin.ImportOptions{}); i.Report.Created != 1 || i.Report.PreviouslyDeleted != 1 {
		t.Errorf("Report after Restore = %+v, want 1 created, 1 removed", i.Report)
	}
	// Adding a deleted customer by hand restores it.
	if _, err := ts.Add(t.Context(), "ann", customer.Customer{ID: generated, Name: "Bert"}); err != nil {
		t.Error(err)
	}
	if i := ts.importText(text, admin.ImportOptions{}); i.Report.PreviouslyDeleted != 0 || i.Report.Updated != 1 {
		t.Errorf("Report after Add = %+v, want 1 updated, none removed", i.Report)
	}
}

func TestService_KeepApart(t *testing.T) {
	ts := newTestService(t)
	for _, id := range []string{"1", "2"} {
		ts.put(customer.Customer{ID: id, Name: "N" + id, Channels: []customer.Channel{{Type: "email", Value: "a@example.com"}}})
	}
	page, err := ts.db.Customers().Duplicates(t.Context(), customer.DuplicateQuery{Limit: 5})
	if err != nil || len(page.Groups) != 1 {
		t.Fatalf("Duplicates() = %+v, %v, want one group", page, err)
	}
	if err := ts.KeepApart(t.Context(), "ann", page.Groups[0].Key); err != nil {
		t.Fatal(err)
	}
	if page, _ = ts.db.Customers().Duplicates(t.Context(), customer.DuplicateQuery{Limit: 5}); len(page.Groups) != 0 || len(ts.audit.lines()) != 1 {
		t.Errorf("after KeepApart: Duplicates() = %+v, audit %v", page, ts.audit.lines())
	}
	if err := ts.KeepApart(t.Context(), "ann", "unknown"); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("KeepApart(unknown) = %v, want ErrNotFound", err)
	}
}
