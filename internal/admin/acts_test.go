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

func TestACustomerIsKeptAsAnImportWouldHaveIt(t *testing.T) {
	h := newHouse(t)
	id, err := h.Add(t.Context(), "ann", customer.Customer{
		Name: " Jürgen Müller ", Company: "Acme\t", Workers: []string{"zoe", " bob@example.com ", "BOB@example.com", ""},
		Channels: []customer.Channel{{Type: "sms", Value: "+1 (555) 704-0102"}, {Type: "sms", Value: " "}, {Type: "sms", Value: "WhatsApp:+1 555 704 0103"},
			{Type: "whatsapp", Value: "+15557040104"}, {Type: "whatsapp", Value: "555 1234"}, {Type: "sms", Value: "+15557040102"}, {Type: "email", Value: " a@b.example "}},
		Links:   []customer.Link{{Value: " https://example.com "}, {Type: "CRM", DisplayName: "x"}},
		Details: customer.Detail{Content: " a\r\nb\n"},
	})
	if err != nil || len(id) != 24 || strings.Trim(id, "bcdfghjklmnpqrst") != "" {
		t.Fatalf("it is %q: %v", id, err)
	}
	want := customer.Customer{ID: id, Name: "Jürgen Müller", Company: "Acme", Workers: []string{"bob@example.com", "zoe"},
		Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "whatsapp", Value: "whatsapp:+15557040103"},
			{Type: "whatsapp", Value: "whatsapp:+15557040104"}, {Type: "whatsapp", Value: "whatsapp:555 1234"}, {Type: "email", Value: "a@b.example"}},
		Links: []customer.Link{{Type: "Website", Value: "https://example.com", DisplayName: "Website"}}, Details: customer.Detail{Content: "a\nb"}}
	if diff := cmp.Diff(want, h.get(id)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{fmt.Sprintf(`ann customer-added %q "assigned to bob@example.com, zoe" 0`, id)}, h.diary.told()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsWrongWithACustomerIsToldOfItsField(t *testing.T) {
	h := newHouse(t)
	h.put(customer.Customer{ID: "taken", Name: "A"})
	for name, c := range map[string]struct {
		customer customer.Customer
		field    string
		index    int
		reason   string
	}{
		"no name":           {customer.Customer{Name: " "}, "name", 0, "the name is empty"},
		"an id in use":      {customer.Customer{ID: "taken", Name: "B"}, "id", 0, "there is a customer with this id already"},
		"a long id":         {customer.Customer{ID: strings.Repeat("x", 513), Name: "B"}, "id", 0, "the id is longer than 512 bytes"},
		"a picture nowhere": {customer.Customer{Name: "B", Avatar: "b.png"}, "avatar", 0, "the picture's address is not a complete http or https address"},
		"a fax":             {customer.Customer{Name: "B", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "fax", Value: "1"}}}, "channel", 1, `a channel's type is "fax": it must be sms, whatsapp, email or chat`},
		"a broken link":     {customer.Customer{Name: "B", Links: []customer.Link{{Value: "\xff"}}}, "link", 0, "a link is not valid UTF-8"},
		"a long worker":     {customer.Customer{Name: "B", Workers: []string{"a", strings.Repeat("w", 600)}}, "worker", 1, "a worker's identity is longer than 512 bytes"},
		"a company of NUL":  {customer.Customer{Name: "B", Company: "\x00x"}, "company", 0, "the company holds a NUL character"},
		"very long notes":   {customer.Customer{Name: "B", Details: customer.Detail{Content: strings.Repeat("n", 60<<10)}}, "notes", 0, "the customer is too big to be sent: 61 KiB, and the most is 48 KiB"},
	} {
		_, err := h.Add(t.Context(), "ann", c.customer)
		var field *admin.FieldError
		var invalid *customer.InvalidError
		if !errors.As(err, &field) || !errors.As(err, &invalid) || field.Field != c.field || field.Index != c.index || invalid.Reason != c.reason {
			t.Errorf("%s: %v (%+v)", name, err, field)
		}
	}
	// All of it together is too much: no field alone is to blame.
	_, err := h.Add(t.Context(), "ann", customer.Customer{Name: "B", Company: strings.Repeat("c", 30<<10), Details: customer.Detail{Content: strings.Repeat("n", 30<<10)}})
	var field *admin.FieldError
	var invalid *customer.InvalidError
	if errors.As(err, &field) || !errors.As(err, &invalid) {
		t.Errorf("too much: %v", err)
	}
	if len(h.all()) != 1 || len(h.diary.told()) > 0 {
		t.Errorf("kept are %v, %v", h.all(), h.diary.told())
	}
}

