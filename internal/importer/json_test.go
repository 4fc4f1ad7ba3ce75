package importer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestJSONIsReadInEveryLayout(t *testing.T) {
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
		"the callback's answer":          `{"objects":{"searchable":true,"customers":[` + anna + "," + bert + `]}}`,
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
				t.Errorf("(-want +got):\n%s\n%s", diff, show(report))
			}
			if report.Rows != 2 {
				t.Errorf("%d rows, want 2", report.Rows)
			}
		})
	}
}

func TestJSONOfManyShapesIsUnderstood(t *testing.T) {
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
				t.Errorf("(-want +got):\n%s\n%s", diff, show(report))
			}
		})
	}
}

func TestABrokenRecordCostsNoOther(t *testing.T) {
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

func TestKeysWithoutAPlaceAreToldOnce(t *testing.T) {
	_, report := imported(t, `[{"id":1,"name":"A","cpf":"1","address":{"city":"X","zip":null}},{"id":2,"name":"B","cpf":"2"}]`, importer.Options{})
	if want := []string{"address.city", "cpf"}; !slices.Equal(report.Unused, want) {
		t.Errorf("unused: %q, want %q", report.Unused, want)
	}
}

func TestALongFileIsReadThroughItsWindow(t *testing.T) {
	var csv, lines, cards strings.Builder
	csv.WriteString("name,phone,notes\n")
	note := strings.Repeat("a note with, commas ", 40)
	for i := range 1000 {
		phone := "+1555" + string([]byte{byte('2' + i%7)}) + strings.Repeat("0", 2) + pad(i)
		name := "Person " + pad(i)
		csv.WriteString(name + "," + phone + ",\"" + note + "\n" + note + "\"\n")
		lines.WriteString(`{"name":"` + name + `","phone":"` + phone + `","notes":"` + note + "\"}\n")
		cards.WriteString("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:" + name + "\r\nTEL:" + phone + "\r\nNOTE:" + strings.ReplaceAll(note, ",", "\\,") + "\r\nEND:VCARD\r\n")
	}
	for name, text := range map[string]string{"CSV": csv.String(), "JSON": lines.String(), "vCard": cards.String()} {
		list, report := imported(t, text, importer.Options{})
		if len(list) != 1000 || report.Created != 1000 {
			t.Errorf("%s: %d customers: %s", name, len(list), show(report))
		}
	}
}

func pad(i int) string {
	s := "0000" + strings.Repeat("", i)
	for d := 3; d >= 0; d-- {
		s = s[:d] + string(rune('0'+i%10)) + s[d+1:]
		i /= 10
	}
	return s
}
