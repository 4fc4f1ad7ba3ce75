package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
)

// tenCustomers returns a store with the customers 0 to 9 of bob; 0 is also dave's, 9 is
// only carl's.
func tenCustomers(t *testing.T) *store.Customers {
	t.Helper()
	store := openStore(t, store.Options{})
	text := "id,name,email,owner\n"
	for i := range 10 {
		text += fmt.Sprintf("%d,Person %d,p%d@example.com,%s\n", i, i, i, map[int]string{0: "bob;dave", 9: "carl"}[i]+map[bool]string{true: "bob"}[i > 0 && i < 9])
	}
	run(t, store, text, importer.Options{})
	return store
}

// rows returns a CSV of the customers with these ids.
func rows(owner string, ids ...int) string {
	text := "id,name,email" + map[bool]string{true: ",owner"}[owner != ""] + "\n"
	for _, i := range ids {
		text += fmt.Sprintf("%d,Person %d,p%d@example.com%s\n", i, i, i, map[bool]string{true: "," + owner}[owner != ""])
	}
	return text
}

func TestPrune_DeletesCustomersThatTheFileNoLongerHas(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		opts importer.Options
		want string // the customers after it, with their owners
		r    importer.Report
	}{
		"two of all, when the file names owners": {rows("bob", 0, 1, 2, 3, 4, 5, 6, 7), importer.Options{},
			"0:bob 1:bob 2:bob 3:bob 4:bob 5:bob 6:bob 7:bob", importer.Report{PruneScope: 10, Absent: 2, Pruned: 2, FirstPruned: []importer.Pruned{{ID: "8", Name: "Person 8"}, {ID: "9", Name: "Person 9"}}}},
		"two of all, for everyone": {rows("", 0, 1, 2, 3, 4, 5, 6, 7), importer.Options{Worker: "*"},
			"0:*,bob,dave 1:*,bob 2:*,bob 3:*,bob 4:*,bob 5:*,bob 6:*,bob 7:*,bob", importer.Report{PruneScope: 10, Absent: 2, Pruned: 2, FirstPruned: []importer.Pruned{{ID: "8", Name: "Person 8"}, {ID: "9", Name: "Person 9"}}}},
		"of one worker's only, and not those with further owners": {rows("", 1, 2, 3, 4, 5, 6, 7, 8), importer.Options{Worker: "bob", PruneAnyway: true},
			"0:dave 1:bob 2:bob 3:bob 4:bob 5:bob 6:bob 7:bob 8:bob 9:carl", importer.Report{PruneScope: 9, Absent: 1, Pruned: 1, FirstPruned: []importer.Pruned{{ID: "0", Name: "Person 0", Released: true}}}},
		"of a worker's, new ones aside": {rows("", 0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22), importer.Options{Worker: "bob"},
			"0:bob,dave 1:bob 2:bob 20:bob 21:bob 22:bob 3:bob 4:bob 5:bob 6:bob 7:bob 9:carl", importer.Report{PruneScope: 9, Absent: 1, Pruned: 1, FirstPruned: []importer.Pruned{{ID: "8", Name: "Person 8"}}}},
		"more than a fifth, which is refused": {rows("bob", 0, 1, 2, 3, 4, 5, 6), importer.Options{},
			"0:bob 1:bob 2:bob 3:bob 4:bob 5:bob 6:bob 7:bob 8:bob 9:carl", importer.Report{PruneScope: 10, Absent: 3, PruneRefused: true,
				PruneReason: "3 of 10 customers are missing from the file, more than 20%",
				FirstPruned: []importer.Pruned{{ID: "7", Name: "Person 7"}, {ID: "8", Name: "Person 8"}, {ID: "9", Name: "Person 9"}}}},
		"more than a fifth, on insisting": {rows("bob", 0), importer.Options{PruneAnyway: true}, "0:bob", importer.Report{PruneScope: 10, Absent: 9, Pruned: 9}},
		"none, when no row can be used": {"id,name,owner\n77,,bob\n", importer.Options{PruneAnyway: true},
			"0:bob,dave 1:bob 2:bob 3:bob 4:bob 5:bob 6:bob 7:bob 8:bob 9:carl", importer.Report{PruneScope: 10, Absent: 10, PruneRefused: true, PruneReason: "no row of the file could be imported"}},
		"none, when the file is empty": {"id,name,owner\n", importer.Options{PruneAnyway: true},
			"0:bob,dave 1:bob 2:bob 3:bob 4:bob 5:bob 6:bob 7:bob 8:bob 9:carl", importer.Report{PruneScope: 10, Absent: 10, PruneRefused: true, PruneReason: "no row of the file could be imported"}},
		"none that a row is about that was not used": {rows("bob", 1, 2, 3, 4) + "5,,,bob\n6\n7,Person 7,p7@example.com,bob,too,many\n8,\"Person 8,p8@example.com,bob\n,,p9@example.com,bob,too,many\n1,Again,,bob\n0," + strings.Repeat("x", 60_000) + ",,bob\n",
			importer.Options{PruneAnyway: true}, "0:bob,dave 1:bob 2:bob 3:bob 4:bob 5:bob 6:bob 7:bob 8:bob 9:carl", importer.Report{PruneScope: 10}},
	} {
		t.Run(name, func(t *testing.T) {
			store := tenCustomers(t)
			c.opts.Prune = true
			check, _ := checked(t, store, c.text, c.opts)
			report := run(t, store, c.text, c.opts)
			var got []string
			for _, c := range all(t, store) {
				got = append(got, c.ID+":"+strings.Join(c.Workers, ","))
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("customers = %s\nwant %s", got, c.want)
			}
			for what, r := range map[string]importer.Report{"the check": check, "the import": report} {
				if len(c.r.FirstPruned) == 0 {
					r.FirstPruned = nil
				}
				if diff := cmp.Diff(c.r, importer.Report{PruneScope: r.PruneScope, Absent: r.Absent, Pruned: r.Pruned, PruneRefused: r.PruneRefused,
					PruneReason: r.PruneReason, FirstPruned: r.FirstPruned}); diff != "" {
					t.Errorf("report of %s (-want +got):\n%s", what, diff)
				}
			}
			if report.PruneRefused {
				return
			}
			again := run(t, store, c.text, c.opts)
			if again.Pruned+again.Created+again.Updated > 0 {
				t.Errorf("the report of a second run = %+v", again)
			}
		})
	}
}

