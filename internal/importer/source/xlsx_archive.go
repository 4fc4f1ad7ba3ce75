package source

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// The limits of a workbook: a small file may unpack to one that fills the disk.
const (
	maxParts     = 10_000
	maxDirectory = 4 << 20
	maxUnpacked  = 4 << 30
	// maxInMemory bounds a part of which much is kept in memory.
	maxInMemory = 32 << 20
	// A part that unpacks to more than maxRatio times its size is refused from ratioFrom.
	maxRatio  = 200
	ratioFrom = 64 << 20
)

var errTooLarge = errors.New("the workbook unpacks to too large a size: save the sheet with the customers as CSV and import that file")

// archive is the ZIP archive that a workbook is, in a temporary file.
type archive struct {
	ctx   context.Context
	file  *os.File
	parts map[string]*zip.File // by name in lower case
}

// openArchive copies src to a file, because the directory of a ZIP archive is at its end.
func openArchive(ctx context.Context, src io.Reader, dir string) (a *archive, err error) {
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
	limited := &limitedReaderAt{file, maxDirectory}
	reader, err := zip.NewReader(limited, size)
	switch {
	case limited.left < 0:
		return nil, errTooLarge
	case err != nil:
		return nil, errDamaged
	}
	limited.left = math.MaxInt // from now on parts are read
	a = &archive{ctx: ctx, file: file, parts: map[string]*zip.File{}}
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

// limitedReaderAt is a file of which no more can be read than what is left.
type limitedReaderAt struct {
	file *os.File
	left int
}

func (r *limitedReaderAt) ReadAt(p []byte, offset int64) (int, error) {
	if r.left != math.MaxInt {
		r.left -= len(p)
	}
	if r.left < 0 {
		return 0, errTooLarge
	}
	return r.file.ReadAt(p, offset)
}

func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/"))
}

// open opens a part that is read until the context ends.
func (a *archive) open(part *zip.File) (io.ReadCloser, error) {
	if part == nil {
		return nil, errDamaged
	}
	r, err := part.Open()
	if err != nil {
		return nil, errDamaged
	}
	return contextPart{a.ctx, r}, nil
}

// eachTag calls visit with each tag of a part.
func (a *archive) eachTag(part *zip.File, visit func(*tags)) error {
	r, err := a.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	t := newTags(r)
	for t.next() {
		visit(t)
	}
	if errors.Is(t.err, io.EOF) {
		return nil
	}
	return t.err
}

// relationship is a reference from a part to another, or to an address.
type relationship struct {
	id       string
	kind     string // the last word of its type: the beginning differs between versions of the format
	target   string // the full name of a part, or the address
	external bool
}

// eachRelationship calls visit with the relationships of a part.
func (a *archive) eachRelationship(of string, visit func(relationship)) error {
	dir, base := path.Split(of)
	part := a.parts[dir+"_rels/"+base+".rels"]
	switch {
	case part == nil:
		return nil
	case part.UncompressedSize64 > maxInMemory:
		return errTooLarge
	}
	return a.eachTag(part, func(t *tags) {
		if string(t.name) != "Relationship" {
			return
		}
		r := relationship{id: t.attributeText("Id"), kind: path.Base(t.attributeText("Type")), target: t.attributeText("Target"), external: string(t.attribute("TargetMode")) == "External"}
		if !r.external {
			if !strings.HasPrefix(r.target, "/") {
				r.target = path.Join(dir, r.target)
			}
			r.target = partName(r.target)
		}
		visit(r)
	})
}

// contents are the parts of a workbook.
type contents struct {
	date1904        bool
	strings, styles *zip.File
	sheets          []*sheet
}

// contents finds the parts of the workbook.
func (a *archive) contents() (*contents, error) {
	main, err := a.main()
	if err != nil {
		return nil, err
	}
	c := &contents{}
	sheetParts := map[string]*zip.File{}
	if err := a.eachRelationship(main, func(r relationship) {
		switch part := a.parts[r.target]; {
		case r.kind == "worksheet" && part != nil && len(sheetParts) < maxParts:
			sheetParts[r.id] = part
		case r.kind == "sharedStrings":
			c.strings = part
		case r.kind == "styles":
			c.styles = part
		}
	}); err != nil {
		return nil, err
	}
	number, listed := 0, map[*zip.File]bool{}
	return c, a.eachTag(a.parts[main], func(t *tags) {
		switch string(t.name) {
		case "workbookPr":
			c.date1904, _ = strconv.ParseBool(string(t.attribute("date1904")))
		case "sheet":
			number++
			part := sheetParts[t.attributeText("id")]
			if part == nil || listed[part] {
				return // a chart, or a second name
			}
			listed[part] = true
			state := string(t.attribute("state"))
			c.sheets = append(c.sheets, &sheet{name: t.attributeText("name"), number: number, hidden: state != "" && state != "visible", part: part})
		}
	})
}

// main returns the name of the part that lists the sheets, or says what the archive is
// instead of a workbook.
func (a *archive) main() (name string, err error) {
	if err := a.eachRelationship("", func(r relationship) {
		if r.kind == "officeDocument" && name == "" {
			name = r.target
		}
	}); err != nil {
		return "", err
	}
	switch {
	case name == "":
		return "", a.unsupported()
	case strings.HasSuffix(name, ".bin"):
		return "", unsupported("an Excel workbook in the binary format (.xlsb)", saveAgain)
	case a.parts[name] != nil && a.parts[name].UncompressedSize64 > maxInMemory:
		return "", errTooLarge
	case strings.HasPrefix(name, "word/"), strings.HasPrefix(name, "ppt/"), !strings.HasPrefix(name, "xl/") && a.parts[name] == nil:
		return "", unsupported("a document or presentation, not a workbook", "export the customers as .xlsx, CSV, JSON, or vCard")
	}
	return name, nil
}

// unsupported says what an archive is that is no workbook.
func (a *archive) unsupported() error {
	var kind []byte
	if r, err := a.open(a.parts["mimetype"]); err == nil {
		kind, _ = io.ReadAll(io.LimitReader(r, 200))
		r.Close()
	}
	switch {
	case strings.HasPrefix(string(kind), "application/vnd.oasis.opendocument.spreadsheet"):
		return unsupported("an OpenDocument spreadsheet (.ods)", saveAgain)
	case a.parts["index.zip"] != nil, a.parts["index/document.iwa"] != nil:
		return unsupported("a Numbers or Pages document", "open it and export it as Excel or CSV")
	}
	return unsupported("a ZIP archive", "unpack it and import the files in it")
}
