package source

import (
	"archive/zip"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// numberFormats shows numbers as people wrote them.
type numberFormats struct {
	styles   []numberFormat // by the number of a style
	date1904 bool
	// truncated is how many numbers have more than 15 digits.
	truncated int
	file      *excelize.File // with one cell, to show numbers in a format
}

// numberFormat is how numbers are shown; code is the format for styleFormat.
type numberFormat struct {
	style numberStyle
	code  string
}

type numberStyle uint8

const (
	styleNumber numberStyle = iota // all digits, without separators, currencies and rounding
	styleDate                      // in ISO order, with the time if there is one
	styleTime
	styleFormat
)

// The formats of their own and the styles that a workbook can have, and how long a format is.
const (
	maxFormats = 10_000
	maxStyles  = 100_000
	maxCode    = 1000
)

// newNumberFormats reads the part of the styles, if there is one.
func (a *archive) newNumberFormats(styles *zip.File, date1904 bool) (*numberFormats, error) {
	n := &numberFormats{date1904: date1904}
	if styles == nil {
		return n, nil
	}
	custom := map[int]numberFormat{}
	inFormats, inStyles := false, false
	return n, a.eachTag(styles, func(t *tags) {
		switch string(t.name) {
		case "numFmts", "/numFmts":
			inFormats = t.name[0] != '/'
		case "cellXfs", "/cellXfs":
			inStyles = t.name[0] != '/'
		case "numFmt":
			if code := t.attributeText("formatCode"); inFormats && len(code) <= maxCode && len(custom) < maxFormats {
				custom[t.number("numFmtId", -1)] = numberFormat{customStyle(code), code}
			}
		case "xf":
			if inStyles && len(n.styles) < maxStyles {
				id := t.number("numFmtId", 0)
				format, found := custom[id]
				if !found {
					format = builtInFormat(id)
				}
				n.styles = append(n.styles, format)
			}
		}
	})
}

// recoverDamaged makes an error of a panic of the library, which trusts what it reads.
func recoverDamaged(err *error) {
	if recover() != nil {
		*err = errDamaged
	}
}

// show returns a number in a cell of a style.
func (n *numberFormats) show(value string, style int) string {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return value
	}
	var format numberFormat
	if style >= 0 && style < len(n.styles) {
		format = n.styles[style]
	}
	switch at, err := excelize.ExcelDateToTime(number, n.date1904); {
	case format.style == styleDate && err == nil && at.Year() < 10_000:
		return isoDate(at)
	case format.style == styleTime && err == nil:
		return at.Format("15:04")
	case format.style == styleFormat:
		return n.format(number, format.code)
	case math.Abs(number) >= 1e15:
		n.truncated++
		return strconv.FormatFloat(number, 'E', 14, 64)
	}
	number, _ = strconv.ParseFloat(strconv.FormatFloat(number, 'g', 15, 64), 64) // 0.1+0.2 is 0.3
	return strconv.FormatFloat(number, 'f', -1, 64)
}

func isoDate(at time.Time) string { return strings.TrimSuffix(at.Format("2006-01-02 15:04"), " 00:00") }

// format returns a number in a format.
func (n *numberFormats) format(number float64, code string) string {
	const sheet, cell = "Sheet1", "A1"
	plain := strconv.FormatFloat(number, 'f', -1, 64)
	if n.file == nil {
		n.file = excelize.NewFile()
		style, err := n.file.NewStyle(&excelize.Style{CustomNumFmt: &code})
		if err == nil {
			err = n.file.SetCellStyle(sheet, cell, cell, style)
		}
		if err != nil {
			return plain
		}
	}
	n.file.Styles.NumFmts.NumFmt[0].FormatCode = code
	err := n.file.SetCellDefault(sheet, cell, plain)
	shown, verr := n.file.GetCellValue(sheet, cell)
	if err != nil || verr != nil || shown == "" {
		return plain
	}
	return shown
}

// builtInFormat returns how numbers in a format that every program knows are shown.
func builtInFormat(id int) numberFormat {
	switch {
	case id == 9:
		return numberFormat{styleFormat, "0%"}
	case id == 10:
		return numberFormat{styleFormat, "0.00%"}
	case id == 46: // hours beyond a day
		return numberFormat{styleFormat, "[h]:mm:ss"}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47:
		return numberFormat{style: styleTime}
	case id >= 14 && id <= 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return numberFormat{style: styleDate}
	}
	return numberFormat{}
}
