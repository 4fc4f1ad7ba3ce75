package importer_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_RejectsTroublesRowByRow(t *testing.T) {
	text, store := shared(t, "troubles.csv"), newStore(t)
	var rejects bytes.Buffer
	file, err := importer.Open(t.Context(), strings.NewReader(text), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := file.Import(context.Background(), store, &rejects)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := countsOf(report), (counts{Rows: 40, Created: 38, Skipped: 1, Rejected: 1}); got != want {
		t.Errorf("report = %+v, want %+v", got, want)
	}
	want := []importer.Problem{
		{Line: 8, Outcome: importer.Skipped, Reason: `duplicate: customer "5" is already on line 6 with the same content`},
		{Line: 10, Outcome: importer.Rejected, Reason: "2 columns, but the header has 5"},
	}
	if diff := cmp.Diff(want, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	remarks := []importer.Problem{{Line: 9, Outcome: importer.Noted, Reason: `"call the office" isn't a phone number; kept unchanged`}}
	if diff := cmp.Diff(remarks, report.Remarks); diff != "" {
		t.Errorf("remarks (-want +got):\n%s", diff)
	}
	wantRejects := "rejected_line,rejected_reason,customer_id,display_name,phone,email,worker\r\n" +
		"8,\"duplicate: customer \"\"5\"\" is already on line 6 with the same content\",5,Hiro de la Cruz,+1 555 424 0105,customer5@example.org,carol@example.com\r\n" +
		"10,\"2 columns, but the header has 5\",9,Only two\r\n"
	if diff := cmp.Diff(wantRejects, rejects.String()); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}

	byID := map[string]customer.Customer{}
	for _, c := range all(t, store) {
		byID[c.ID] = c
	}
	for id, name := range map[string]string{
		"10": "<script>alert(1)</script>", "11": `=HYPERLINK("http://evil.example","x")`,
		"13": "Tab\tand\u202eevil", "14": strings.Repeat("x", 5000), "1": "太郎 Şahin", "6": "customer6@example.org", "18": "Tomás D'Angelo",
	} {
		if got := byID[id].Name; got != name {
			t.Errorf("customer %s is called %.60q, want %.60q", id, got, name)
		}
	}
	wantChannels := []customer.Channel{{Type: customer.SMS, Value: "call the office"}, {Type: customer.Email, Value: "customer8@example.org"}}
	if diff := cmp.Diff(wantChannels, byID["8"].Channels); diff != "" {
		t.Errorf("channels of customer 8 (-want +got):\n%s", diff)
	}
	if _, ok := byID["9"]; ok {
		t.Error("the row with two columns made a customer")
	}
	without := 0
	for id, c := range byID {
		if strings.Trim(id, "0123456789") != "" {
			without++
			if c.Name != "Stefany 박" || c.Workers[0] != "alice@example.com" {
				t.Errorf("the row without an id made %s", show(c))
			}
		}
	}
	if without != 1 {
		t.Errorf("import made up ids of %d customers, want 1", without)
	}
}

func TestImport_WritesNoFormulasToRejects(t *testing.T) {
	text := "name,phone,owner,=notes\n,+15557040102,bob,\"=cmd|' /C calc'!A0, x\"\n,+15557040103,bob,plain\n"
	file, err := importer.Open(t.Context(), strings.NewReader(text), importer.Options{Map: []importer.Mapping{{Field: importer.Ignore, Column: "phone"}}})
	if err != nil {
		t.Fatal(err)
	}
	var rejects bytes.Buffer
	if _, err := file.Import(context.Background(), newStore(t), &rejects); err != nil {
		t.Fatal(err)
	}
	want := "rejected_line,rejected_reason,\"name\",\"phone\",\"owner\",\"'=notes\"\r\n" +
		"2,\"no name\",\"\",\"+15557040102\",\"bob\",\"'=cmd|' /C calc'!A0, x\"\r\n" +
		"3,\"no name\",,+15557040103,bob,plain\r\n"
	if diff := cmp.Diff(want, rejects.String()); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}
}

