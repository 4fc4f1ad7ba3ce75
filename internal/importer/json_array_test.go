package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/importer"
)

func TestProblem_NumbersTheItemsOfAnArray(t *testing.T) {
	const text = `[{"id":1,"name":"A"},{"id":2},{"id":1,"name":"A"},7,{"name":"B","phone":"x"},` +
		`{"name":"C","email":"c@example.com","phone":"+15557040102"},{"name":"c","email":"c@example.com"}]`
	var rejects bytes.Buffer
	file, err := importer.Open(strings.NewReader(text), importer.Options{Worker: "bob"})
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
		"line 1, item 2, rejected: it has no name",
		`line 1, item 3, skipped: customer "1" is already item 1 and says the same`,
		"line 1, item 4, rejected: it is not an object in braces",
		`line 1, item 7, skipped: "c" with the same address or number is already item 6`,
		`line 1, item 5, noted: "x" is not a phone number; kept as it is`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	lines := strings.SplitAfter(rejects.String(), "\n")
	if want := `{"rejected_line":1,"rejected_item":2,"rejected_reason":"it has no name","id":2}` + "\n"; lines[0] != want {
		t.Errorf("the first reject is %s, want %s", lines[0], want)
	}
	if b, err := json.Marshal(report.Problems[0]); err != nil || string(b) != `{"line":1,"item":2,"outcome":"rejected","reason":"it has no name"}` {
		t.Errorf("as JSON the first problem is %s, %v", b, err)
	}
	corrected := strings.Replace(lines[0], `"id":2`, `"id":2,"name":"Zoe"`, 1)
	if again := run(t, store, corrected, importer.Options{Worker: "bob"}); again.Created != 1 || len(again.Unused) != 0 {
		t.Errorf("the corrected reject reports %s", show(again))
	}
}

func TestProblem_HasNoItemInJSONLines(t *testing.T) {
	_, report := imported(t, "{\"id\":1,\"name\":\"A\"}\n{\"id\":2}\n", importer.Options{})
	if len(report.Problems) != 1 || report.Problems[0].Where() != "line 2" {
		t.Errorf("Problems = %s", show(report.Problems))
	}
}
