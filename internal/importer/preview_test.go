package importer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// opened opens text, whatever option it needs.
func opened(t testing.TB, text string, opts importer.Options) *importer.File {
	t.Helper()
	file, err := importer.Open(t.Context(), strings.NewReader(text), opts)
	if file == nil {
		t.Fatalf("Open: %v", err)
	}
	return file
}

func TestFile_Preview(t *testing.T) {
	number := []customer.Channel{{Type: customer.SMS, Value: "+493012345678"}}
	mail := []customer.Channel{{Type: customer.Email, Value: "ada@example.com"}}
	tests := []struct {
		name, text string
		opts       importer.Options
		want       []importer.PreviewRow
	}{
		{"a table with a short row and a row without a use", "name,,phone\nAda,x,030 12345678\n\n,y\n", importer.Options{Worker: "bob", Region: "DE"}, []importer.PreviewRow{
			{Line: 2, Cells: []string{"Ada", "x", "030 12345678"}, Customer: customer.Customer{Name: "Ada", Channels: number, Workers: []string{"bob"}}},
			{Line: 4, Cells: []string{"", "y", ""}, Outcome: importer.Skipped, Reason: "a line of text, not a customer"},
		}},
		{"a table of which the name is not known", "who,mail\nAda,ada@example.com\n", importer.Options{Map: []importer.Mapping{{Field: "name", Column: "who"}}}, []importer.PreviewRow{
			{Line: 2, Cells: []string{"Ada", "ada@example.com"}, Customer: customer.Customer{Name: "Ada", Channels: mail}},
		}},
		{"records of JSON", `[{"name":"Ada","email":["ada@example.com"],"address":{"city":"X"}}]`, importer.Options{}, []importer.PreviewRow{
			{Line: 1, Item: 1, Cells: []string{"X", "ada@example.com", "Ada"}, Customer: customer.Customer{Name: "Ada", Channels: mail}},
		}},
		{"a vCard", "BEGIN:VCARD\nFN:Ada\nEMAIL:ada@example.com\nEND:VCARD\n", importer.Options{}, []importer.PreviewRow{
			{Line: 1, Cells: []string{"Ada", "ada@example.com"}, Customer: customer.Customer{Name: "Ada", Channels: mail}},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, opened(t, test.text, test.opts).Preview(8).Rows); diff != "" {
				t.Errorf("Preview(8).Rows (-want +got):\n%s", diff)
			}
		})
	}
	preview := opened(t, "Customers of November\n\nname;phone\nAda;1\n", importer.Options{Worker: "bob"}).Preview(8)
	if want := []importer.PreviewRow{{Line: 1, Cells: []string{"Customers of November"}}}; preview.HeaderLine != 3 || !cmp.Equal(want, preview.Above) {
		t.Errorf("Preview(8) = header line %d, above %+v, want 3 and %+v", preview.HeaderLine, preview.Above, want)
	}
	if rows := opened(t, "name\nA\nB\nC\n", importer.Options{}).Preview(2).Rows; len(rows) != 2 {
		t.Errorf("Preview(2) has %d rows, want 2", len(rows))
	}
}

func TestFile_ColumnsThatNeedADecision(t *testing.T) {
	const text = "name,Job Title,,job title,mail\nAda,Countess,of Lovelace,Poet,ada@example.com\n"
	columns := opened(t, text, importer.Options{Worker: "bob"}).Columns()
	if got := columns[3]; got.Field != "" || got.Second != "job_title" {
		t.Errorf("Columns()[3] = %+v, want the second of job_title", got)
	}
	if got := columns[2]; !got.Unnamed || got.Position != 3 || len(got.Samples) != 1 {
		t.Errorf("Columns()[2] = %+v, want the unnamed third one with a sample", got)
	}
	mapped := opened(t, text, importer.Options{Worker: "bob", Map: []importer.Mapping{{Field: "notes", Column: columns[2].Name}}}).Columns()
	if got := mapped[2]; got.Field != "notes" {
		t.Errorf("Columns()[2] mapped to notes = %+v", got)
	}
}

func TestImport_LogsAllProblems(t *testing.T) {
	var log bytes.Buffer
	_, report := imported(t, "name,avatar\n=A,x\n,\nB,y\n", importer.Options{ProblemLog: &log, MaxProblems: 1})
	if report.MoreRemarks != 1 {
		t.Errorf("MoreRemarks = %d, want 1", report.MoreRemarks)
	}
	want := "\uFEFFline,item,outcome,reason\n" +
		"2,,noted,avatar left out: not a web address\n" +
		"4,,noted,avatar left out: not a web address\n"
	if diff := cmp.Diff(want, log.String()); diff != "" {
		t.Errorf("problem log (-want +got):\n%s", diff)
	}
}
