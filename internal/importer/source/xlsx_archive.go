package source

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// The limits of a workbook: a small file may unpack to one that fills the disk.
const (
	maxParts    = 10_000
	maxUnpacked = 4 << 30
	// maxInMemory bounds a part that is read into memory as a whole.
	maxInMemory = 32 << 20
	// A part that unpacks to more than maxRatio times its size is refused from ratioFrom.
	maxRatio  = 200
	ratioFrom = 64 << 20
)

var errTooLarge = errors.New("the workbook unpacks to too large a size: save the sheet with the customers as CSV and import that file")

// archive is the ZIP archive that a workbook is, in a temporary file.
type archive struct {
	src   io.Reader // at its end
	file  *os.File
	parts map[string]*zip.File // by name in lower case
}

// openArchive copies src to a file, because the directory of a ZIP archive is at its end.
func openArchive(src io.Reader, dir string) (a *archive, err error) {
	file, err := os.Create(filepath.Join(dir, "archive"))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	size, err := io.Copy(file, src)
	if err != nil {
		return nil, err
	}
	reader, err := zip.NewReader(file, size)
	if err != nil {
		return nil, errDamaged
	}
	a = &archive{src: src, file: file, parts: map[string]*zip.File{}}
	var unpacked uint64
	for _, part := range reader.File {
		size := part.UncompressedSize64
		unpacked += min(size, maxUnpacked+1)
		if len(reader.File) > maxParts || unpacked > maxUnpacked || size > ratioFrom && size/maxRatio > part.CompressedSize64 {
			return nil, errTooLarge
		}
		a.parts[partName(part.Name)] = part
	}
	return a, nil
}

func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/"))
}

// decode reads a small part, of XML.
func (a *archive) decode(name string, into any) error {
	part := a.parts[name]
	if part == nil || part.UncompressedSize64 > maxInMemory {
		return errDamaged
	}
	r, err := part.Open()
	if err != nil {
		return errDamaged
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(into); err != nil {
		return errDamaged
	}
	return nil
}

// relationship is a reference from a part to another, or to an address.
type relationship struct {
	ID       string `xml:"Id,attr"`
	Type     string `xml:"Type,attr"`
	Target   string `xml:"Target,attr"`
	External string `xml:"TargetMode,attr"`
}

// kind is the last word of the type: the beginning differs between versions of the format.
func (r relationship) kind() string { return path.Base(r.Type) }

// relationships returns those of a part. Targets that are parts have their full names.
func (a *archive) relationships(of string) ([]relationship, error) {
	dir, base := path.Split(of)
	name := dir + "_rels/" + base + ".rels"
	if a.parts[name] == nil {
		return nil, nil
	}
	var list struct {
		Relationships []relationship `xml:"Relationship"`
	}
	if err := a.decode(name, &list); err != nil {
		return nil, err
	}
	for i, r := range list.Relationships {
		if r.External != "" {
			continue
		}
		if !strings.HasPrefix(r.Target, "/") {
			r.Target = path.Join(dir, r.Target)
		}
		list.Relationships[i].Target = partName(r.Target)
	}
	return list.Relationships, nil
}

// contents are the parts of a workbook.
type contents struct {
	date1904        bool
	strings, styles *zip.File
	sheets          []*sheet // that hold anything
}

// contents finds the parts of the workbook and scans the sheets.
func (a *archive) contents() (*contents, error) {
	main, err := a.main()
	if err != nil {
		return nil, err
	}
	var listed struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := a.decode(main, &listed); err != nil {
		return nil, err
	}
	relationships, err := a.relationships(main)
	if err != nil {
		return nil, err
	}
	date1904, _ := strconv.ParseBool(listed.Properties.Date1904)
	b := &contents{date1904: date1904}
	sheetParts := map[string]string{}
	for _, r := range relationships {
		switch r.kind() {
		case "worksheet":
			sheetParts[r.ID] = r.Target
		case "sharedStrings":
			b.strings = a.parts[r.Target]
		case "styles":
			b.styles = a.parts[r.Target]
		}
	}
	if b.styles != nil && b.styles.UncompressedSize64 > maxInMemory {
		return nil, errTooLarge
	}
	for i, s := range listed.Sheets {
		part := a.parts[sheetParts[s.ID]]
		if part == nil {
			continue // a chart
		}
		sheet := &sheet{name: s.Name, number: i + 1, hidden: s.State != "" && s.State != "visible", part: part}
		if err := sheet.scan(a.src); err != nil {
			return nil, err
		}
		if sheet.rows > 0 {
			b.sheets = append(b.sheets, sheet)
		}
	}
	return b, nil
}

// main returns the name of the part that lists the sheets, or says what the archive is
// instead of a workbook.
func (a *archive) main() (string, error) {
	relationships, err := a.relationships("")
	if err != nil {
		return "", err
	}
	for _, r := range relationships {
		if r.kind() != "officeDocument" {
			continue
		}
		switch {
		case strings.HasSuffix(r.Target, ".bin"):
			return "", unsupported("an Excel workbook in the binary format (.xlsb)", saveAgain)
		case strings.HasPrefix(r.Target, "xl/"), a.parts[r.Target] != nil && !strings.HasPrefix(r.Target, "word/") && !strings.HasPrefix(r.Target, "ppt/"):
			return r.Target, nil
		default:
			return "", unsupported("a document or presentation, not a workbook", "export the customers as .xlsx, CSV, JSON, or vCard")
		}
	}
	return "", a.unsupported()
}

// unsupported says what an archive is that is no workbook.
func (a *archive) unsupported() error {
	var kind string
	if part := a.parts["mimetype"]; part != nil && part.UncompressedSize64 < 200 {
		if r, err := part.Open(); err == nil {
			text, _ := io.ReadAll(r)
			kind = string(text)
		}
	}
	switch {
	case strings.HasPrefix(kind, "application/vnd.oasis.opendocument.spreadsheet"):
		return unsupported("an OpenDocument spreadsheet (.ods)", saveAgain)
	case a.parts["index.zip"] != nil, a.parts["index/document.iwa"] != nil:
		return unsupported("a Numbers or Pages document", "open it and export it as Excel or CSV")
	}
	return unsupported("a ZIP archive", "unpack it and import the files in it")
}
