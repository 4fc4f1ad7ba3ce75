package auditlog

import (
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/audit/words"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// exportDeadline is how long a client may take to read the file. It is written while it is
// read.
const exportDeadline = 30 * time.Minute

// Export writes the entries that the filter finds as a file. The audit entry of the
// export is written first; without it nothing is exported.
func (h *Handlers) Export(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := readFilter(r.PostForm, v)
	if f.invalid() {
		return auth.ErrForm
	}
	if err := h.Audit.Write(r.Context(), h.Entry(r, v, audit.Entry{Action: audit.AuditExported, Params: f.params()})); err != nil {
		return err
	}
	detail, err := words.English()
	if err != nil {
		return err
	}
	// The connection's clock, not h.Now. A test's recorder has no deadline to set.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportDeadline))
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="clientele-audit-`+v.Now.In(v.Zone).Format(time.DateOnly)+`.csv"`)
	header.Set("Cache-Control", "no-store")
	if err := audit.WriteCSV(w, h.Audit.All(r.Context(), f.query()), detail); err != nil {
		if !auth.ClientGone(r, err) {
			h.Logger.Error("audit export aborted", "error", err)
		}
		panic(http.ErrAbortHandler) // a file that ends early must not look complete
	}
	return nil
}

// params returns whether an export is filtered, without the filter.
func (f filter) params() audit.Params {
	if !f.Set() && !f.Unusual {
		return audit.AllEntries
	}
	return audit.FilteredEntries
}
