package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestOpen_ReadsTheSheetThatLooksMostLikeCustomers(t *testing.T) {
	customers := [][]any{{"Name", "Telefon"}, {"Anna", "1"}}
	prices := [][]any{{"Name", "Price"}, {"Pipe", "2"}, {"Bolt", "3"}, {"Nut", "4"}}
	longer := [][]any{{"Name", "Telefon"}, {"Bert", "1"}, {"Carl", "2"}}
	for name, c := range map[string]struct {
		sheets map[string][][]any
		hidden []string
		sheet  string // Options.Sheet
		want   string
	}{
		"with most usual columns":     {sheets: map[string][][]any{"a": prices, "b": customers, "c": nil}, want: "b"},
		"of these with most rows":     {sheets: map[string][][]any{"a": customers, "b": longer}, want: "b"},
		"not a hidden one":            {sheets: map[string][][]any{"a": prices, "b": customers}, hidden: []string{"b"}, want: "a"},
		"a hidden one with rows":      {sheets: map[string][][]any{"a": nil, "b": customers}, hidden: []string{"b"}, want: "b"},
		"of a name in any case":       {sheets: map[string][][]any{"Kunden": customers, "Preise": prices}, sheet: " PREISE ", want: "Preise"},
		"of a number":                 {sheets: map[string][][]any{"a": prices, "b": customers}, sheet: "2", want: "a"}, // after Sheet1
		"of a name that is a number":  {sheets: map[string][][]any{"a": prices, "2": customers}, sheet: "2", want: "2"},
		"a hidden one that is named":  {sheets: map[string][][]any{"a": prices, "b": customers}, hidden: []string{"b"}, sheet: "b", want: "b"},
		"with a name of other shapes": {sheets: map[string][][]any{"顧客 & Co": customers}, want: "顧客 & Co"},
	} {
		data := workbookOf(t, func(f *excelize.File) {
			for _, sheet := range []string{"a", "b", "c", "2", "Kunden", "Preise", "顧客 & Co"} {
				if rows, there := c.sheets[sheet]; there {
					fillSheet(t, f, sheet, rows...)
				}
			}
			for _, sheet := range c.hidden {
				if err := f.SetSheetVisible(sheet, false); err != nil {
					t.Fatal(err)
				}
			}
		})
		f, _ := readTable(t, data, Options{Sheet: c.sheet})
		if f.Sheet != c.want {
			t.Errorf("%s: Sheet = %q, want %q", name, f.Sheet, c.want)
		}
	}
}

func TestOpen_ListsTheSheetsWhenThereIsNoneOfTheName(t *testing.T) {
	data := workbookOf(t, func(f *excelize.File) {
		fillSheet(t, f, "Kunden", []any{"name"})
		fillSheet(t, f, "Archiv", []any{"name"})
	})
	_, err := Open(t.Context(), bytes.NewReader(data), Options{Sheet: "Kundne", TempDir: t.TempDir()})
	want := &OptionError{"sheet", `no sheet "Kundne" in this workbook; sheets: "Kunden", "Archiv"`}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Errorf("Open() returns another error (-want +got):\n%s", diff)
	}
}

