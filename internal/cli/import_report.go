package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// maxShownProblems and maxShownRemarks bound the rows listed in the report,
	// maxShownColumns the columns.
	maxShownProblems = 50
	maxShownRemarks  = 20
	maxShownColumns  = 100
)

// writeJSON writes v as indented JSON.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeReport writes the report for a person.
func writeReport(w io.Writer, flags importFlags, r importer.Report) error {
	var b strings.Builder
	if r.DryRun {
		fmt.Fprintf(&b, "Dry run: nothing was written. Importing %s (%s, %s) would give:\n\n", flags.file, r.Format, r.Encoding)
	} else {
		fmt.Fprintf(&b, "Imported %s (%s, %s) into %s.\n\n", flags.file, r.Format, r.Encoding, store.Redacted(flags.database))
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range []struct {
		what string
		n    int
	}{
		{"created", r.Created}, {"updated", r.Updated}, {"unchanged", r.Unchanged}, {"skipped", r.Skipped}, {"rejected", r.Rejected},
	} {
		fmt.Fprintf(t, "%s\t%s\t\n", line.what, text.GroupDigits(line.n, ","))
	}
	if r.PreviouslyDeleted > 0 {
		fmt.Fprintf(t, "previously deleted\t%s\t\n", text.GroupDigits(r.PreviouslyDeleted, ","))
	}
	if r.Pruned > 0 {
		fmt.Fprintf(t, "pruned\t%s\t\n", text.GroupDigits(r.Pruned, ","))
	}
	if r.Unassigned > 0 {
		fmt.Fprintf(t, "unassigned\t%s\t\n", text.GroupDigits(r.Unassigned, ","))
	}
	t.Flush()
	writeHints(&b, flags, r)
	writeProblems(&b, "Rows not imported:", r.Problems, r.MoreProblems, maxShownProblems)
	if flags.rejects != "" && len(r.Problems) > 0 {
		fmt.Fprintf(&b, "They are in %s: correct them there and import that file.\n", flags.rejects)
	} else if len(r.Problems) > maxShownProblems {
		b.WriteString("Add --rejects FILE to write all of them to a file.\n")
	}
	writePruned(&b, r)
	writeProblems(&b, "Please check:", r.Remarks, r.MoreRemarks, maxShownRemarks)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeHints writes what to do about the result.
func writeHints(b *strings.Builder, flags importFlags, r importer.Report) {
	hints := slices.Clone(r.Notes)
	if r.Rows == 0 {
		hints = append(hints, "The file holds no customers.")
	}
	if r.EncodingAssumed {
		hints = append(hints, "Choose the encoding with --encoding NAME.")
	}
	if r.HeaderLine > 1 && flags.opts.HeaderLine == 0 {
		hints = append(hints, "If another line names the columns, choose it with --header-line NUMBER.")
	}
	if r.Unassigned == 1 {
		hints = append(hints, "1 customer is unassigned: no worker sees them.")
	} else if r.Unassigned > 1 {
		hints = append(hints, text.GroupDigits(r.Unassigned, ",")+" customers are unassigned: no worker sees them.")
	}
	if hint := ownersHint(r); hint != "" {
		hints = append(hints, hint)
	}
	if r.NamesOwners && flags.opts.Worker != "" {
		hints = append(hints, "--worker was ignored: owners come from the file.")
	}
	if flags.opts.Sheet != "" && r.Sheet == "" {
		hints = append(hints, "--sheet was ignored: the file is no workbook.")
	}
	if flags.opts.HeaderLine > 0 && r.HeaderLine == 0 {
		hints = append(hints, "--header-line was ignored: the file is no table.")
	}
	if flags.opts.Encoding != "" && r.Sheet != "" {
		hints = append(hints, "--encoding was ignored: a workbook needs none.")
	}
	if r.PreviouslyDeleted > 0 {
		hints = append(hints, "Customers deleted in the console stay deleted. To import one again, choose Allow again there.")
	}
	if r.PruneRefused {
		hints = append(hints, pruneHint(r))
	}
	if hint := numbersHint(r.UnknownNumbers, flags.opts.Region); hint != "" {
		hints = append(hints, hint)
	}
	if len(r.UnusedColumns) > 0 {
		names := make([]string, 0, len(r.UnusedColumns))
		for _, name := range r.UnusedColumns[:min(len(r.UnusedColumns), maxShownColumns)] {
			names = append(names, strconv.QuoteToGraphic(shorten(name, 60)))
		}
		if more := len(r.UnusedColumns) - maxShownColumns; more > 0 {
			names = append(names, fmt.Sprintf("and %s more", text.GroupDigits(more, ",")))
		}
		hints = append(hints, "Ignored columns: "+wrapWords(names, 79-len("Ignored columns: ")))
	}
	if len(hints) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(hints, "\n"))
	}
}

// numbersHint says how many numbers have no country code, and what may help.
func numbersHint(n int, region string) string {
	var hint, cause string
	switch n {
	case 0:
		return ""
	case 1:
		hint, cause = "1 phone number has an unknown format and was kept as it is.", "it has no country code"
	default:
		hint, cause = text.GroupDigits(n, ",")+" phone numbers have an unknown format and were kept as they are.", "they have no country code"
	}
	if region != "" {
		return hint
	}
	return hint + "\nIf " + cause + ", import again with the country, such as --region US."
}

func writeProblems(b *strings.Builder, title string, problems []importer.Problem, more, most int) {
	if len(problems) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, p := range problems[:min(len(problems), most)] {
		if p.Outcome == importer.Noted {
			fmt.Fprintf(b, "  %s: %s\n", p.Where(), p.Reason)
		} else {
			fmt.Fprintf(b, "  %s, %s: %s\n", p.Where(), p.Outcome, p.Reason)
		}
	}
	if more += max(0, len(problems)-most); more > 0 {
		fmt.Fprintf(b, "  … and %s more\n", text.GroupDigits(more, ","))
	}
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// wrapWords joins words by commas in lines of about so many characters.
func wrapWords(words []string, width int) string {
	var b strings.Builder
	length := 0
	for i, word := range words {
		if i > 0 {
			b.WriteByte(',')
			if length+len(word) > width {
				b.WriteByte('\n')
				length = 0
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(word)
		length += len(word) + 2
	}
	return b.String()
}
