package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_ReadsJSONInEveryLayout(t *testing.T) {
	const anna, bert = `{"id": 1, "name": "Anna", "email": "a@example.com"}`, `{"id": "2", "name": "Bert"}`
	pretty := "{\n  \"id\": 1,\n  \"name\": \"Anna\",\n  \"email\": \"a@example.com\"\n}"
	for name, text := range map[string]string{
		"an array":                       "[" + anna + "," + bert + "]",
		"an array over lines":            "[\n  " + pretty + ",\n  " + bert + "\n]\n",
		"an array with a comma too many": "[" + anna + "," + bert + ",]",
		"lines":                          anna + "\n" + bert + "\n",
		"lines with blank ones":          "\n" + anna + "\r\n\r\n" + bert,
		"one after the other":            pretty + "\n" + bert,
		"customers in an object":         `{"total": 2, "customers": [` + anna + ", " + bert + `], "next": null}`,
		"the callback's response":        `{"objects":{"searchable":true,"customers":[` + anna + "," + bert + `]}}`,
		"a page of an API":               `{"meta":{"page":[1]},"results": [` + "\n" + anna + ",\n" + bert + "]}",
		"with a byte order mark":         "\uFEFF[" + anna + "," + bert + "]",
	} {
		t.Run(name, func(t *testing.T) {
			list, report := imported(t, text, importer.Options{})
			want := []customer.Customer{
				{ID: "1", Name: "Anna", Channels: []customer.Channel{email("a@example.com")}, Workers: []string{"bob"}},
				{ID: "2", Name: "Bert", Workers: []string{"bob"}},
			}
			if diff := cmp.Diff(want, list); diff != "" {
				t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
			}
			if report.Rows != 2 {
				t.Errorf("Rows = %d, want 2", report.Rows)
			}
		})
	}
}

func TestImport_ReadsJSONOfManyShapes(t *testing.T) {
	full := customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", Channels: []customer.Channel{sms("+15557040102"), email("a@example.com")}, Workers: []string{"bob"}}
	for name, text := range map[string]string{
		"the callback's customer": `{"customer_id":1,"display_name":"Anna Lee","company":"Acme","channels":[{"type":"sms","value":"+1 555 704-0102"},{"type":"email","value":"a@example.com"}],"worker":"bob"}`,
		"HubSpot's API":           `{"id":"1","properties":{"firstname":"Anna","lastname":"Lee","company":"Acme","email":"a@example.com","phone":"+15557040102","hubspot_owner_id":"bob"}}`,
		"Airtable's API":          `{"id":"1","createdTime":"2026-01-01","fields":{"Name":"Anna Lee","Company":"Acme","Email":"a@example.com","Phone":"+15557040102","Owner":{"email":"bob"}}}`,
		"Salesforce's API":        `{"attributes":{"type":"Contact"},"Id":"1","FirstName":"Anna","LastName":"Lee","Account":{"Name":"Acme"},"Email":"a@example.com","MobilePhone":"+15557040102","Owner":{"Username":"bob"}}`,
		"lists of objects":        `{"id":1,"name":{"first":"Anna","last":"Lee"},"org":"Acme","phones":[{"type":"mobile","number":"+15557040102"}],"emails":[{"value":"a@example.com"}],"workers":["bob"]}`,
		"camel case":              `{"customerId":1,"firstName":"Anna","lastName":"Lee","companyName":"Acme","phoneNumber":"+15557040102","emailAddress":"a@example.com","worker":"bob"}`,
	} {
		t.Run(name, func(t *testing.T) {
			list, report := imported(t, text, importer.Options{})
			if diff := cmp.Diff([]customer.Customer{full}, list); diff != "" {
				t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
			}
		})
	}
}

