package importer

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// hostile returns files of about n bytes that make careless readers look at the same
// text repeatedly.
func hostile() map[string]func(n int) string {
	many := func(before, unit, after string) func(n int) string {
		return func(n int) string { return before + strings.Repeat(unit, n/len(unit)) + after }
	}
	numbers := func(before, separator, after string) func(n int) string {
		return func(n int) string {
			var b strings.Builder
			for i := 100_000; b.Len() < n; i++ { // different ones
				fmt.Fprintf(&b, "%d%s", i, separator)
			}
			return before + b.String() + "1" + after
		}
	}
	const name, text = `<c t="str"><v>name</v></c>`, `<c t="str"><v>A</v></c>`
	sheet := func(before, unit, after string) func(n int) string {
		return func(n int) string { return workbookXML(many(before, unit, after)(n), "") }
	}
	const card, end = "BEGIN:VCARD\nFN:A\n", "\nEND:VCARD\n"
	return map[string]func(n int) string{
		"CSV, a long line":                     many("name,notes\nA,", "x", "\n"),
		"CSV, a long cell":                     many("name,notes\nA,\"", "x\n", "\"\nB,\n"),
		"CSV, a mark that is never closed":     many("name,notes\nA,\"", "x\n", ""),
		"CSV, a mark on each line":             many("name,notes\n", "\"\"a\n", ""),
		"CSV, a mark that a late one spoils":   many("name,notes\n", "\"\"a\n", "\"b\n"),
		"CSV, marks and blanks":                many("name,notes\nA,\"", "\" ", "\n"),
		"CSV, a long header":                   many("name", ",x", "\nA\n"),
		"CSV, a header of one name":            many("name", ",name", "\nA\n"),
		"CSV, many cells":                      many("name,notes\nA", ",x", "\n"),
		"CSV, short lines":                     many("name,notes\n", "A\n", ""),
		"CSV, blank lines":                     many("name,notes\n", " \n", ""),
		"CSV, addresses":                       many("name,email\nA,\"", "a@b,", "\"\n"),
		"CSV, different addresses":             numbers("name,email\nA,\"", ";", "\"\n"),
		"CSV, different numbers":               numbers("name,phone\nA,\"", ";", "\"\n"),
		"CSV, owners":                          numbers("name,owner\nA,\"", ";", "\"\n"),
		"CSV, links":                           numbers("name,website\nA,\"", "\n", "\"\n"),
		"CSV, brackets in a number":            many("name,phone\nA,+1", "(0)", "\n"),
		"CSV, marks on letters":                many("name\nA", "\u0301", "\n"),
		"CSV, carriage returns":                many("name,notes\rA,\"", "x\r", "\"\r"),
		"JSON, open brackets":                  many("[", "{\"name\":[\n", ""),
		"JSON, open brackets without an array": many("", "{\"name\":[\n", ""),
		"JSON, an open string":                 many("[{\"name\":\"", "x", "\n"),
		"JSON, open strings":                   many("[", "{\"name\":\"\n", ""),
		"JSON, a long string":                  many("[{\"name\":\"", "x", "\"}]"),
		"JSON, a deep array":                   many("[{\"name\":", "[", ""),
		"JSON, many keys":                      numbers("[{\"name\":\"A\",\"", "\":1,\"", "\":1}]"),
		"JSON, many keys below a long one": func(n int) string {
			return many("[{\"name\":\"A\",\"", "x", "")(n) + numbers("\":{\"", "\":1,\"", "\":1}}]")(n)
		},
		"JSON, many channels":     many("[{\"name\":\"A\",\"channels\":[", "{\"type\":\"x\"},", "1]}]"),
		"JSON, many owners":       numbers("[{\"name\":\"A\",\"owner\":[\"", "\",\"", "\"]}]"),
		"JSON, lines":             many("{\"name\":\"A\"}\n", "{\n", ""),
		"Excel, rows":             sheet("<row>"+name+"</row>", "<row>"+text+"</row>", ""),
		"Excel, cells":            sheet("<row>"+name+"</row><row>", text, "</row>"),
		"Excel, columns":          sheet("<row>", name, "</row><row>"+text+"</row>"),
		"Excel, empty rows":       sheet("<row>"+name+"</row>", "<row/>", "<row>"+text+"</row>"),
		"Excel, a long cell":      sheet("<row>"+name+"</row><row><c t=\"str\"><v>", "x", "</v></c></row>"),
		"Excel, a long attribute": sheet("<row>"+name+"</row><row x=\"", "x", "\">"+text+"</row>"),
		"Excel, shared strings": func(n int) string {
			return workbookXML("<row>"+name+"</row>"+strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, n/40), strings.Repeat("<si><t>A</t></si>", n/20))
		},
		"vCard, folded lines":                  many(card+"NOTE:", "x\n ", end),
		"vCard, a folded name without a colon": many(card+"NOTE", "x\n ", end),
		"vCard, lines inside quotation marks":  many(card+"TEL;X=\"", ";\n ", ":1"+end),
		"vCard, parameters":                    many(card+"TEL", ";X=\"\"", ":1"+end),
		"vCard, quoted-printable":              many(card+"NOTE;QUOTED-PRINTABLE:", "==\n", end),
		"vCard, base64":                        many(card+"NOTE;BASE64:", "AAAA\n", end),
		"vCard, notes":                         many(card, "NOTE:x\n", end),
		"vCard, labels": func(n int) string {
			return many(card+"a.X-ABLABEL:", "x", "")(n) + many("", "\na.TEL:1", end)(n)
		},
		"vCard, addresses":    numbers(card+"EMAIL:", "\nEMAIL:", end),
		"vCard, begins":       many("", "BEGIN:VCARD\n", ""),
		"vCard, agents":       many("BEGIN:VCARD\n", "AGENT:\nBEGIN:VCARD\n", ""),
		"vCard, glued":        many("BEGIN:VCARD\n", "END:VCARDBEGIN:VCARD\r", "\n"),
		"vCard, text outside": many("BEGIN:VCARD\nEND:VCARD\n", "x\n", ""),
		"vCard, escapes":      many(card+"N:", "\\;;", end),
	}
}