func TestOfTwoWhoEditTheSameTheSecondIsTold(t *testing.T) {
	h := newHouse(t)
	c := customer.Customer{ID: "1", Name: "Anna", Workers: []string{"bob"}}
	h.put(c)
	was := admin.Revision(h.get("1"))
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wait.Go(func() {
			mine := c
			mine.Company = fmt.Sprint("by ", i)
			errs[i] = h.Save(context.Background(), "ann", mine, was)
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
	if saved != 1 || conflicts != 7 || len(h.diary.told()) != 1 {
		t.Errorf("%d saved, %d were told, the audit has %v", saved, conflicts, h.diary.told())
	}
	if err := h.Save(t.Context(), "ann", h.get("1"), admin.Revision(h.get("1"))); err != nil {
		t.Errorf("the next one: %v", err)
	}
	if _, err := h.Delete(t.Context(), "ann", "1"); err != nil {
		t.Fatal(err)
	}
	if err := h.Save(t.Context(), "ann", c, was); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("one who is gone: %v", err)
	}
}

func TestCustomersAreAssignedAndDeletedManyAtATime(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for i := range 450 {
		id := fmt.Sprintf("c%03d", i)
		h.put(customer.Customer{ID: id, Name: "N", Workers: []string{"bob"}})
		ids = append(ids, id)
	}
	ids = append(ids, "gone", "c001")
	if n, err := h.Assign(t.Context(), "ann", ids, []string{"zoe", "carl"}); n != 450 || err != nil {
		t.Errorf("%d assigned: %v", n, err)
	}
	if n, err := h.Assign(t.Context(), "ann", ids, []string{"carl", "zoe"}); n != 0 || err != nil {
		t.Errorf("%d assigned again: %v", n, err)
	}
	if got := h.get("c001").Workers; !slices.Equal(got, []string{"carl", "zoe"}) {
		t.Errorf("c001 is of %v", got)
	}
	if n, err := h.Assign(t.Context(), "ann", ids[:2], nil); n != 2 || err != nil || len(h.get("c000").Workers) != 0 {
		t.Errorf("%d are nobody's: %v", n, err)
	}
	if _, err := h.Assign(t.Context(), "ann", ids, []string{strings.Repeat("w", 600)}); err == nil {
		t.Error("an identity of 600 bytes is accepted")
	}
	if n, err := h.Delete(t.Context(), "ann", ids...); n != 450 || err != nil || len(h.all()) != 0 {
		t.Errorf("%d deleted: %v", n, err)
	}
	told := h.diary.told()
	if len(told) != 450+2+450 || told[1] != `ann customer-changed "c001" "assigned to carl, zoe" 0` || told[450] != `ann customer-changed "c000" "assigned to nobody" 0` {
		t.Errorf("the audit has %d: %s, %s", len(told), told[1], told[450])
	}
}

func TestDeletedCustomersStayDeletedUntilTheyAreRestored(t *testing.T) {
	h := newHouse(t)
	text := "id,name,email,owner\n1,Anna,a@example.com,bob\n,Bert,b@example.com,bob\n3,Carl,,bob\n"
	h.bring(text, admin.ImportOptions{})
	var made string
	for _, c := range h.all() {
		if c.Name == "Bert" {
			made = c.ID
		}
	}
	if n, err := h.Delete(t.Context(), "zoe@example.com", "1", made); n != 2 || err != nil {
		t.Fatalf("%d deleted: %v", n, err)
	}
	i := h.stage(text + ",Somebody,b@example.com,bob\n,Other,,bob\n")
	if i = h.until(i.ID, admin.Ready); i.Preview.Removed != 3 || i.Preview.Created != 1 || i.Preview.Unchanged != 1 {
		t.Errorf("the preview says %+v", i.Preview)
	}
	if _, err := h.Run(t.Context(), "ann", i.ID); err != nil {
		t.Fatal(err)
	}
	i = h.until(i.ID, admin.Done)
	if r := i.Report; r.Removed != 3 || r.Created != 1 || len(r.Problems) != 3 || r.Problems[0].Outcome != importer.Removed ||
		!strings.HasPrefix(r.Problems[0].Reason, `"Anna" was deleted in the console on `) || !strings.HasSuffix(r.Problems[0].Reason, " by zoe@example.com") {
		t.Errorf("it came to %+v", r)
	}
	if _, rejects := h.rejects(i.ID); strings.Count(rejects, "was deleted") != 3 {
		t.Errorf("the rejects are %s", rejects)
	}
	if err := h.Restore(t.Context(), "ann", "1"); err != nil {
		t.Fatal(err)
	}
	if err := h.Restore(t.Context(), "ann", "1"); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("restored twice: %v", err)
	}
	if i := h.bring(text, admin.ImportOptions{}); i.Report.Created != 1 || i.Report.Removed != 1 {
		t.Errorf("after restoring, it came to %+v", i.Report)
	}
	// Who adds a deleted one by hand wants it back.
	if _, err := h.Add(t.Context(), "ann", customer.Customer{ID: made, Name: "Bert"}); err != nil {
		t.Error(err)
	}
	if i := h.bring(text, admin.ImportOptions{}); i.Report.Removed != 0 || i.Report.Updated != 1 {
		t.Errorf("after adding, it came to %+v", i.Report)
	}
}