func TestImport_RejectsABrokenJSONRecordAlone(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		lines []int // of the rejected
		names []string
	}{
		"in lines":                     {"{\"id\":1,\"name\":\"A\"}\n{\"id\":2,\"name\":\"B\n{\"id\":3,\"name\":\"C\"}\nnull\n{\"id\":4,\"name\":\"D\"}", []int{2, 4}, []string{"A", "C", "D"}},
		"in an array, balanced":        {"[\n{\"id\":1,\"name\":\"A\"},\n{\"id\":2,,},\n{\"id\":3,\"name\":\"C\"}\n]", []int{3}, []string{"A", "C"}},
		"in an array, an open mark":    {"[\n {\"id\":1,\"name\":\"A\"},\n {\n  \"id\":2,\n  \"name\":\"B\n },\n {\"id\":3,\"name\":\"C\"}\n]", []int{3}, []string{"A", "C"}},
		"in an array, an open bracket": {"[\n {\"id\":1,\"name\":\"A\"},\n {\"id\":2,\"name\":\"B\",\n {\"id\":3,\"name\":\"C\"}\n]", []int{3}, []string{"A", "C"}},
		"one after the other":          {"{\"id\":1,\n\"name\":\"A\"}\n{\"id\":2,\n\"name\":\"B}\n{\"id\":3,\n\"name\":\"C\"}", []int{3}, []string{"A", "C"}},
		"an unknown sort of channel":   {`[{"id":1,"name":"A","channels":[{"type":"telegram","value":"@a"},null,7]}]`, nil, []string{"A"}},
		"what follows the array's end": {`[{"id":1,"name":"A"}] x`, nil, []string{"A"}},
		"two records on a line":        {"{\"id\":1,\"name\":\"A\"}\n{\"id\":2,\"name\":\"B\"}{\"id\":3,\"name\":\"C\"}\n", []int{2}, []string{"A"}},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			report := run(t, store, c.text, importer.Options{Worker: "bob"})
			var lines []int
			for _, p := range report.Problems {
				lines = append(lines, p.Line)
			}
			if diff := cmp.Diff(c.lines, lines); diff != "" {
				t.Errorf("rejected lines (-want +got):\n%s\n%s", diff, show(report.Problems))
			}
			if diff := cmp.Diff(c.names, names(t, store)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReport_NamesUnusedKeysOnce(t *testing.T) {
	_, report := imported(t, `[{"id":1,"name":"A","cpf":"1","address":{"city":"X","zip":null}},{"id":2,"name":"B","cpf":"2"}]`, importer.Options{})
	if want := []string{"address.city", "cpf"}; !slices.Equal(report.UnusedColumns, want) {
		t.Errorf("UnusedColumns = %q, want %q", report.UnusedColumns, want)
	}
}

func TestImport_ReadsLongFiles(t *testing.T) {
	var csv, lines, cards strings.Builder
	csv.WriteString("name,phone,notes\n")
	note := strings.Repeat("a note with, commas ", 40)
	for i := range 1000 {
		phone := fmt.Sprintf("+1555%d00%04d", 2+i%7, i)
		name := fmt.Sprintf("Person %04d", i)
		csv.WriteString(name + "," + phone + ",\"" + note + "\n" + note + "\"\n")
		lines.WriteString(`{"name":"` + name + `","phone":"` + phone + `","notes":"` + note + "\"}\n")
		cards.WriteString("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:" + name + "\r\nTEL:" + phone + "\r\nNOTE:" + strings.ReplaceAll(note, ",", "\\,") + "\r\nEND:VCARD\r\n")
	}
	for name, text := range map[string]string{"CSV": csv.String(), "JSON": lines.String(), "vCard": cards.String()} {
		list, report := imported(t, text, importer.Options{})
		if len(list) != 1000 || report.Created != 1000 {
			t.Errorf("import of %s: %d customers, want 1000: %s", name, len(list), show(report))
		}
	}
}

func TestProblem_NumbersTheItemsOfAnArray(t *testing.T) {
	const text = `[{"id":1,"name":"A"},{"id":2},{"id":1,"name":"A"},7,{"name":"B","phone":"x"},` +
		`{"name":"C","email":"c@example.com","phone":"+15557040102"},{"name":"c","email":"c@example.com"}]`
	var rejects bytes.Buffer
	file, err := importer.Open(t.Context(), strings.NewReader(text), importer.Options{Worker: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	report, err := file.Import(context.Background(), store, &rejects)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range append(report.Problems, report.Remarks...) {
		got = append(got, p.Where()+", "+p.Outcome+": "+p.Reason)
	}
	want := []string{
		"line 1, item 2, rejected: no name",
		`line 1, item 3, skipped: duplicate: customer "1" is already item 1 with the same content`,
		"line 1, item 4, rejected: not a JSON object",
		`line 1, item 7, skipped: duplicate: "c" with the same email or number is already item 6`,
		`line 1, item 5, noted: "x" isn't a phone number; kept unchanged`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	lines := strings.SplitAfter(rejects.String(), "\n")
	if want := `{"rejected_line":1,"rejected_item":2,"rejected_reason":"no name","id":2}` + "\n"; lines[0] != want {
		t.Errorf("the first reject is %s, want %s", lines[0], want)
	}
	if b, err := json.Marshal(report.Problems[0]); err != nil || string(b) != `{"line":1,"item":2,"outcome":"rejected","reason":"no name"}` {
		t.Errorf("as JSON the first problem is %s, %v", b, err)
	}
	corrected := strings.Replace(lines[0], `"id":2`, `"id":2,"name":"Zoe"`, 1)
	if again := run(t, store, corrected, importer.Options{Worker: "bob"}); again.Created != 1 || len(again.UnusedColumns) != 0 {
		t.Errorf("the corrected reject reports %s", show(again))
	}
}

func TestProblem_HasNoItemInJSONLines(t *testing.T) {
	_, report := imported(t, "{\"id\":1,\"name\":\"A\"}\n{\"id\":2}\n", importer.Options{})
	if len(report.Problems) != 1 || report.Problems[0].Where() != "line 2" {
		t.Errorf("Problems = %s", show(report.Problems))
	}
}
