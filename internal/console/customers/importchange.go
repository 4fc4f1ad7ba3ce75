package customers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

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
	options := im.Options
	back := func(suffix string) error {
		return view.Redirect(w, r, importHref(id)+suffix)
	}
	do, _, _ := strings.Cut(r.PostForm.Get("do"), ":")
	suffix := ""
	switch do {
	case "cancel":
		err = h.Admin.Cancel(h.auditContext(r), id)
		if errors.Is(err, admin.ErrNotReady) {
			err = nil // it has ended
		}
	case "choose", "region", "run":
		var rerr error
		if options, rerr = readOptions(r, im); rerr != nil {
			return rerr
		}
		if do != "run" || !sameOptions(options, im.Options) {
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
	im.Options = options // a refused form is shown as it was filled in
	var page importPage
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
	case errors.As(err, &busy) && busy.Checking:
		return v.Locale.Text("console.busy.check", "by", view.Line(busy.By, view.MaxCell), "file", shownFile(busy.What))
	case errors.As(err, &busy) && busy.What != "":
		return v.Locale.Text("console.busy.import", "by", view.Line(busy.By, view.MaxCell), "file", shownFile(busy.What))
	case errors.As(err, &busy):
		return v.Locale.Text("console.busy.reassignment", "by", view.Line(busy.By, view.MaxCell))
	case errors.Is(err, admin.ErrBusy):
		return v.Locale.Text("console.busy")
	}
	return ""
}
