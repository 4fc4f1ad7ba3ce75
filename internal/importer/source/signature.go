package source

import "bytes"

// notText are the files that begin like no text, and what they are.
var notText = []struct{ magic, what string }{
	{"%PDF", "a PDF document"},
	{"!BDN", "an Outlook data file"},
	{"BEGIN:VCALENDAR", "a calendar"},
	{"dn: ", "an address book in LDIF"},
	{"SQLite format 3\x00", "a database"},
	{"\x89PNG", "a picture"},
	{"\xFF\xD8\xFF", "a picture"},
	{"\x1F\x8B", "a compressed file"},
	{"7z\xBC\xAF\x27\x1C", "a compressed file"},
	{"Rar!\x1A", "a compressed file"},
}

// knownFormat says what a file is that is of a well-known format and no text, or
// returns "".
func knownFormat(head []byte) string {
	for _, f := range notText {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.what
		}
	}
	return ""
}

// isBinary reports whether bytes are of no text in any encoding of single bytes: those
// have hardly any control characters. Zeros alone are padding, up to a third.
func isBinary(b []byte) bool {
	controls, zeros := 0, 0
	for _, c := range b {
		switch {
		case c == 0:
			zeros++
		case c < ' ' && !bytes.ContainsRune([]byte("\t\n\v\f\r\x1A\x1B"), rune(c)), c == 0x7F:
			controls++
		}
	}
	return controls > len(b)/50 || zeros > len(b)/3
}
