package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The addresses of the export: everybody may read what it means, who may export gets
// the file.
const (
	ExportPath     = "/console/customers/export"
	ExportFilePath = "/console/customers/export/file"
)

// exportPage says what an export is, and who may make one.
type exportPage struct {
	pageBase
	// May tells that the visitor may export; Self that they could allow themselves to.
	May bool
	// Count is how many customers there are.
	Count string
	// Exporters are those who may.
	Exporters []string
}

// exportTimeout is for how long nobody may take anything of a file before it is given
// up.
const exportTimeout = 30 * time.Second

func (c *console) ShowExport(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := exportPage{pageBase: c.base(r, v, v.Locale.Text("console.export.title")), May: auth.Allowed(auth.Exporter, v)}
	totals, err := c.Reader.Totals(r.Context())
	if err != nil {
		return err
	}
	page.Count = Count(v.Locale, "list.count", totals.Customers)
	people, err := c.Accounts.People(r.Context())
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Role == account.RoleAdmin && p.MayExport && p.Active() {
			page.Exporters = append(page.Exporters, p.Identity)
		}
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "export", page)
}

// ToExport leads to the page about the export, from the address of its file.
func (c *console) ToExport(w http.ResponseWriter, r *http.Request, _ *visit) error {
	http.Redirect(w, r, ExportPath, http.StatusSeeOther)
	return nil
}

// Export2 streams all customers as a file. What goes wrong before the first byte is a
// page; after it, the connection is broken off, so that half a file is no whole one.
func (c *console) Export2(w http.ResponseWriter, r *http.Request, v *visit) error {
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
	_, err := c.Admin.Export(c.actingContext(r), v.Person.Identity, out, format)
	switch {
	case err == nil && !out.started:
		out.start() // nobody is kept: an empty file
	case err != nil && !out.started:
		return err
	case err != nil:
		if !errors.Is(err, context.Canceled) {
			c.Logger.Error("an export was broken off", "err", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

// attachment is a file that a browser keeps. Its head is written with the first byte,
// and its time begins anew with each that is taken.
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
	// A recorder in a test has no deadlines; every connection has.
	if err := a.control.SetWriteDeadline(time.Now().Add(exportTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return a.ResponseWriter.Write(p)
}
