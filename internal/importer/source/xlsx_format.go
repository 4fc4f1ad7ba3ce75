package source

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// The number formats of the library that cells get in place of their own.
const (
	formatNone     = -1 // no such format: the number as it is, with all its digits
	formatTime     = 20
	formatDateTime = 22 // with Options.ShortDatePattern
	// firstCustom is the first format that a workbook itself defines, maxCustom how many of
	// them are kept: the library goes through them for each cell.
	firstCustom = 164
	maxCustom   = 250
)

// plainFormats replaces the formats of the cells by plain ones: dates in ISO order,
// numbers without separators, currencies and rounding. Percentages stay, and formats
// that only write digits, such as 00000 and (000) 000-0000: what people see is the number.
func plainFormats(f *excelize.File) {
	if f.Styles == nil || f.Styles.CellXfs == nil {
		return
	}
	codes := map[int]string{}
	if f.Styles.NumFmts != nil {
		for _, format := range f.Styles.NumFmts.NumFmt {
			codes[format.NumFmtID] = format.FormatCode
		}
	}
	kept := map[int]bool{}
	for i := range f.Styles.CellXfs.Xf {
		style, id := &f.Styles.CellXfs.Xf[i], 0
		if style.NumFmtID != nil {
			id = *style.NumFmtID
		}
		plain := plainBuiltIn(id)
		if code, custom := codes[id]; custom {
			plain = plainCustom(id, code)
		}
		kept[plain] = true
		style.NumFmtID = &plain
	}
	if f.Styles.NumFmts != nil {
		formats := f.Styles.NumFmts.NumFmt[:0]
		for _, format := range f.Styles.NumFmts.NumFmt {
			if format.NumFmtID >= firstCustom && kept[format.NumFmtID] && len(formats) < maxCustom {
				formats = append(formats, format)
			}
		}
		f.Styles.NumFmts.NumFmt = formats
	}
}

// plainBuiltIn returns the plain format for one of those that every program knows.
func plainBuiltIn(id int) int {
	switch {
	case id == 9, id == 10, id == 46: // percentages, hours beyond a day
		return id
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47:
		return formatTime
	case id >= 14 && id <= 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return formatDateTime
	}
	return formatNone
}

// plainCustom returns the plain format for a code such as `dd\.mm\.yyyy`.
func plainCustom(id int, code string) int {
	placeholders, literals, elapsed := splitFormat(code)
	has := func(chars string) bool { return strings.ContainsAny(placeholders, chars) }
	switch {
	case strings.Contains(placeholders, "general"), strings.Contains(placeholders, "@"):
		return formatNone
	case elapsed:
		return id
	case has("yd") || has("m") && !has("hs"):
		return formatDateTime
	case has("hs"):
		return formatTime
	case has("%"), strings.Trim(placeholders, "0#-+()/ ") == "" && strings.Trim(literals, "0123456789-+()./ ") == "" &&
		(len(literals) > 0 || strings.ContainsAny(placeholders, "-+()/ ") || strings.Contains(placeholders, "00")):
		return id
	}
	return formatNone
}

// splitFormat separates the first section of a format code, in lower case: its
// placeholders, and the text that it writes as it is. elapsed reports whether it has hours,
// minutes or seconds in brackets.
func splitFormat(code string) (placeholders, literals string, elapsed bool) {
	var outside, inside strings.Builder
	for code = strings.ToLower(code); code != ""; {
		c := code[0]
		code = code[1:]
		switch c {
		case ';':
			return outside.String(), inside.String(), elapsed
		case '"':
			text, rest, _ := strings.Cut(code, `"`)
			inside.WriteString(text)
			code = rest
		case '[':
			text, rest, _ := strings.Cut(code, "]")
			elapsed = elapsed || text != "" && strings.Trim(text, text[:1]) == "" && strings.Contains("hms", text[:1])
			if currency, found := strings.CutPrefix(text, "$"); found {
				symbol, _, _ := strings.Cut(currency, "-")
				inside.WriteString(symbol)
			}
			code = rest
		case '\\', '_', '*':
			if c == '\\' && code != "" {
				inside.WriteByte(code[0])
			}
			code = code[min(1, len(code)):]
		default:
			outside.WriteByte(c)
		}
	}
	return outside.String(), inside.String(), elapsed
}
