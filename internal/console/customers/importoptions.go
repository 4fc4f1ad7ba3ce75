package customers

import (
	"errors"
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

// maxOptionsForm bounds the posted form, and maxColumns the number of columns that can be
// mapped.
const (
	maxOptionsForm = 256 << 10
	maxColumns     = 200
)

// optionsForm has the options of an import.
type optionsForm struct {
	Columns []columnLine
	// MoreColumns says how many columns are not shown, "" for none.
	MoreColumns string
	// Worker is the owner when the file names none. Owners reports whether it names them.
	Worker      string
	Everyone    bool
	Owners      bool
	Region      string
	Prune       bool
	PruneAnyway bool
	People      []string
	// Need is the field that must be filled in: "worker", "region" or "columns".
	Need string
}

// columnLine is one column: its target field, and sample values.
type columnLine struct {
	Name    string
	Field   string // the name of its input
	Options []view.Option
	Samples []string
	chosen  string
}

// optionsFormOf returns the form with the stored options.
func optionsFormOf(im admin.Import) optionsForm {
	f := optionsForm{Region: im.Options.Region, Prune: im.Options.Prune, PruneAnyway: im.Options.PruneAnyway}
	if f.Worker = im.Options.Worker; f.Worker == customer.Everyone {
		f.Worker, f.Everyone = "", true
	}
	for _, col := range im.Columns {
		f.Columns = append(f.Columns, columnLine{chosen: col.Field})
	}
	return f
}

// describe adds what the form says about the file.
func (f *optionsForm) describe(im admin.Import, v *auth.Viewer) {
	for i := range f.Columns {
		if i == maxColumns {
			f.MoreColumns = view.Count(v.Locale, "console.import.columns.more", len(im.Columns)-maxColumns)
			f.Columns = f.Columns[:maxColumns]
			break
		}
		col, given := &f.Columns[i], im.Columns[i]
		col.Name, col.Field, col.Samples = view.Line(given.Name, 120), "field"+strconv.Itoa(i), given.Samples
		col.Options = append(col.Options, view.Option{Text: v.Locale.Text("console.import.field.unused"), Selected: col.chosen == ""})
		for _, target := range importer.Targets() {
			if target != importer.Ignore {
				col.Options = append(col.Options, view.Option{Value: target, Text: fieldLabel(target, v), Selected: target == col.chosen})
			}
		}
	}
	f.Owners = im.Preview != nil && im.Preview.NamesOwners && im.Need != importer.NeedOwner
	switch im.Need {
	case importer.NeedOwner:
		f.Need = "worker"
	case importer.NeedRegion:
		f.Need = "region"
	case importer.NeedName, importer.NeedMap:
		f.Need = "columns"
	}
}

// fieldLabel returns the label of a target field; a field unknown to this program keeps
// its own name.
func fieldLabel(target string, v *auth.Viewer) string {
	keys := map[string]string{
		"customer_id": "console.import.field.id", "display_name": "console.import.field.name", "first_name": "console.import.field.first",
		"middle_name": "console.import.field.middle", "last_name": "console.import.field.last", "company": "console.customer.company",
		"job_title": "console.customer.job", "phone": "console.import.field.phone", "whatsapp": "channel.whatsapp", "email": "channel.email",
		"chat": "channel.chat", "website": "console.import.field.website", "notes": "console.customer.notes", "owner": "console.import.field.owner",
		"avatar": "console.customer.avatar",
	}
	if key, ok := keys[target]; ok {
		return v.Locale.Text(key)
	}
	return target // LinkedIn and the like have one name everywhere
}

// readOptions reads the posted options over the stored ones. It refuses a form that was
// rendered for other columns.
func readOptions(r *http.Request, im admin.Import) (admin.ImportOptions, optionsForm, error) {
	f := optionsFormOf(im)
	f.Worker, f.Region = view.Field(r, "worker"), strings.ToUpper(view.Field(r, "region"))
	f.Everyone, f.Prune, f.PruneAnyway = r.PostForm.Get("everyone") != "", r.PostForm.Get("prune") != "", r.PostForm.Get("insist") != ""
	c := admin.ImportOptions{Worker: f.Worker, Region: f.Region, Prune: f.Prune, PruneAnyway: f.Prune && f.PruneAnyway}
	if f.Everyone {
		c.Worker = customer.Everyone
	}
	if n := r.PostForm.Get("columns"); n != "" && n != strconv.Itoa(len(im.Columns)) {
		return c, f, auth.ErrForm
	}
	for i, col := range im.Columns {
		name := "field" + strconv.Itoa(i)
		wanted := r.PostForm.Get(name)
		before := slices.IndexFunc(im.Options.Map, func(m importer.Mapping) bool { return m.Column == col.Name })
		switch {
		case !r.PostForm.Has(name) || wanted == col.Field:
			if before >= 0 {
				c.Map = append(c.Map, im.Options.Map[before])
			}
			continue
		case wanted == "":
			c.Map = append(c.Map, importer.Mapping{Field: importer.Ignore, Column: col.Name})
		case !slices.Contains(importer.Targets(), wanted):
			return c, f, auth.ErrForm
		default:
			c.Map = append(c.Map, importer.Mapping{Field: wanted, Column: col.Name})
		}
		f.Columns[i].chosen = wanted
	}
	return c, f, nil
}

func sameOptions(a, b admin.ImportOptions) bool {
	return a.Worker == b.Worker && a.Region == b.Region && a.Prune == b.Prune && a.PruneAnyway == b.PruneAnyway &&
		(len(a.Map) == 0 && len(b.Map) == 0 || reflect.DeepEqual(a.Map, b.Map))
}

// ChangeImport changes the options of an import, runs it, or cancels it.
func (h *Handlers) ChangeImport(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.LargeForm(w, r, maxOptionsForm); err != nil {
		return err
	}
	id := r.PostForm.Get("id")
	im, err := h.Admin.Import(id)
	if err != nil {
		return err
	}
	page := importPage{Options: optionsFormOf(im)}
	back := func(suffix string) error {
		return view.Redirect(w, r, importHref(id)+suffix)
	}
	do := r.PostForm.Get("do")
	suffix := ""
	switch do {
	case "cancel":
		err = h.Admin.Cancel(h.auditContext(r), id)
		if errors.Is(err, admin.ErrNotReady) {
			err = nil // it has ended
		}
	case "choose", "run":
		options, form, rerr := readOptions(r, im)
		if rerr != nil {
			return rerr
		}
		page.Options = form
		if do == "choose" || !sameOptions(options, im.Options) {
			if do == "run" {
				suffix = "&done=checked"
			}
			_, err = h.Admin.SetOptions(h.auditContext(r), id, options)
			break
		}
		_, err = h.Admin.Run(h.auditContext(r), v.Person.Identity, id)
	default:
		return auth.ErrForm
	}
	var usage *importer.UsageError
	var many *admin.TooManyPrunedError
	switch problem := busyText(err, v); {
	case err == nil:
		return back(suffix)
	case errors.Is(err, admin.ErrNotReady):
		return back("") // someone else changed it first: show it
	case errors.As(err, &usage):
		page.Reason = usage.Reason
		return h.renderImport(w, r, v, http.StatusUnprocessableEntity, im, page)
	case errors.As(err, &many):
		page.Problem = v.Locale.Text("console.import.toomany", "removed", view.Grouped(many.Absent, v.Locale), "all", view.Grouped(many.Total, v.Locale))
		return h.renderImport(w, r, v, http.StatusConflict, im, page)
	case problem != "":
		page.Problem = problem
		return h.renderImport(w, r, v, http.StatusConflict, im, page)
	}
	return err
}

// busyText says which other task must finish first, "" when err is not about that.
func busyText(err error, v *auth.Viewer) string {
	var busy *admin.BusyError
	switch {
	case errors.As(err, &busy) && busy.What != "":
		return v.Locale.Text("console.busy.import", "by", view.Line(busy.By, view.MaxCell), "file", shownFile(busy.What))
	case errors.As(err, &busy):
		return v.Locale.Text("console.busy.reassignment", "by", view.Line(busy.By, view.MaxCell))
	case errors.Is(err, admin.ErrBusy):
		return v.Locale.Text("console.busy")
	}
	return ""
}
