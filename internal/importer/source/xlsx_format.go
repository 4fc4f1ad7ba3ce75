package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// numberFormats shows numbers as people wrote them.
type numberFormats struct {
	file     *excelize.File // with the styles of the workbook and one cell
	styles   []numberStyle
	date1904 bool
	// truncated is how many numbers have more than 15 digits.
	truncated int
}

// numberStyle is how the numbers of a style are shown.
type numberStyle uint8

const (
	styleNumber numberStyle = iota // all digits, without separators, currencies and rounding
	styleDate                      // in ISO order, with the time if there is one
	styleTime
	styleFormat // in the format of the style
)

const formatSheet = "Sheet1"

// newNumberFormats reads the part of the styles, if there is one.
func newNumberFormats(styles *zip.File, date1904 bool) (n *numberFormats, err error) {
	n = &numberFormats{date1904: date1904}
	if styles == nil {
		return n, nil
	}
	defer recoverDamaged(&err)
	data, err := stylesWorkbook(styles)
	if err != nil {
		return nil, err
	}
	if n.file, err = excelize.OpenReader(bytes.NewReader(data)); err != nil {
		return nil, errDamaged
	}
	codes := map[int]string{}
	if n.file.Styles.NumFmts != nil {
		for _, format := range n.file.Styles.NumFmts.NumFmt {
			codes[format.NumFmtID] = format.FormatCode
		}
	}
	if n.file.Styles.CellXfs == nil {
		return n, nil
	}
	for _, style := range n.file.Styles.CellXfs.Xf {
		id := 0
		if style.NumFmtID != nil {
			id = *style.NumFmtID
		}
		shown := builtInStyle(id)
		if code, custom := codes[id]; custom {
			shown = customStyle(code)
		}
		n.styles = append(n.styles, shown)
	}
	return n, nil
}

// recoverDamaged makes an error of a panic of the library, which trusts what it reads.
func recoverDamaged(err *error) {
	if recover() != nil {
		*err = errDamaged
	}
}

// stylesWorkbook returns a workbook that has the styles and an empty sheet.
func stylesWorkbook(styles *zip.File) ([]byte, error) {
	const (
		relationshipTypes = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
		main              = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="` + relationshipTypes + `"`
		list              = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
		entry             = `<Relationship Id="%s" Type="` + relationshipTypes + `/%[1]s" Target="%s"/>`
	)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"_rels/.rels", list + fmt.Sprintf(entry, "officeDocument", "xl/workbook.xml") + `</Relationships>`},
		{"xl/workbook.xml", `<workbook ` + main + `><sheets><sheet name="` + formatSheet + `" sheetId="1" r:id="worksheet"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", list + fmt.Sprintf(entry, "worksheet", "worksheets/sheet1.xml") + fmt.Sprintf(entry, "styles", "styles.xml") + `</Relationships>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + main + `><sheetData/></worksheet>`},
	} {
		w, err := out.Create(part[0])
		if err != nil {
			return nil, err
		}
		io.WriteString(w, part[1]) // in memory
	}
	r, err := styles.OpenRaw()
	if err != nil {
		return nil, errDamaged
	}
	header := styles.FileHeader
	header.Name = "xl/styles.xml"
	w, err := out.CreateRaw(&header)
	if err == nil {
		_, err = io.Copy(w, r)
	}
	if err == nil {
		err = out.Close()
	}
	return b.Bytes(), err
}

// show returns a number in a cell of a style.
func (n *numberFormats) show(value string, style int) string {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return value
	}
	shown := styleNumber
	if style >= 0 && style < len(n.styles) {
		shown = n.styles[style]
	}
	switch at, err := excelize.ExcelDateToTime(number, n.date1904); {
	case shown == styleDate && err == nil && at.Year() < 10_000:
		return isoDate(at)
	case shown == styleTime && err == nil:
		return at.Format("15:04")
	case shown == styleFormat:
		return n.format(number, style)
	case math.Abs(number) >= 1e15:
		n.truncated++
		return strconv.FormatFloat(number, 'E', 14, 64)
	}
	number, _ = strconv.ParseFloat(strconv.FormatFloat(number, 'g', 15, 64), 64) // 0.1+0.2 is 0.3
	return strconv.FormatFloat(number, 'f', -1, 64)
}

func isoDate(at time.Time) string { return strings.TrimSuffix(at.Format("2006-01-02 15:04"), " 00:00") }

// format returns a number in the format of a style.
func (n *numberFormats) format(number float64, style int) string {
	plain := strconv.FormatFloat(number, 'f', -1, 64)
	err := n.file.SetCellDefault(formatSheet, "A1", plain)
	if err == nil {
		err = n.file.SetCellStyle(formatSheet, "A1", "A1", style)
	}
	shown, verr := n.file.GetCellValue(formatSheet, "A1")
	if err != nil || verr != nil || shown == "" {
		return plain
	}
	return shown
}

// builtInStyle returns how numbers in a format that every program knows are shown.
func builtInStyle(id int) numberStyle {
	switch {
	case id == 9, id == 10, id == 46: // percentages, hours beyond a day
		return styleFormat
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47:
		return styleTime
	case id >= 14 && id <= 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return styleDate
	}
	return styleNumber
}
