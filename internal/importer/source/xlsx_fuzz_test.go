package source

import (
	"bytes"
	"os"
	"testing"
)

// FuzzWorkbook checks the invariants of any workbook, by its parts: a changed archive
// would be refused before they are read.
func FuzzWorkbook(f *testing.F) {
	const (
		table   = `<worksheet ` + mainXML + `><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>notes</t></is></c></row>`
		end     = `</sheetData><hyperlinks><hyperlink ref="A2" r:id="a"/></hyperlinks></worksheet>`
		texts   = `<sst ` + mainXML + `><si><t>name</t></si><si><r><t>An</t></r><r><t>na</t></r></si></sst>`
		styles  = `<styleSheet ` + mainXML + `><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`
		content = `<workbook ` + mainXML + `><workbookPr date1904="0"/><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>`
	)
	f.Add(table+`<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>45413.5</v></c></row><row r="7"><c s="2"><v>123</v></c></row>`+end, texts, styles, content)
	f.Add(table+`<row r="2"><c r="XFD2" t="b"><v>1</v></c></row><row r="1"><c r="A9" t="e"><v>#N/A</v></c><c><f>A1</f></c></row>`+end, "", "", content)
	f.Add(`<worksheet><sheetData><row><c t="s"><v>-1</v></c></row><row r="99999999"/></sheetData></worksheet>`, texts, `<styleSheet/>`, content)
	f.Fuzz(func(t *testing.T, sheet, texts, styles, content string) {
		data := archiveOf(t, minimal(sheet, map[string]string{
			"xl/sharedStrings.xml": texts, "xl/styles.xml": styles, "xl/workbook.xml": content,
			"xl/_rels/workbook.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `worksheet" Target="worksheets/sheet1.xml"/>` +
				`<Relationship Id="b" Type="` + typesXML + `styles" Target="styles.xml"/><Relationship Id="c" Type="` + typesXML + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
			"xl/worksheets/_rels/sheet1.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `hyperlink" Target="mailto:a@example.com" TargetMode="External"/></Relationships>`,
		}))
		dir := t.TempDir()
		known := func(string) bool { return true }
		file, err := Open(t.Context(), bytes.NewReader(data), Options{IsColumn: isColumn, IsLink: known, IsEmail: known, TempDir: dir})
		if err == nil {
			rows := file.Reader.(*Table)
			last := rows.Header.Line
			for {
				row, ok := rows.Next()
				if !ok {
					break
				}
				if row.Line <= last {
					t.Fatalf("line %d follows line %d", row.Line, last)
				}
				last = row.Line
				if cells := rows.Cells(nil, row); len(cells) != len(rows.Columns) {
					t.Fatalf("a row has %d cells, want %d: %q", len(cells), len(rows.Columns), row.Raw)
				}
			}
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	})
}