const (
	mainXML    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	packageXML = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	typesXML   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// minimal returns the parts of a workbook with one sheet, with others in place of some.
func minimal(sheet string, others map[string]string) map[string]string {
	parts := map[string]string{
		"_rels/.rels":                `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook ` + mainXML + `><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
	for name, text := range others {
		parts[name] = text
	}
	return parts
}

func TestOpen_ReadsWorkbooksOfOtherPrograms(t *testing.T) {
	inline := func(text string) string { return `<c t="inlineStr"><is><t>` + text + `</t></is></c>` }
	rows := `<row>` + inline("name") + inline("notes") + `</row><row>` + inline("Anna") + inline("R&amp;D") + `</row>`
	plain := `<worksheet ` + mainXML + `><sheetData>` + rows + `</sheetData></worksheet>`
	for name, c := range map[string]struct {
		parts map[string]string
		want  []string
	}{
		"no references, no styles, no shared strings": {minimal(plain, nil), []string{"name|notes", "2: Anna|R&D"}},
		"prefixed names": {minimal(`<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>`+
			strings.NewReplacer("</", "</x:", "<", "<x:").Replace(rows)+`</x:sheetData></x:worksheet>`, map[string]string{
			"xl/workbook.xml": `<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><x:sheets><x:sheet name="S" sheetId="1" r:id="a"/></x:sheets></x:workbook>`,
		}), []string{"name|notes", "2: Anna|R&D"}},
		"absolute names of parts, in another case": {minimal("", map[string]string{
			"_rels/.rels":                 `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `officeDocument" Target="/xl/Workbook.xml"/></Relationships>`,
			"xl/_rels/workbook.xml.rels":  `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `worksheet" Target="/xl/Worksheets/Customers.xml"/></Relationships>`,
			"xl/worksheets/customers.xml": plain,
		}), []string{"name|notes", "2: Anna|R&D"}},
		"strict names": {minimal(strings.ReplaceAll(plain, "schemas.openxmlformats.org/spreadsheetml/2006/main", "purl.oclc.org/ooxml/spreadsheetml/main"), map[string]string{
			"_rels/.rels":                `<Relationships ` + packageXML + `><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/_rels/workbook.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		}), []string{"name|notes", "2: Anna|R&D"}},
		"rich text, shared strings under another name": {minimal(`<worksheet `+mainXML+`><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="3"><c r="A3" t="s"><v>1</v></c></row></sheetData></worksheet>`, map[string]string{
			"xl/_rels/workbook.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="` + typesXML + `sharedStrings" Target="strings.xml"/></Relationships>`,
			"xl/strings.xml":             `<sst ` + mainXML + `><si><t>name</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">Anna </t></r><r><t>Lee</t></r><rPh sb="0" eb="1"><t>アンナ</t></rPh></si></sst>`,
		}), []string{"name", "3: Anna Lee"}},
		"a table that does not begin in the corner": {minimal(`<worksheet `+mainXML+`><sheetData><row r="4"><c r="C4" t="str"><v>name</v></c><c r="D4" t="str"><v>notes</v></c></row>`+
			`<row r="5"><c r="A5" s="0"/><c r="C5" t="str"><v>Anna</v></c></row><row r="6"><c r="C6"/></row><row r="9"><c r="D9" t="str"><v>x</v></c></row><row r="1048576"><c r="A1048576"/></row></sheetData></worksheet>`, nil),
			[]string{"name|notes", "5: Anna|", "9: |x"}},
		"numbers with exponents, as some programs write them": {minimal(`<worksheet `+mainXML+`><sheetData><row r="1"><c t="str"><v>name</v></c><c t="str"><v>telefon</v></c></row><row r="2"><c t="str"><v>Anna</v></c><c><v>1.5557040101E10</v></c></row></sheetData></worksheet>`, nil),
			[]string{"name|telefon", "2: Anna|15557040101"}},
		"dates since 1904, and dates as texts": {minimal(`<worksheet `+mainXML+`><sheetData><row r="1"><c t="str"><v>name</v></c></row><row r="2"><c s="1"><v>43951</v></c></row><row r="3"><c t="d"><v>2024-05-01T00:00:00</v></c></row></sheetData></worksheet>`, map[string]string{
			"xl/workbook.xml": `<workbook ` + mainXML + `><workbookPr date1904="1"/><sheets><sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `worksheet" Target="worksheets/sheet1.xml"/>` +
				`<Relationship Id="b" Type="` + typesXML + `styles" Target="styles.xml"/></Relationships>`,
			"xl/styles.xml": `<styleSheet ` + mainXML + `><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		}), []string{"name", "2: 2024-05-01", "3: 2024-05-01"}},
	} {
		if _, got := readTable(t, archiveOf(t, c.parts), Options{}); !cmp.Equal(c.want, got) {
			t.Errorf("%s: rows = %q, want %q", name, got, c.want)
		}
	}
}

func TestFile_NotesWhatAWorkbookLacks(t *testing.T) {
	sheet := `<worksheet ` + mainXML + `><sheetData><row r="1"><c t="str"><v>name</v></c><c t="str"><v>notes</v></c></row>` +
		`<row r="2"><c t="str"><v>Anna</v></c><c><f>A1&amp;A2</f><v>5</v></c></row><row r="3"><c t="str"><v>Bert</v></c><c><f>A1</f></c></row>` +
		`<row r="4"><c t="str"><v>Carl</v></c><c><f>A1</f><v></v></c></row><row r="5"><c t="str"><v>Dora</v></c><c t="e"><v>#REF!</v></c></row>` +
		`<row r="6"><c t="str"><v>Emil</v></c><c><v>1234567890123456789</v></c></row></sheetData></worksheet>`
	f, rows := readTable(t, archiveOf(t, minimal(sheet, nil)), Options{})
	want := []string{"name|notes", "2: Anna|5", "3: Bert|", "4: Carl|", "5: Dora|", "6: Emil|1.23456789012346E+18"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	notes := []string{
		"1 cell with an error, such as #N/A, was read as empty.",
		"2 formulas without a result were read as empty. Open the workbook in a spreadsheet program and save it.",
		"1 number has more than 15 digits. The program that saved the workbook lost the others.",
	}
	if diff := cmp.Diff(notes, f.Notes()); diff != "" {
		t.Errorf("Notes() (-want +got):\n%s", diff)
	}
}

func TestOpen_NamesWhatIsNoWorkbookOfToday(t *testing.T) {
	utf16 := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00\x00\x00" }
	const ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	whole := string(sheetOf(t, []any{"name"}, []any{"Anna"}))
	document := func(target string) string {
		return string(archiveOf(t, map[string]string{"_rels/.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `officeDocument" Target="` + target + `"/></Relationships>`}))
	}
	for name, c := range map[string]struct{ data, want string }{
		"an old workbook":           {ole + strings.Repeat("x", 5000) + utf16("Workbook"), "this is an Excel workbook of the old format (.xls): open it in a spreadsheet program and save it as .xlsx or CSV"},
		"an older one":              {ole + utf16("Book"), "the old format (.xls)"},
		"one without a container":   {"\x09\x08\x10\x00\x00\x06\x05\x00", "the old format (.xls)"},
		"a protected workbook":      {ole + utf16("EncryptedPackage"), "the workbook is protected by a password: remove it in Excel and import again"},
		"an old document":           {ole + utf16("WordDocument"), "an old Office program"},
		"a binary workbook":         {document("xl/workbook.bin"), "the binary format (.xlsb)"},
		"a text document":           {document("word/document.xml"), "a document or presentation"},
		"a page called .xls":        {`<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>name</td></tr></table></html>`, "a web page with a table, whatever its name ends in: open it in a spreadsheet program"},
		"a table alone":             {"\r\n<table border=1><tr><td>name", "a web page with a table"},
		"a workbook in XML":         {`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, "an Excel workbook as XML"},
		"another page":              {"<!DOCTYPE html><p>", "a web page or XML"},
		"an OpenDocument sheet":     {string(archiveOf(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})), "an OpenDocument spreadsheet (.ods)"},
		"a Numbers document":        {string(archiveOf(t, map[string]string{"Index/Document.iwa": "x"})), "a Numbers or Pages document"},
		"an archive":                {string(archiveOf(t, map[string]string{"a.csv": "name"})), "a ZIP archive: unpack it"},
		"half a workbook":           {whole[:len(whole)/2], "the workbook is damaged"},
		"a sheet that is cut":       {string(archiveOf(t, minimal(`<worksheet `+mainXML+`><sheetData><row r="1"><c t="str"><v>name</v></c></row>`, nil))), "damaged"},
		"a tag that is not ended":   {string(archiveOf(t, minimal(`<worksheet `+mainXML+`><sheetData><row r="1"><c t="str"><v>name</c></row></sheetData></worksheet>`, nil))), "damaged"},
		"a workbook without a row":  {string(sheetOf(t)), "no sheet with rows"},
		"a workbook without sheets": {string(archiveOf(t, minimal("", map[string]string{"xl/workbook.xml": `<workbook ` + mainXML + `/>`}))), "no sheet with rows"},
	} {
		dir := t.TempDir()
		if _, err := Open(t.Context(), strings.NewReader(c.data), Options{TempDir: dir}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open(%s) = %v, want %q", name, err, c.want)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("Open(%s) leaves %v", name, left)
		}
	}
}

func TestOpen_RefusesWorkbooksThatUnpackWithoutEnd(t *testing.T) {
	many := minimal("", nil)
	for i := range maxParts {
		many[fmt.Sprint(i)] = ""
	}
	longNames := minimal("", nil)
	for i := range 100 {
		longNames[strings.Repeat("x", maxDirectory/100)+fmt.Sprint(i)] = ""
	}
	sheet := func(rows string) string { return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>` }
	for name, parts := range map[string]map[string]string{
		"a sheet of blanks": minimal(strings.Repeat(" ", ratioFrom+1), nil),
		"many parts":        many,
		"long names":        longNames,
		"many rows":         minimal(sheet(strings.Repeat("<row/>", maxSheetRows+1)), nil),
		"a text that many cells share": minimal(sheet("<row>"+strings.Repeat(`<c t="s"><v>0</v></c>`, maxUnpacked/maxRow+1)+"</row>"), map[string]string{
			"xl/_rels/workbook.xml.rels": `<Relationships ` + packageXML + `><Relationship Id="a" Type="` + typesXML + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="` + typesXML + `sharedStrings" Target="strings.xml"/></Relationships>`,
			"xl/strings.xml":             `<sst><si><t>` + strings.Repeat("x", maxRow-1) + `</t><t>xx</t></si></sst>`,
		}),
	} {
		if _, err := Open(t.Context(), bytes.NewReader(archiveOf(t, parts)), Options{TempDir: t.TempDir()}); !errors.Is(err, errTooLarge) {
			t.Errorf("Open(%s) = %v, want %v", name, err, errTooLarge)
		}
	}
}

func TestTable_EndsALongRowOfASheet(t *testing.T) {
	long := `<c t="str"><v>` + strings.Repeat("x", maxRow/2) + `</v></c>`
	sheet := `<worksheet><sheetData><row><c t="str"><v>name</v></c></row><row>` + long + long + long + `</row><row><c t="str"><v>Anna</v></c></row></sheetData></worksheet>`
	f, err := Open(t.Context(), bytes.NewReader(archiveOf(t, minimal(sheet, nil))), Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if row, _ := f.Next(); row.Malformed != "the row is longer than 16 MiB" {
		t.Errorf("Malformed = %q, want the length", row.Malformed)
	}
	if row, _ := f.Next(); row.Raw != "Anna,," || row.Malformed != "" {
		t.Errorf("the row below is %.20q, %q", row.Raw, row.Malformed)
	}
}

func TestOpen_ReadsASheetOnceThatHasManyNames(t *testing.T) {
	var sheets strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&sheets, `<sheet name="S%d" r:id="a"/>`, i)
	}
	f, rows := readTable(t, archiveOf(t, minimal(`<worksheet><sheetData><row><c t="str"><v>name</v></c></row></sheetData></worksheet>`, map[string]string{
		"xl/workbook.xml": `<workbook ` + mainXML + `><sheets>` + sheets.String() + `</sheets></workbook>`,
	})), Options{})
	if !cmp.Equal(f.Sheets, []string{"S0"}) || !cmp.Equal(rows, []string{"name"}) {
		t.Errorf("Sheets = %.100q, rows %q, want one sheet", f.Sheets, rows)
	}
}

func TestOpen_NamesNoTemporaryFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not-there")
	_, err := Open(t.Context(), bytes.NewReader(sheetOf(t, []any{"name"}, []any{"Anna"})), Options{TempDir: dir})
	if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), dir) {
		t.Errorf("Open() = %v, want %v without the directory", err, fs.ErrNotExist)
	}
}

