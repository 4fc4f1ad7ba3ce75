package source

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"
)

// smallPart is how large a part may be that the library holds in memory; it copies
// larger ones to files.
const smallPart = 256 << 10

const relationshipTypes = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

// stringsSheet is a sheet whose one cell makes the library read the shared strings.
const stringsSheet = "strings"

// openNormalized opens a copy of the workbook that has only what an import needs, under
// the names that the library expects: sheets are named by their numbers, and pictures,
// which it would hold in memory, are left out.
func (a *archive) openNormalized(b *book, dir string) (f *excelize.File, err error) {
	name := filepath.Join(dir, "workbook.xlsx")
	if err := a.writeNormalized(b, name); err != nil {
		return nil, err
	}
	defer recoverDamaged(&err)
	f, err = excelize.OpenFile(name, excelize.Options{
		UnzipSizeLimit: maxUnpacked + maxInMemory, UnzipXMLSizeLimit: smallPart, TmpDir: dir, ShortDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		if f != nil {
			f.Close()
		}
		return nil, errDamaged
	}
	plainFormats(f)
	if b.strings != nil {
		rows, err := newSheetRows(f, &sheet{id: stringsSheet, last: 1, left: 1, right: 2})
		if err != nil {
			return nil, err
		}
		rows.next()
		rows.close()
	}
	return f, nil
}

// recoverDamaged makes an error of a panic of the library, which trusts what it reads.
func recoverDamaged(err *error) {
	if recover() != nil {
		*err = errDamaged
	}
}

func (a *archive) writeNormalized(b *book, name string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := file.Close(); err == nil {
			err = cerr
		}
	}()
	p := &packager{out: zip.NewWriter(file)}
	for _, s := range b.sheets {
		s.id = fmt.Sprint(s.number)
		p.sheet(s.id)
		p.copy(s.part, "xl/worksheets/sheet"+s.id+".xml")
	}
	if b.strings != nil {
		p.sheet(stringsSheet)
		p.write("xl/worksheets/sheet"+stringsSheet+".xml", `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>`)
		p.relate("sharedStrings", "sharedStrings.xml")
		p.copy(b.strings, "xl/sharedStrings.xml")
	}
	if b.styles != nil {
		p.relate("styles", "styles.xml")
		p.copy(b.styles, "xl/styles.xml")
	}
	p.write("xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" `+
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="`+
		fmt.Sprint(b.date1904)+`"/><sheets>`+p.sheets.String()+`</sheets></workbook>`)
	p.write("xl/_rels/workbook.xml.rels", relationshipsXML(p.relationships.String()))
	p.write("_rels/.rels", relationshipsXML(`<Relationship Id="rId1" Type="`+relationshipTypes+`officeDocument" Target="xl/workbook.xml"/>`))
	p.write("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`)
	if p.err == nil {
		p.err = p.out.Close()
	}
	return p.err
}

func relationshipsXML(content string) string {
	return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + content + `</Relationships>`
}

// packager writes a workbook. Its err is the first error.
type packager struct {
	out                   *zip.Writer
	sheets, relationships strings.Builder
	err                   error
}

// sheet adds a sheet that is named by its id.
func (p *packager) sheet(id string) {
	fmt.Fprintf(&p.sheets, `<sheet name="%s" sheetId="%d" r:id="%s"/>`, id, p.sheets.Len()+1, "sheet"+id)
	fmt.Fprintf(&p.relationships, `<Relationship Id="%s" Type="%sworksheet" Target="worksheets/sheet%s.xml"/>`, "sheet"+id, relationshipTypes, id)
}

func (p *packager) relate(kind, target string) {
	fmt.Fprintf(&p.relationships, `<Relationship Id="%s" Type="%s%s" Target="%s"/>`, kind, relationshipTypes, kind, target)
}

func (p *packager) write(name, content string) {
	if p.err != nil {
		return
	}
	w, err := p.out.Create(name)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	p.err = err
}

// copy copies a part as it is packed.
func (p *packager) copy(part *zip.File, name string) {
	if p.err != nil {
		return
	}
	header := part.FileHeader
	header.Name = name
	r, err := part.OpenRaw()
	if err != nil {
		p.err = errDamaged
		return
	}
	w, err := p.out.CreateRaw(&header)
	if err == nil {
		_, err = io.Copy(w, r)
	}
	p.err = err
}