// A spreadsheet that takes another character for the delimiter begins cells within a cell.
func TestImport_WritesNoFormulasWithinCellsToRejects(t *testing.T) {
	store := newStore(t)
	importFile := func(text string) string {
		file, err := importer.Open(t.Context(), strings.NewReader(text), importer.Options{Worker: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		var rejects bytes.Buffer
		if _, err := file.Import(t.Context(), store, &rejects); err != nil {
			t.Fatal(err)
		}
		return rejects.String()
	}
	const notes = "a;=1+cmd|' /C calc'!A0;@SUM(1)"
	rejects := importFile("name,notes,phone\n,\"" + notes + "\",-\n,x,\"-;=HYPERLINK(1)\"\n")
	for _, live := range []string{";=", ";@"} {
		if strings.Contains(rejects, live) {
			t.Errorf("the rejects contain %q: %s", live, rejects)
		}
	}
	importFile(strings.Replace(rejects, "\"no name\",\"\",", "\"no name\",\"Ann\",", 1))
	if list := all(t, store); len(list) != 1 || list[0].Details.Content != notes {
		t.Errorf("importing the corrected rejects stored %s, want the notes %q", show(list), notes)
	}
}

func TestImport_ReadsCorrectedRejects(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		correct func(rejects string) string
		want    string // the name of the last customer after it
	}{
		"CSV": {"id;name;phone;owner\n1;Anna;+15557040102;bob\n2;;;bob\n3;\"Carl;+1;bob\n4;Dora\n",
			func(s string) string { return strings.Replace(s, "2;;", "2;Bert;", 1) }, "Bert"},
		"JSON": {`[{"id":1,"name":"Anna","worker":"bob"},{"id":1,"name":"Anna","worker":"bob"},{"id":2,"worker":"bob"},{"id":3,"name":"Carl" "x"},` + "\n7]",
			func(s string) string { return strings.Replace(s, `"id":2,`, `"id":2,"name":"Bert",`, 1) }, "Bert"},
		"vCard": {"BEGIN:VCARD\nUID:1\nFN:Anna\nEND:VCARD\nBEGIN:VCARD\nUID:2\nTITLE:CEO\nEND:VCARD\nBEGIN:VCARD\nFN:Carl\n",
			func(s string) string { return strings.Replace(s, "UID:2", "UID:2\r\nFN:Bert", 1) }, "Bert"},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			var opts importer.Options
			if name == "vCard" {
				opts.Worker = "bob"
			}
			importFile := func(text string) (importer.Report, string) {
				file, err := importer.Open(t.Context(), strings.NewReader(text), opts)
				if err != nil {
					t.Fatalf("Open(%s) = %v", text, err)
				}
				var rejects bytes.Buffer
				report, err := file.Import(context.Background(), store, &rejects)
				if err != nil {
					t.Fatal(err)
				}
				return report, rejects.String()
			}
			report, rejects := importFile(c.text)
			if report.Rejected == 0 || report.Created != 1 {
				t.Fatalf("report = %s", show(report))
			}
			again, same := importFile(rejects)
			if again.Rejected != report.Rejected || again.Created != 0 || again.Rows != report.Rejected+report.Skipped {
				t.Errorf("importing the rejects as they are reports %s\n%s", show(again), rejects)
			}
			if !strings.Contains(same, "Carl") {
				t.Errorf("a row was lost of\n%s\nonly this is left:\n%s", rejects, same)
			}
			corrected, _ := importFile(c.correct(rejects))
			if corrected.Created != 1 {
				t.Errorf("importing the corrected rejects reports %s\n%s", show(corrected), c.correct(rejects))
			}
			list := all(t, store)
			if got := list[len(list)-1].Name; got != c.want {
				t.Errorf("the corrected row made %q, want %q", got, c.want)
			}
		})
	}
}