func TestMergedCustomersAreOneAndStaySo(t *testing.T) {
	h := newHouse(t)
	h.put(
		customer.Customer{ID: "1", Name: "Anna", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}}, Details: customer.Detail{Content: "likes tea"}, Workers: []string{"bob@example.com"}},
		customer.Customer{ID: "2", Name: "Anna B.", Company: "Acme", Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "email", Value: "a@example.com"}},
			Links: []customer.Link{{Type: "CRM", Value: "https://example.com", DisplayName: "x"}}, Details: customer.Detail{Title: "T", Content: "likes coffee"}, Workers: []string{"BOB@example.com", "zoe"}},
		customer.Customer{ID: "3", Name: "A.", Company: "Other", Details: customer.Detail{Content: "likes tea"}, Avatar: "https://example.com/a.png"})
	for what, err := range map[string]error{
		"somebody unknown": h.Merge(t.Context(), "ann", "1", "2", "nobody"),
		"into nobody":      h.Merge(t.Context(), "ann", "nobody", "2"),
	} {
		if !errors.Is(err, customer.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var invalid *customer.InvalidError
	if err := h.Merge(t.Context(), "ann", "1", "1"); !errors.As(err, &invalid) {
		t.Errorf("with itself: %v", err)
	}
	if len(h.all()) != 3 {
		t.Fatalf("half a merge: %+v", h.all())
	}
	if err := h.Merge(t.Context(), "ann", "1", "3", "2", "2", "1"); err != nil {
		t.Fatal(err)
	}
	want := []customer.Customer{{ID: "1", Name: "Anna", Company: "Acme", Avatar: "https://example.com/a.png",
		Channels: []customer.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "email", Value: "a@example.com"}},
		Links:    []customer.Link{{Type: "CRM", Value: "https://example.com", DisplayName: "x"}},
		Details:  customer.Detail{Title: "T", Content: "likes tea\n\nlikes coffee"}, Workers: []string{"bob@example.com", "zoe"}}}
	if diff := cmp.Diff(want, h.all()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`ann customers-merged "1" "with others" 2`, `ann customers-merged "2" "into another customer" 0`,
		`ann customers-merged "3" "into another customer" 0`}, h.diary.told()); diff != "" {
		t.Error(diff)
	}
	i := h.bring("id,name,owner\n1,Anna,bob@example.com\n2,Anna B.,zoe\n", admin.ImportOptions{})
	if i.Report.Removed != 1 || !strings.Contains(i.Report.Problems[0].Reason, "by ann, merged into 1") || len(h.all()) != 1 {
		t.Errorf("an import came to %+v", i.Report)
	}
}

func TestAMergeThatIsTooMuchForOneChangesNothing(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"1", "2"} {
		h.put(customer.Customer{ID: id, Name: "N", Details: customer.Detail{Content: id + strings.Repeat("n", 30<<10)}})
	}
	before := h.dump()
	var invalid *customer.InvalidError
	if err := h.Merge(t.Context(), "ann", "1", "2"); !errors.As(err, &invalid) || h.dump() != before || len(h.diary.told()) > 0 {
		t.Errorf("got %v", err)
	}
}

func TestDuplicatesAreKeptApart(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"1", "2"} {
		h.put(customer.Customer{ID: id, Name: "N" + id, Channels: []customer.Channel{{Type: "email", Value: "a@example.com"}}})
	}
	page, err := h.db.Customers().Duplicates(t.Context(), customer.DuplicateQuery{Limit: 5})
	if err != nil || len(page.Groups) != 1 {
		t.Fatalf("%+v: %v", page, err)
	}
	if err := h.KeepApart(t.Context(), "ann", page.Groups[0].Key); err != nil {
		t.Fatal(err)
	}
	if page, _ = h.db.Customers().Duplicates(t.Context(), customer.DuplicateQuery{Limit: 5}); len(page.Groups) != 0 || len(h.diary.told()) != 1 {
		t.Errorf("%+v, %v", page, h.diary.told())
	}
	if err := h.KeepApart(t.Context(), "ann", "unknown"); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("an unknown group: %v", err)
	}
}
