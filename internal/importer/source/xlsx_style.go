package source

import "strings"

// customStyle returns how numbers in a format such as `dd\.mm\.yyyy` are shown. Percentages
// keep their format, and so do formats that only write digits, such as 00000 and
// (000) 000-0000: what people see is the number.
func customStyle(code string) numberStyle {
	placeholders, literals, elapsed := splitFormat(code)
	has := func(chars string) bool { return strings.ContainsAny(placeholders, chars) }
	switch {
	case strings.Contains(placeholders, "general"), strings.Contains(placeholders, "@"):
		return styleNumber
	case elapsed:
		return styleFormat
	case has("yd") || has("m") && !has("hs"):
		return styleDate
	case has("hs"):
		return styleTime
	case has("%"), strings.Trim(placeholders, "0#-+()/ ") == "" && strings.Trim(literals, "0123456789-+()./ ") == "" &&
		(len(literals) > 0 || strings.ContainsAny(placeholders, "-+()/ ") || strings.Contains(placeholders, "00")):
		return styleFormat
	}
	return styleNumber
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
