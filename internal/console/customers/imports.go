package customers

import (
	"cmp"
	"errors"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

func maxUploadText(v *auth.Viewer) string {
	return v.Locale.Text("console.unit.mib", "n", admin.MaxUpload>>20)
}

// uploadTimeout is how long an upload may send nothing before it is aborted.
const uploadTimeout = 60 * time.Second

// importsPage is where a file is chosen.
type importsPage struct {
	pageBase
	Step int
	// MaxSize is the largest file in words, and MaxBytes in bytes.
	MaxSize  string
	MaxBytes int64
	// Error is what was wrong with the file. Reason is the same in the importer's English.
	Error, Reason string
	Recent        []importRow
}

// importRow is one of the latest imports.
type importRow struct {
	Href, File, By string
	When           template.HTML
	State          string
	StateText      string
}

// ShowImports shows the import page.
func (h *Handlers) ShowImports(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	return h.renderImports(w, r, v, http.StatusOK, importsPage{})
}

func (h *Handlers) renderImports(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page importsPage) error {
	page.pageBase = h.base(r, v, v.Locale.Text("console.import.title"), page.pageBase)
	page.Step, page.MaxSize, page.MaxBytes = stepFile, maxUploadText(v), admin.MaxUpload
	if auth.Fragment(r) == "upload" {
		return h.Render(w, r, v, status, "import-error", page)
	}
	for _, im := range newest(h.Admin.Imports(), maxImportsShown, func(im admin.Import) time.Time { return im.Uploaded }) {
		page.Recent = append(page.Recent, importRow{
			Href: importHref(im.ID), File: shownFile(im.File), By: view.Line(im.By, view.MaxCell), When: v.TimeHTML(im.Uploaded),
			State: string(shownState(im)), StateText: importState(im, v),
		})
	}
	return h.Render(w, r, v, status, "import", page)
}

// maxImportsShown is how many of the latest imports are listed.
const maxImportsShown = 20

func importHref(id string) string { return view.Href(view.ImportPath, "id", id) }

func shownFile(name string) string { return view.Line(name, 120) }

// importStates are the messages of the states. Any other state is a failure.
var importStates = map[admin.State]string{
	admin.Checking:   "console.import.checking",
	admin.NeedsInput: "console.import.needs_input",
	admin.Ready:      "console.import.ready",
	admin.Running:    "console.import.importing",
	admin.Done:       "console.import.done",
	admin.Canceled:   "console.import.cancelled",
}

func importState(im admin.Import, v *auth.Viewer) string {
	if isUseless(im) {
		return v.Locale.Text("console.import.nothing")
	}
	return v.Locale.Text(cmp.Or(importStates[shownState(im)], "console.import.failed"))
}

// shownState returns the state that pages show: a checked file that cannot be imported with
// its options needs others.
func shownState(im admin.Import) admin.State {
	if isUseless(im) || im.State == admin.Ready && im.Preview.PruneRefused {
		return admin.NeedsInput
	}
	return im.State
}

// isUseless reports whether a checked file has no row that would be used.
func isUseless(im admin.Import) bool {
	return im.State == admin.Ready && im.Preview.Created+im.Preview.Updated+im.Preview.Unchanged == 0
}

// Upload stages the uploaded file. It streams the file, and each read extends the
// connection's deadline.
func (h *Handlers) Upload(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	body := &deadlineReader{ReadCloser: r.Body, control: http.NewResponseController(w)}
	r.Body = body
	refuse := func(status int, page importsPage) error {
		// A client that is still sending does not read the response, so the rest of the
		// file is read first, up to a limit.
		_, err := io.CopyN(io.Discard, body, admin.MaxUpload)
		if err != nil && !errors.Is(err, io.EOF) {
			h.Logger.Debug("reading the rest of an upload failed", "error", err)
		}
		return h.renderImports(w, r, v, status, page)
	}
	failed := func(key string) importsPage {
		return importsPage{Error: v.Locale.Text(key, "max", maxUploadText(v))}
	}
	if r.ContentLength > admin.MaxUpload+maxForms {
		return refuse(http.StatusRequestEntityTooLarge, failed("console.import.big"))
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return auth.ErrForm
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return refuse(http.StatusUnprocessableEntity, failed("console.import.nofile"))
		}
		if err != nil {
			return refuse(http.StatusBadRequest, failed("console.import.broken"))
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return refuse(http.StatusUnprocessableEntity, failed("console.import.nofile"))
		}
		im, err := h.Admin.Upload(h.auditContext(r), v.Person.Identity, part.FileName(), part)
		var usage *importer.UsageError
		key, status := uploadProblem(err)
		switch busy := busyText(err, v); {
		case errors.As(err, &usage):
			return refuse(http.StatusUnprocessableEntity, importsPage{Reason: usage.Reason})
		case busy != "":
			return refuse(http.StatusConflict, importsPage{Error: busy})
		case key != "":
			return refuse(status, failed(key))
		case err != nil:
			return err
		}
		return view.Redirect(w, r, importHref(im.ID))
	}
}

// maxForms is how much an upload may add to the file, in bytes.
const maxForms = 64 << 10

// uploadProblem returns the message and status for a refused file.
func uploadProblem(err error) (key string, status int) {
	switch {
	case errors.Is(err, admin.ErrTooBig):
		return "console.import.big", http.StatusRequestEntityTooLarge
	case errors.Is(err, admin.ErrTooMany):
		return "console.import.waiting", http.StatusConflict
	case errors.Is(err, admin.ErrDiskFull):
		return "console.import.disk", http.StatusInsufficientStorage
	case errors.Is(err, admin.ErrUpload):
		return "console.import.broken", http.StatusBadRequest
	}
	return "", 0
}

// deadlineReader is the body of an upload. Reading extends the connection's deadlines.
type deadlineReader struct {
	io.ReadCloser
	control *http.ResponseController
	next    time.Time
}

// Read implements io.Reader.
func (d *deadlineReader) Read(b []byte) (int, error) {
	if now := time.Now(); now.After(d.next) {
		// A test's recorder has no deadlines.
		for _, set := range []func(time.Time) error{d.control.SetReadDeadline, d.control.SetWriteDeadline} {
			if err := set(now.Add(2 * uploadTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return 0, err
			}
		}
		d.next = now.Add(uploadTimeout / 4)
	}
	return d.ReadCloser.Read(b)
}

// Rejects writes the rejected rows of an import as a file.
func (h *Handlers) Rejects(w http.ResponseWriter, r *http.Request, _ *auth.Viewer) error {
	file, name, err := h.Admin.Rejects(r.URL.Query().Get("id"))
	return writeAttachment(w, file, "application/octet-stream", name, err)
}

// Problems writes all problems and remarks of an import as a file.
func (h *Handlers) Problems(w http.ResponseWriter, r *http.Request, _ *auth.Viewer) error {
	file, name, err := h.Admin.Problems(r.URL.Query().Get("id"))
	return writeAttachment(w, file, "text/csv; charset=utf-8", name, err)
}

// writeAttachment writes a file to save, unless opening it failed with err.
func writeAttachment(w http.ResponseWriter, file io.ReadCloser, kind, name string, err error) error {
	if err != nil {
		return err
	}
	defer file.Close()
	out := &attachment{ResponseWriter: w, control: http.NewResponseController(w), kind: kind, name: fileName(name)}
	if _, err := io.Copy(out, file); err != nil {
		panic(http.ErrAbortHandler) // a part of a file must not look complete
	}
	if !out.started {
		out.start()
	}
	return nil
}

// fileName returns a name that is safe in a header and on a disk.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, name)
	return strings.TrimLeft(name, ".-")
}
