package customers

import (
	"strings"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxPreviewColumns is how many columns of the file a preview shows.
const maxPreviewColumns = 80

// importPreview is the beginning of a file: its rows as the file has them, and the
// customers that they become.
type importPreview struct {
	// Above are the lines above the header, which are skipped, and HeaderLine is the line
	// of the header, "" for a file without.
	Above       []previewRow
	HeaderLine  string
	Columns     []columnLine
	MoreColumns string
	Rows        []previewRow
	Customers   []previewCustomer
}

// previewRow is a row as the file has it. Tone is that of importFigure.
type previewRow struct {
	Line, Tone string
	Cells      []string
}

// previewCustomer is the customer that a row becomes, or why it becomes none.
type previewCustomer struct {
	Line, Name     string
	Numbers        []previewNumber
	Emails, Owners string
	// OwnersMissing reports whether it has no owner, or one without an account.
	OwnersMissing bool
	// Tag is the outcome of a row that is not used, and Reason says why; Tone is that of
	// the tag. Reason is also what is to be known about a row that is used.
	Tag, Tone, Reason string
}

// previewNumber is a phone number as it will be stored.
type previewNumber struct {
	Text string
	// Unknown reports whether it has no country code, or is not valid.
	Unknown bool
}

// previewOf returns the preview of an import. accounts are those of accountStatuses.
func previewOf(im admin.Import, columns []columnLine, accounts map[string]accountStatus, v *auth.Viewer) (p importPreview) {
	first := im.Beginning
	p.Columns = columns[:min(len(columns), maxPreviewColumns)]
	if more := len(im.Columns) - len(p.Columns); more > 0 && len(p.Columns) > 0 {
		p.MoreColumns = view.Count(v.Locale, "console.import.columns.hidden", more)
	}
	if first.HeaderLine > 0 {
		p.HeaderLine = view.Grouped(first.HeaderLine, v.Locale)
	}
	for _, row := range first.Above {
		p.Above = append(p.Above, previewRow{Line: view.Grouped(row.Line, v.Locale), Cells: []string{strings.Join(row.Cells, " ")}})
	}
	for _, row := range first.Rows {
		line := row.Line
		if row.Item > 0 {
			line = row.Item
		}
		c := previewCustomerOf(row, accounts, v)
		c.Line = view.Grouped(line, v.Locale)
		p.Customers = append(p.Customers, c)
		p.Rows = append(p.Rows, previewRow{Line: c.Line, Tone: c.Tone, Cells: row.Cells[:min(len(row.Cells), len(p.Columns))]})
	}
	return p
}

func previewCustomerOf(row importer.PreviewRow, accounts map[string]accountStatus, v *auth.Viewer) (c previewCustomer) {
	c.Reason = row.Reason
	if row.Outcome != "" {
		c.Tag, c.Tone = outcomeTag(row.Outcome, v), outcomeTone(row.Outcome)
		return c
	}
	c.Name = displayName(row.Customer.Name, v)
	c.Reason = strings.Join(row.Remarks, "; ")
	c.Owners, c.OwnersMissing, _ = ownersText(row.Customer.Workers, v)
	for _, w := range row.Customer.Workers {
		c.OwnersMissing = c.OwnersMissing || statusOf(accounts, w) == accountUnknown
	}
	var emails []string
	for _, ch := range row.Customer.Channels {
		switch ch.Type {
		case customer.SMS, customer.WhatsApp:
			n := previewNumber{contactText(ch, v), isIncomplete(ch)}
			if len(c.Numbers) == 0 || c.Numbers[len(c.Numbers)-1] != n {
				c.Numbers = append(c.Numbers, n)
			}
		case customer.Email:
			emails = append(emails, contactText(ch, v))
		}
	}
	c.Emails = strings.Join(emails, ", ")
	return c
}

// isIncomplete reports whether a number needs a country.
func isIncomplete(ch customer.Channel) bool {
	if ch.Type != customer.SMS && ch.Type != customer.WhatsApp {
		return false
	}
	_, complete := text.ObservedForm(strings.TrimPrefix(ch.Value, text.WhatsAppPrefix), "")
	return !complete && text.Digits(ch.Value) != ""
}

// incompleteNumbers returns those numbers of the first rows that need a country.
func incompleteNumbers(first importer.Preview) (numbers []string) {
	for _, row := range first.Rows {
		for _, ch := range row.Customer.Channels {
			if isIncomplete(ch) {
				numbers = append(numbers, strings.TrimPrefix(ch.Value, text.WhatsAppPrefix))
			}
		}
	}
	return numbers
}

// outcomeTag returns the word for an outcome.
func outcomeTag(outcome string, v *auth.Viewer) string {
	switch outcome {
	case importer.Rejected:
		return v.Locale.Text("console.import.row.rejected")
	case importer.Skipped:
		return v.Locale.Text("console.import.row.skipped")
	case importer.PreviouslyDeleted:
		return v.Locale.Text("console.import.row.previously_deleted")
	}
	return v.Locale.Text("console.import.row.note")
}

// outcomeTone returns the tone of the tag of an outcome.
func outcomeTone(outcome string) string {
	switch outcome {
	case importer.Rejected, importer.PreviouslyDeleted:
		return toneRefused
	case importer.Noted:
		return toneDecide
	}
	return ""
}