// workbookXML returns a workbook with a sheet of these rows and these shared strings.
func workbookXML(rows, sharedStrings string) string {
	const types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	var b strings.Builder
	w := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"_rels/.rels", `<Relationships><Relationship Id="a" Type="` + types + `officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="S" r:id="a"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="` + types + `worksheet" Target="sheet.xml"/><Relationship Id="b" Type="` + types + `sharedStrings" Target="strings.xml"/></Relationships>`},
		{"xl/sheet.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"},
		{"xl/strings.xml", `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + sharedStrings + "</sst>"},
	} {
		out, _ := w.Create(part[0])
		io.WriteString(out, part[1])
	}
	w.Close()
	return b.String()
}

// readAll reads a file and maps its rows.
func readAll(t *testing.T, text string) time.Duration {
	start := time.Now()
	file, _ := Open(t.Context(), strings.NewReader(text), Options{Worker: "bob", Region: "US"})
	if file != nil {
		defer file.Close()
		file.Preview(8)
		for rows := file.first; len(rows) > 0; rows = readRows(file.source) {
			for _, row := range rows {
				file.mapper.convert(row)
			}
		}
	}
	return time.Since(start)
}

// TestOpen_TakesTimeInProportion compares the time for a file with that for one of four
// times the length: sixteen times as long is quadratic.
func TestOpen_TakesTimeInProportion(t *testing.T) {
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			n := 16 << 10
			short, long := readAll(t, text(n)), time.Duration(0)
			for {
				long = readAll(t, text(4*n))
				if long > 50*time.Millisecond || n == 4<<20 {
					break
				}
				n, short = 4*n, long
			}
			for range 5 { // another program may have taken the processor
				if long < 10*short {
					return
				}
				short, long = max(short, readAll(t, text(n))), min(long, readAll(t, text(4*n)))
			}
			t.Errorf("%d bytes took %v, %d bytes %v", n, short, 4*n, long)
		})
	}
}
