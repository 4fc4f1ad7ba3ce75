package customers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// exportPage explains the export, and says who may make one.
type exportPage struct {
	pageBase
	// May reports whether the viewer may export.
	May bool
	// Count is the number of customers.
	Count string
	// Exporters are the people who may export.
	Exporters []string
}

// maxAdmins is how many administrators ShowExport looks at.
const maxAdmins = 10_000

// exportIdleTimeout is how long a client may read nothing of a file before it is aborted.
const exportIdleTimeout = 30 * time.Second

// ShowExport shows the export page.
func (h *Handlers) ShowExport(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	page := exportPage{pageBase: h.base(r, v, v.Locale.Text("console.export.title"), pageBase{}), May: auth.Allowed(auth.Exporter, v)}
	totals, err := h.Reader.Totals(r.Context())
	if err != nil {
		return err
	}
	page.Count = view.Count(v.Locale, "list.count", totals.Customers)
	admins, err := h.Accounts.FindPeople(r.Context(), account.PeopleQuery{Role: account.RoleAdmin, Limit: maxAdmins})
	if err != nil {
		return err
	}
	for _, p := range admins.People {
		if p.MayExport && p.Active() {
			page.Exporters = append(page.Exporters, p.Identity)
		}
	}
	return h.Render(w, r, v, http.StatusOK, "export", page)
}

// Export streams all customers as a file. An error before the first byte is a page; a
// later one aborts the connection, so that a part of a file does not look complete.
func (h *Handlers) Export(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	format, kind, name := admin.CSV, "text/csv; charset=utf-8", "customers-"+v.Now.In(v.Zone).Format("2006-01-02")+".csv"
	switch r.PostForm.Get("format") {
	case "csv":
	case "json":
		format, kind, name = admin.JSON, "application/x-ndjson", "customers-"+v.Now.In(v.Zone).Format("2006-01-02")+".jsonl"
	default:
		return auth.ErrForm
	}
	out := &attachment{ResponseWriter: w, control: http.NewResponseController(w), kind: kind, name: name}
	_, err := h.Admin.Export(h.auditContext(r), v.Person.Identity, out, format)
	switch {
	case err == nil && !out.started:
		out.start() // no customers: an empty file
	case err != nil && !out.started:
		return err
	case err != nil:
		if !errors.Is(err, context.Canceled) {
			h.Logger.Error("export aborted", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

// attachment writes a file to save. Its header is written with the first byte, and each
// write extends the connection's deadline.
type attachment struct {
	http.ResponseWriter
	control    *http.ResponseController
	kind, name string
	started    bool
}

func (a *attachment) start() {
	a.started = true
	h := a.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Disposition", `attachment; filename="`+a.name+`"`)
	h.Set("Cache-Control", "no-store")
	a.WriteHeader(http.StatusOK)
}

// Write implements io.Writer.
func (a *attachment) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !a.started {
		a.start()
	}
	// A test's recorder has no deadlines.
	if err := a.control.SetWriteDeadline(time.Now().Add(exportIdleTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return a.ResponseWriter.Write(p)
}
