package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// unsupported says what a file is that cannot be imported, and what to do.
func unsupported(what, todo string) error { return fmt.Errorf("this is %s: %s", what, todo) }

const (
	saveAgain = "open it in a spreadsheet program and save it as .xlsx or CSV"
	oldExcel  = "an Excel workbook of the old format (.xls)"
)

var errPassword = errors.New("the workbook is protected by a password: remove it in Excel and import again")

// isOLE reports whether a file is an OLE container, as all Office files once were
// and protected ones are, or an .xls from before.
func isOLE(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) || isBIFF(head)
}

// isBIFF reports whether a file begins with the first record of an .xls, of some version.
func isBIFF(head []byte) bool {
	for _, record := range []string{"\x09\x00\x04\x00", "\x09\x02\x06\x00", "\x09\x04\x06\x00", "\x09\x08\x08\x00", "\x09\x08\x10\x00"} {
		if bytes.HasPrefix(head, []byte(record)) {
			return true
		}
	}
	return false
}

// describeOLE says what such a file is, by the names of the streams in it.
func describeOLE(src io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(src, maxInMemory))
	if err != nil {
		return err
	}
	holds := func(stream string) bool {
		return bytes.Contains(data, []byte(strings.Join(strings.Split(stream, ""), "\x00")+"\x00\x00\x00"))
	}
	switch {
	case holds("EncryptedPackage"):
		return errPassword
	case isBIFF(data), holds("Workbook"), holds("Book"):
		return unsupported(oldExcel, saveAgain)
	}
	return unsupported("a file of an old Office program", "export the customers as Excel, CSV, JSON, or vCard")
}

func isMarkup(head []byte) bool {
	for _, prefix := range []string{"<!doctype", "<html", "<?xml", "<table", "<meta", "<head", "<!--"} {
		if hasPrefixFold(head, prefix) {
			return true
		}
	}
	return false
}

// markup says what a text of tags is. Many programs call a web page with a table .xls.
func markup(head []byte) error {
	switch text := strings.ToLower(string(head)); {
	case strings.Contains(text, "urn:schemas-microsoft-com:office:spreadsheet"):
		return unsupported("an Excel workbook as XML, of the year 2003", saveAgain)
	case strings.Contains(text, "<table"), strings.Contains(text, "urn:schemas-microsoft-com:office:excel"):
		return unsupported("a web page with a table, whatever its name ends in", saveAgain)
	}
	return unsupported("a web page or XML", "import Excel, CSV, JSON, or vCard")
}
