package customers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxColumns is the number of columns that can be mapped.
const maxColumns = 200

// columnLine is one column: its target field, and sample values.
type columnLine struct {
	Name string
	// Field is the name of its input, "" for a column that cannot be mapped. Target is the
	// label of the field that it is mapped to, "" when it is ignored.
	Field, Target string
	Options       []view.Option
	Samples       []string
	// Tag says in a word why it has no target; Tone is that of the tag: see importFigure.
	Tag, Tone string
}

// columnLines returns the lines of the columns of an import.
func columnLines(im admin.Import, v *auth.Viewer) (lines []columnLine) {
	for i, col := range im.Columns[:min(len(im.Columns), maxColumns)] {
		mapping := mappingOf(im, col)
		if mapping >= 0 { // differs from col.Field in a form that was refused
			col.Field = strings.TrimPrefix(im.Options.Map[mapping].Field, importer.Ignore)
		}
		line := columnLine{Name: columnName(col, v), Samples: col.Samples}
		if col.Field != "" {
			line.Target = fieldLabel(col.Field, v)
		}
		undecided := line.mark(col, mapping >= 0, v)
		if !col.Fixed {
			line.Field, line.Options = "field"+strconv.Itoa(i), columnOptions(col, undecided, v)
		}
		lines = append(lines, line)
	}
	return lines
}

// mark sets the tag of a column. It reports whether someone must decide what the column
// is; a column with a mapping is decided.
func (l *columnLine) mark(col importer.Column, decided bool, v *auth.Viewer) (undecided bool) {
	switch {
	case col.Field != "":
	case col.Second != "" && len(col.Samples) > 0:
		l.Tag, l.Tone = v.Locale.Text("console.import.column.second", "field", fieldLabel(col.Second, v)), toneDecide
	case col.Unnamed && !decided && !col.Fixed:
		l.Tag, l.Tone = v.Locale.Text("console.import.column.unnamed"), toneDecide
	default:
		l.Tag, l.Tone = v.Locale.Text("console.import.column.ignored"), "quiet"
	}
	return l.Tone == toneDecide
}

// columnName returns the name of a column as pages show it.
func columnName(col importer.Column, v *auth.Viewer) string {
	if col.Unnamed {
		return v.Locale.Text("console.import.column.number", "n", col.Position)
	}
	return view.Line(col.Name, 120)
}

// columnOptions returns the fields that a column can be mapped to. The first is to leave it
// as it is, which ignores it.
func columnOptions(col importer.Column, undecided bool, v *auth.Viewer) []view.Option {
	ignored := view.Option{Text: v.Locale.Text("console.import.field.unused"), Selected: col.Field == ""}
	options := []view.Option{ignored}
	if undecided {
		options[0].Text = v.Locale.Text("console.import.field.choose")
		options = append(options, view.Option{Value: importer.Ignore, Text: ignored.Text})
	}
	for _, target := range importer.Targets() {
		if target != importer.Ignore {
			options = append(options, view.Option{Value: target, Text: fieldLabel(target, v), Selected: target == col.Field})
		}
	}
	return options
}

// networks are the target fields whose labels are the same in every language.
var networks = map[string]string{"linkedin": "LinkedIn", "facebook": "Facebook", "instagram": "Instagram", "twitter": "X (Twitter)"}

// fieldLabels are the messages of the other target fields.
var fieldLabels = map[string]string{
	"customer_id": "console.import.field.id", "display_name": "console.import.field.name", "first_name": "console.import.field.first",
	"middle_name": "console.import.field.middle", "last_name": "console.import.field.last", "company": "console.customer.company",
	"job_title": "console.customer.job", "phone": "console.import.field.phone", "whatsapp": "channel.whatsapp", "email": "channel.email",
	"chat": "channel.chat", "website": "console.import.field.website", "notes": "console.customer.notes", "owner": "console.import.field.owner",
	"avatar": "console.customer.avatar",
}

// fieldLabel returns the label of a target field; a field unknown to this program keeps
// its own name.
func fieldLabel(target string, v *auth.Viewer) string {
	if key, ok := fieldLabels[target]; ok {
		return v.Locale.Text(key)
	}
	return cmp.Or(networks[target], target)
}

// mappingOf returns the index of the mapping of a column in the options of an import, or -1.
func mappingOf(im admin.Import, col importer.Column) int {
	return slices.IndexFunc(im.Options.Map, func(m importer.Mapping) bool {
		return m.Column == col.Name
	})
}
