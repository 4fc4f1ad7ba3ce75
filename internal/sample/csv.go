package sample

import (
	"encoding/csv"
	"io"

	"github.com/clientele-project/clientele/internal/customer"
)

// WriteCSV writes the first n customers of seed as CSV with a header line, like an export
// of another CRM. owner returns the one owner of the customer at index i, "" for
// unassigned; nil leaves all unassigned.
func WriteCSV(w io.Writer, n int, seed uint64, owner func(i int) string) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"customer_id", "display_name", "company", "job_title", "phone", "email", "notes", "worker"})
	if err != nil {
		return err
	}
	record := make([]string, 8)
	i := 0
	for c := range Customers(n, seed, nil) {
		record[0], record[1], record[2], record[3] = c.ID, c.Name, c.Company, c.JobTitle
		record[4], record[5], record[6] = firstChannel(c, "sms"), firstChannel(c, "email"), c.Details.Content
		record[7] = ""
		if owner != nil {
			record[7] = owner(i)
		}
		if err := out.Write(record); err != nil {
			return err
		}
		i++
	}
	out.Flush()
	return out.Error()
}

// firstChannel returns the value of the first channel of a type, or "".
func firstChannel(c customer.Customer, channelType string) string {
	for _, channel := range c.Channels {
		if channel.Type == channelType {
			return channel.Value
		}
	}
	return ""
}