func TestOpen_EndsWithItsContext(t *testing.T) {
	const half = 1000
	rows := [][]any{{"name"}}
	for i := range 2 * half {
		rows = append(rows, []any{i})
	}
	for name, data := range map[string][]byte{
		"while a workbook is unpacked": sheetOf(t, rows...),
		"while a pipe is silent":       []byte("name\n"),
	} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Open(ctx, &cancelsAtEnd{bytes.NewReader(data), cancel, name == "while a pipe is silent"}, Options{TempDir: dir})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Open(%s) = %v, want %v", name, err, context.Canceled)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("Open(%s) leaves %v", name, left)
		}
	}
}

// cancelsAtEnd is a file that is canceled at its end, or before it: a pipe.
type cancelsAtEnd struct {
	io.Reader
	cancel func()
	isPipe bool
}

func (c *cancelsAtEnd) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != nil {
		c.cancel()
		if c.isPipe {
			select {}
		}
	}
	return n, err
}

// TestOpen_ReadsOnlyCellsAsCells has what a reader of tags could take for cells.
func TestOpen_ReadsOnlyCellsAsCells(t *testing.T) {
	const first = `<row r="1"><c t="str"><v>name</v></c><c t="str"><v>notes</v></c></row>`
	cell := func(text string) string { return `<c t="str"><v>` + text + `</v></c>` }
	for name, c := range map[string]struct{ row, want string }{
		"a comment":                  {cell("Anna") + `<!-- ` + cell("old") + ` > -- -->` + cell("x"), "2: Anna|x"},
		"a comment inside a text":    {cell("An<!-- <c> -->na") + cell("x"), "2: Anna|x"},
		"an instruction":             {`<?app a="<c/>" > ?>` + cell("Anna") + cell("x"), "2: Anna|x"},
		"CDATA":                      {cell(`<![CDATA[<c> & ]] > </c>]]>`) + cell("x<![CDATA[]]>y"), "2: <c> & ]] > </c>|xy"},
		"a bracket in an attribute":  {`<c t="str" x="a>b" y='"'><v>Anna</v></c>` + cell("x"), "2: Anna|x"},
		"attributes on other lines":  {"<c\n\tx=\" t=e\"\r\n\tt = 'str'\n><v>Anna</v></c>" + cell("x"), "2: Anna|x"},
		"a cell far to the right":    {cell("Anna") + `<c r="XFD2" t="str"><v>far</v></c>`, "2: Anna|"},
		"a cell with a shared error": {cell("Anna") + `<c t="e"><v>#REF!</v></c>`, "2: Anna|"},
		"runs of text": {cell("Anna") + `<c t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t xml:space="preserve"> b</t></r></is></c>`,
			"2: Anna|a b"},
	} {
		sheet := `<?xml version="1.0"?><!DOCTYPE worksheet><worksheet ` + mainXML + `><dimension ref="A1:A1"/><sheetData>` + first + `<row r="2">` + c.row + `</row></sheetData></worksheet>`
		if _, got := readTable(t, archiveOf(t, minimal(sheet, nil)), Options{}); len(got) != 2 || got[1] != c.want {
			t.Errorf("%s: rows = %q, want %q", name, got, c.want)
		}
	}
}
