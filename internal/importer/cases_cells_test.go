package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_ReadsCellsAsSpreadsheetsAndProgramsWriteThem(t *testing.T) {
	cases := []struct{ field, cell, want string }{
		{"company", `"=""0123"""`, "0123"}, {"company", `"=""a """"b"""""""`, `a "b"`}, {"company", `=1+2`, "=1+2"}, {"company", `'+1 for all`, "+1 for all"},
		{"company", `'0123`, "0123"}, {"company", `'s-Hertogenbosch`, "'s-Hertogenbosch"}, {"company", `'90s Records`, "'90s Records"}, {"company", `'24'`, "'24'"},
		{"company", "NULL", ""}, {"company", "N/A", ""}, {"company", "None", ""}, {"company", "-", ""}, {"company", "#REF!", ""}, {"company", "#WERT!", ""},
		{"company", "None of Us Ltd", "None of Us Ltd"}, {"company", "#1 Cars", "#1 Cars"}, {"company", "1.0", "1.0"}, {"company", "1.2E+11", "1.2E+11"},
		{"phone", `'0044 20 7946 0101`, "+442079460101"}, {"phone", "p:+15557040101", "+15557040101"}, {"phone", "15557040101.0", "15557040101"},
		{"phone", `"=""+15557040101"""`, "+15557040101"}, {"phone", "nan", ""}, {"phone", "4.85E+10", ""}, {"phone", `"4,85E+10"`, ""}, {"phone", "#N/A", ""}, {"phone", "1.5557040101E10", "15557040101"},
		{"email", "'@example", "@example"}, {"email", "null", ""}, {"email", `"=""a@example.com"""`, "a@example.com"},
		{"last name", "Null", "Null"}, {"last name", "None", "None"}, {"last name", "#N/A", ""}, {"last name", "'t Hooft", "'t Hooft"},
		{"id", "123.0", "123"}, {"id", "0012.50", "0012.50"}, {"id", "'00123", "00123"}, {"id", "NULL", ""}, {"id", "1.0000001E7", "10000001"}, {"id", "12E3", "12E3"},
	}
	columns := []string{"id", "first name", "last name", "company", "phone", "email"}
	text := strings.Join(columns, ",") + "\n"
	for i, c := range cases {
		cells := []string{fmt.Sprint("row", i), fmt.Sprint("C", i), "", "", "", ""}
		cells[slices.Index(columns, c.field)] = c.cell
		text += strings.Join(cells, ",") + "\n"
	}
	list, _ := imported(t, text, importer.Options{})
	got := map[string]customer.Customer{}
	for _, c := range list {
		first, last, _ := strings.Cut(c.Name, " ")
		c.Name = last
		got[first] = c
	}
	for i, want := range cases {
		c, ok := got[fmt.Sprint("C", i)]
		value := map[string]string{"id": c.ID, "last name": c.Name, "company": c.Company}[want.field]
		for _, ch := range c.Channels {
			value = ch.Value
		}
		if want.want == "" && want.field == "id" {
			value = "" // a hash
		}
		if !ok || value != want.want {
			t.Errorf("Import(%s %s) = %q, want %q", want.field, want.cell, value, want.want)
		}
	}
}
