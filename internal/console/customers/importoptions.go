package customers

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxOptionsForm bounds the posted form.
const maxOptionsForm = 256 << 10

// optionsForm has the options of an import.
type optionsForm struct {
	// Encodings and Sheets are empty for files that have no such choice.
	Encodings, Sheets []view.Option
	EncodingAssumed   bool
	// HasHeader reports whether the file has a line with the names of its columns. Header is
	// the chosen line, "" to find it, and Found the line that was found.
	HasHeader     bool
	Header, Found string
	Countries     countryPicker
	// Worker is the owner when the file names none. Owners reports whether it names them.
	Worker      string
	Everyone    bool
	Owners      bool
	Prune       bool
	PruneAnyway bool
	People      []string
	// Columns is how many the form has a field for.
	Columns int
	// Need is the field that must be filled in: "worker", "region", "columns", "encoding",
	// "sheet" or "header".
	Need string
}

// needs are the fields of the form for what an import needs.
var needs = map[importer.Need]string{
	importer.NeedOwner: "worker", importer.NeedRegion: "region", importer.NeedName: "columns", importer.NeedMap: "columns",
	importer.NeedEncoding: "encoding", importer.NeedSheet: "sheet", importer.NeedHeader: "header",
}

// optionsFormOf returns the form of an import.
func optionsFormOf(r *http.Request, im admin.Import, v *auth.Viewer) optionsForm {
	o := im.Options
	f := optionsForm{
		Prune: o.Prune, PruneAnyway: o.PruneAnyway, Need: needs[im.Need], Columns: len(im.Columns),
		Countries: countries(r, v, o.Region), EncodingAssumed: im.Beginning.EncodingAssumed,
	}
	if f.Worker = o.Worker; f.Worker == customer.Everyone {
		f.Worker, f.Everyone = "", true
	}
	f.Owners = f.Need != "worker" && (im.Preview != nil && im.Preview.NamesOwners ||
		slices.ContainsFunc(im.Columns, func(c importer.Column) bool { return c.Field == "owner" }))
	first := im.Beginning
	if first.Encoding != "" || f.Need == "encoding" {
		f.Encodings = choices(importer.Encodings(), o.Encoding, detected(v, o.Encoding, first.Encoding))
	}
	if len(first.Sheets) > 1 {
		f.Sheets = choices(first.Sheets, o.Sheet, detected(v, o.Sheet, first.Sheet))
	}
	f.HasHeader = first.HeaderLine > 0 || f.Need == "header"
	if o.HeaderLine > 0 {
		f.Header = strconv.Itoa(o.HeaderLine)
	} else if first.HeaderLine > 0 {
		f.Found = view.Grouped(first.HeaderLine, v.Locale)
	}
	return f
}

// detected returns the text of the option that leaves a choice to the program: with what it
// has found, unless something is chosen.
func detected(v *auth.Viewer, chosen, found string) string {
	if chosen != "" || found == "" {
		return v.Locale.Text("console.import.detect")
	}
	return v.Locale.Text("console.import.detected", "name", view.Line(found, view.MaxCell))
}

// choices returns the options of a list, and first the one that leaves it to the program.
func choices(values []string, chosen, first string) []view.Option {
	options := []view.Option{{Text: first}}
	for _, value := range values {
		options = append(options, view.Option{Value: value, Text: view.Line(value, view.MaxCell), Selected: value == chosen})
	}
	return options
}

// readOptions reads the posted options over the stored ones. It refuses a form that was
// rendered for other columns.
func readOptions(r *http.Request, im admin.Import) (admin.ImportOptions, error) {
	given := func(name string) bool { return r.PostForm.Get(name) != "" }
	c := admin.ImportOptions{
		Worker: view.Field(r, "worker"), Region: strings.ToUpper(view.Field(r, "region")), Encoding: view.Field(r, "encoding"), Sheet: r.PostForm.Get("sheet"),
		HeaderLine: numberOf(view.Field(r, "header")), Prune: given("prune"), PruneAnyway: given("prune") && given("insist"),
	}
	// With both, the newer choice counts: the field is empty while Everyone is stored.
	if given("everyone") && (c.Worker == "" || im.Options.Worker != customer.Everyone) {
		c.Worker = customer.Everyone
	}
	// A button beside the numbers sets their country: the one that it names, or that of the
	// list there.
	if do, country, _ := strings.Cut(r.PostForm.Get("do"), ":"); do == "region" {
		c.Region = cmp.Or(country, view.Field(r, "numbers_region"))
	}
	if n := r.PostForm.Get("columns"); n != "" && n != strconv.Itoa(len(im.Columns)) {
		return c, auth.ErrForm
	}
	for i, col := range im.Columns {
		name := "field" + strconv.Itoa(i)
		wanted := r.PostForm.Get(name)
		switch {
		case !r.PostForm.Has(name) || wanted == col.Field:
			if before := mappingOf(im, col); before >= 0 {
				c.Map = append(c.Map, im.Options.Map[before])
			}
		case wanted == "":
			c.Map = append(c.Map, importer.Mapping{Field: importer.Ignore, Column: col.Name})
		case !slices.Contains(importer.Targets(), wanted):
			return c, auth.ErrForm
		default:
			c.Map = append(c.Map, importer.Mapping{Field: wanted, Column: col.Name})
		}
	}
	return c, nil
}

func sameOptions(a, b admin.ImportOptions) bool {
	sameMap := len(a.Map) == 0 && len(b.Map) == 0 || reflect.DeepEqual(a.Map, b.Map)
	a.Map, b.Map = nil, nil
	return sameMap && reflect.DeepEqual(a, b)
}
