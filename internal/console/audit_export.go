package console

import (
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// exportTime is how long the file may take to be read: it is written as it is read,
// and lines are slow.
const exportTime = 30 * time.Minute

// Export answers with what the filter finds, as a file. That it was taken is
// written before the first of it leaves; when that cannot be, nothing does.
func (c *console) Export(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := readFilter(r.PostForm, v)
	if f.invalid() {
		return auth.ErrForm
	}
	if err := c.Audit.Write(r.Context(), c.Entry(r, v, audit.Entry{Action: audit.AuditExported, Detail: f.detail()})); err != nil {
		return err
	}
	// The connection's clock, not ours. A server that knows no deadlines has none to move.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTime))
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="clientele-audit-`+v.Now.In(v.Zone).Format(time.DateOnly)+`.csv"`)
	h.Set("Cache-Control", "no-store")
	if err := audit.WriteCSV(w, c.Audit.All(r.Context(), f.query())); err != nil {
		if !auth.ClientGone(r, err) {
			c.Logger.Error("a file of the audit was broken off", "err", err)
		}
		panic(http.ErrAbortHandler) // a file that ends early must not look whole
	}
	return nil
}

// detail says in English which part of the audit a filter is, without saying whose.
func (f filter) detail() string {
	if !f.Set() && !f.Unusual {
		return DetailAllEntries
	}
	return DetailFiltered
}

// The details of files that were taken.
const (
	DetailAllEntries = "all of it"
	DetailFiltered   = "a part of it"
)
