package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/clientele-project/clientele/internal/importer"
)

const (
	// shownProblems and shownRemarks are how many rows the summary tells of.
	shownProblems = 50
	shownRemarks  = 20
)

func writeReportJSON(w io.Writer, report importer.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(report)
}

// writeReport tells a person what came of an import.
func writeReport(w io.Writer, asked importFlags, r importer.Report) error {
	var b strings.Builder
	if r.DryRun {
		fmt.Fprintf(&b, "Dry run: nothing was written. Importing %s (%s, %s) would come to:\n\n", asked.file, r.Format, r.Encoding)
	} else {
		fmt.Fprintf(&b, "Imported %s (%s, %s) into %s.\n\n", asked.file, r.Format, r.Encoding, asked.database)
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range []struct {
		what string
		n    int
	}{
		{"created", r.Created}, {"updated", r.Updated}, {"unchanged", r.Unchanged}, {"skipped", r.Skipped}, {"rejected", r.Rejected},
	} {
		fmt.Fprintf(t, "%s\t%s\t\n", line.what, grouped(line.n))
	}
	if r.Removed > 0 {
		fmt.Fprintf(t, "deleted before\t%s\t\n", grouped(r.Removed))
	}
	if r.Pruned > 0 {
		fmt.Fprintf(t, "pruned\t%s\t\n", grouped(r.Pruned))
	}
	if r.Unassigned > 0 {
		fmt.Fprintf(t, "unassigned\t%s\t\n", grouped(r.Unassigned))
	}
	t.Flush()
	writeHints(&b, asked, r)
	writeProblems(&b, "Rows that were not used:", r.Problems, r.MoreProblems, shownProblems)
	if asked.rejects != "" && len(r.Problems) > 0 {
		fmt.Fprintf(&b, "They are in %s, whole: correct them there and import it.\n", asked.rejects)
	} else if len(r.Problems) > shownProblems {
		b.WriteString("Add --rejects FILE to have them all in a file.\n")
	}
	writePruned(&b, r)
	writeProblems(&b, "Worth a look:", r.Remarks, r.MoreRemarks, shownRemarks)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeHints says what else there is to know, and what to do about it.
func writeHints(b *strings.Builder, asked importFlags, r importer.Report) {
	var hints []string
	if r.Unassigned == 1 {
		hints = append(hints, "1 customer is nobody's: no worker sees them.")
	} else if r.Unassigned > 1 {
		hints = append(hints, grouped(r.Unassigned)+" customers are nobody's: no worker sees them.")
	}
	if r.NamesOwners && asked.opts.Worker != "" {
		hints = append(hints, "--worker was not needed where the file itself says whose customers these are.")
	}
	if r.Removed > 0 {
		hints = append(hints, "Customers who were deleted in the console stay deleted; they can be restored there.")
	}
	if r.PruneRefused {
		hints = append(hints, pruneHint(r))
	}
	if hint := numbersHint(r.UnknownNumbers, asked.opts.Region); hint != "" {
		hints = append(hints, hint)
	}
	if len(r.Unused) > 0 {
		names := make([]string, 0, len(r.Unused))
		for _, name := range r.Unused {
			names = append(names, strconv.QuoteToGraphic(shortened(name, 60)))
		}
		hints = append(hints, "Columns that were not used: "+wrapped(names, 79-len("Columns that were not used: ")))
	}
	if len(hints) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(hints, "\n"))
	}
}

// numbersHint says how many numbers lack something, and what may help.
func numbersHint(n int, region string) string {
	var hint, lack string
	switch n {
	case 0:
		return ""
	case 1:
		hint, lack = "1 telephone number could not be made international and was kept as it is.", "it lacks its country code"
	default:
		hint, lack = grouped(n)+" telephone numbers could not be made international and were kept as they are.", "they lack their country codes"
	}
	if region != "" {
		return hint
	}
	return hint + "\nIf " + lack + ", import again with --region and the country, such as --region US."
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
		fmt.Fprintf(b, "  … and %s more\n", grouped(more))
	}
}

// grouped writes a number with commas.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// wrapped writes words with commas in lines of about so many characters.
func wrapped(words []string, width int) string {
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
