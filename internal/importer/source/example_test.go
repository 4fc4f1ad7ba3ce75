package source_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/clientele-project/clientele/internal/importer/source"
)

func ExampleOpen() {
	for _, text := range []string{
		"Name;Phone\n\"Anna\nLee\";1\nBert;2\n",
		`[{"name":"Anna"},{"name":"Bert"}]`,
		"BEGIN:VCARD\nitem1.TEL;TYPE=cell:1\nitem1.X-ABLabel:Mobile\nEND:VCARD\n",
	} {
		file, err := source.Open(context.Background(), strings.NewReader(text), source.Options{IsColumn: func(name string) bool { return name == "Name" }})
		if err != nil {
			fmt.Println(err)
			return
		}
		encoding, _ := file.Encoding()
		fmt.Println(file.Format, encoding)
		for row, ok := file.Next(); ok; row, ok = file.Next() {
			switch r := file.Reader.(type) {
			case *source.Table:
				fmt.Printf("line %d: %q\n", row.Line, r.Cells(nil, row))
			case *source.Objects:
				object, malformed := r.Object(row)
				fmt.Printf("line %d, item %d: %v%s\n", row.Line, row.Item, object, malformed)
			case *source.Cards:
				p := r.Properties(row)[1]
				fmt.Printf("line %d: %s %s %v %s\n", row.Line, p.Label, p.Name, p.Types, p.Text())
			}
		}
	}
	// Output:
	// CSV ASCII
	// line 2: ["Anna\nLee" "1"]
	// line 4: ["Bert" "2"]
	// JSON ASCII
	// line 1, item 1: map[name:Anna]
	// line 1, item 2: map[name:Bert]
	// vCard ASCII
	// line 1: Mobile TEL [CELL] 1
}