func TestPrune_DeletesNothingUnlessTheFileWasReadToItsEnd(t *testing.T) {
	store := tenCustomers(t)
	src := io.MultiReader(strings.NewReader(rows("bob", 0, 1)), iotest.ErrReader(errors.New("the connection broke")))
	report, err := importer.Run(context.Background(), src, store, importer.Options{Prune: true, PruneAnyway: true})
	if err == nil || report.Pruned+report.Absent > 0 || len(all(t, store)) != 10 {
		t.Errorf("Import = %+v, %v", report, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	opts := importer.Options{Prune: true, PruneAnyway: true, Progress: func(importer.Progress) { cancel() }}
	report, err = importer.Run(ctx, strings.NewReader(rows("bob", 0, 1)), store, opts)
	if !errors.Is(err, context.Canceled) || report.Pruned+report.Absent > 0 || len(all(t, store)) != 10 {
		t.Errorf("canceled, Run = %+v, %v", report, err)
	}
}

func TestPrune_LetsALaterFileBringCustomersBack(t *testing.T) {
	store := tenCustomers(t)
	run(t, store, rows("bob", 0, 1, 2, 3, 4, 5, 6, 7), importer.Options{Prune: true})
	if r := run(t, store, rows("bob", 8), importer.Options{}); r.Created != 1 {
		t.Errorf("report = %+v", r)
	}
}

func TestPrune_RefusesAFileThatWasCutOff(t *testing.T) {
	csv := rows("bob", 0, 1, 2, 3, 4, 5, 6, 7)
	list := `[{"id":"0","name":"a"},{"id":"1","name":"a"},{"id":"2","name":"a"},{"id":"3","name":"a"},{"id":"4","name":"a"},` +
		`{"id":"5","name":"a"},{"id":"6","name":"a"},{"id":"7","name":"a"}`
	for name, text := range map[string]string{
		"in the middle of a row":            csv[:len(csv)-len("ample.com,bob\n")],
		"in a text in quotation marks":      csv[:len(csv)-len("on 7,p7@example.com,bob\n")] + `"Per`,
		"within a JSON object":              list[:len(list)-4],
		"between the objects of a list":     list,
		"after a comma of a list":           list + ",\n",
		"before the list's end, in a wrap":  `{"customers":` + list,
		"before an object without a colon":  list + `,{"id" 9}]`,
		"within a card":                     "BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:B\n",
		"on the first letters of a new row": csv + "9",
	} {
		t.Run(name, func(t *testing.T) {
			for _, insist := range []bool{false, true} {
				store := tenCustomers(t)
				opts := importer.Options{Prune: true, PruneAnyway: insist, Worker: "bob"}
				file, err := importer.Open(t.Context(), strings.NewReader(text), opts)
				if err != nil {
					t.Fatal(err)
				}
				checked, err := file.DryRun(t.Context(), store, io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				report := run(t, store, text, opts)
				for _, r := range []importer.Report{checked, report} {
					if !r.PruneRefused || !r.PruneUnread || r.Pruned != 0 || !strings.Contains(r.PruneReason, "missing customers are unknown") {
						t.Errorf("insist %v: pruned %d, refused %v, unread %v: %q", insist, r.Pruned, r.PruneRefused, r.PruneUnread, r.PruneReason)
					}
				}
			}
		})
	}
	store := tenCustomers(t)
	if r := run(t, store, list+"]", importer.Options{Prune: true, Worker: "bob"}); r.PruneRefused || r.Rejected != 0 {
		t.Errorf("Import(whole list): refused %v, %q, %d rejected, want no refusal and 0", r.PruneRefused, r.PruneReason, r.Rejected)
	}
	store = tenCustomers(t)
	if r := run(t, store, strings.TrimSuffix(rows("bob", 0, 1, 2, 3, 4, 5, 6, 7), "\n"), importer.Options{Prune: true}); r.Pruned != 2 {
		t.Errorf("Import(no line end after the last row): pruned %d, want 2: %q", r.Pruned, r.PruneReason)
	}
}

func TestPrune_KeepsCustomersThatARowMayBeAbout(t *testing.T) {
	const header = "name,phone,email\n"
	for name, c := range map[string]struct{ before, after string }{
		"a short row with a name alone":           {header + "Anna,+491702222222,\n", header + "Anna\n"},
		"a row with a name and empty cells":       {header + "Anna,+491702222222,\n", header + "Anna,,\n"},
		"a row of nothing":                        {header + "Anna,+491702222222,\n", header + ",-,-\n"},
		"a number without its last digits":        {header + "Anna,+491702222222,\n", header + "Anna,4.91702E+11,\n"},
		"that number, and no name":                {header + ",+491702222222,\n", header + ",4.91702E+11,\n"},
		"that number, and another name":           {header + "Anna,+491702222222,a@example.com\n", header + "Ann Lee,4.91702E+11,b@example.com\n"},
		"a number without its country":            {header + "Anna,+491702222222,\n", header + "Anna,01702222222,\n"},
		"an id in another cell, for a comma":      {"name,email,id\nAnna Lee,anna@example.com,7\n", "name,email,id\nLee, Anna,anna@example.com,7\n"},
		"an id without its last digits":           {"id,name\n123456789012,Anna\n", "id,name\n1.23457E+11,Anna Lee\n"},
		"that id, beside one with the same email": {"id,name,email\n1,Anna,a@example.com\n123456789012,Anna,a@example.com\n", "id,name,email\n1,Anna,a@example.com\n1.23457E+11,Anna,a@example.com\n"},
		"an id without its zeros":                 {"id,name\n00123,Anna\n", "id,name\n123,Anna Lee\n"},
		"an id with zeros for its last digits":    {"id,name\n123456789012345678,Anna\n", "id,name\n123456789012345000,Anna Lee\n"},
		"an id that became a date":                {"id,name\n1-2,Anna\n", "id,name\n02-Jan,Anna Lee\n"},
		"two rows with one email":                 {"id,name,email,phone\n1,Anna,a@example.com,+491701111111\n2,Anna,a@example.com,+491702222222\n", header + "Anna,+491701111111,a@example.com\nAnna,+491702222222,a@example.com\n"},
		"two customers with the name and email":   {"id,name,email\n1,Anna,a@example.com\n2,Anna,a@example.com\n", "name,email,company\nAnna,a@example.com,Example\n"},
	} {
		t.Run(name, func(t *testing.T) {
			store := openStore(t, store.Options{})
			run(t, store, c.before, importer.Options{Worker: "*"})
			had := all(t, store)
			run(t, store, "id,name\nother,Zoe\nabsent,Zac\n", importer.Options{Worker: "*"})
			opts := importer.Options{Worker: "*", Prune: true, PruneAnyway: true}
			for range 2 { // the second run must not take what the first one kept
				run(t, store, c.after, opts)
				for _, c := range had {
					if _, err := store.Get(t.Context(), c.ID); err != nil {
						t.Errorf("Get(%q), %s, after the import: %v", c.ID, c.Name, err)
					}
				}
			}
		})
	}
}

func TestPrune_TellsWhoWasKeptAndWhyNothingIsDeleted(t *testing.T) {
	store := tenCustomers(t)
	opts := importer.Options{Worker: "*", Prune: true, PruneAnyway: true}
	report := run(t, store, "name,email\nPerson 1,\nPerson 2,p2@example.com\n", opts)
	if notes := strings.Join(report.Notes, "\n"); report.Pruned != 8 || !strings.Contains(notes, "Customers kept that a row may be about: 1.") {
		t.Errorf("pruned %d, notes %q; want 8 and that one was kept", report.Pruned, notes)
	}
	report = run(t, store, "name,email\nPerson 2\n,a@example.com\n", opts)
	if want := "line 2 doesn't show which customer it is about"; !report.PruneUnread || !strings.Contains(report.PruneReason, want) {
		t.Errorf("pruned %d, %q; want none, and %q", report.Pruned, report.PruneReason, want)
	}
}
