package console

import (
	"cmp"
	"errors"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The addresses of the imports.
const (
	ImportsPath = "/console/customers/import"
	ImportPath  = "/console/customers/import/one"
	RejectsPath = "/console/customers/import/rejects"
)

// maxUpload is how large a file may be, in bytes; the office refuses the rest too.
const maxUpload = 512 << 20

// maxUploadText says how large a file may be.
func maxUploadText(v *visit) string { return v.Locale.Text("console.unit.mib", "n", maxUpload>>20) }

// uploadTimeout is for how long nothing may come of an upload before it is given up.
const uploadTimeout = 60 * time.Second

// importsPage is where a file is chosen.
type importsPage struct {
	pageBase
	// MaxSize is how large a file may be, in words and in bytes.
	MaxSize  string
	MaxBytes int64
	// Error says what was wrong with the file, Reason the same in the importer's own
	// English.
	Error, Reason string
	Recent        []importRow
}

// importRow is one of the last imports.
type importRow struct {
	Href, File, By string
	When           template.HTML
	State          string
	StateText      string
}

func (c *console) ShowImports(w http.ResponseWriter, r *http.Request, v *visit) error {
	return c.renderImports(w, r, v, http.StatusOK, importsPage{})
}

func (c *console) renderImports(w http.ResponseWriter, r *http.Request, v *visit, status int, page importsPage) error {
	auth.SetPrivate(w)
	page.pageBase = c.base(r, v, v.Locale.Text("console.import.title"))
	page.MaxSize, page.MaxBytes = maxUploadText(v), maxUpload
	if auth.Fragment(r) == "upload" {
		return c.pages.Render(w, r, status, v.Locale, "import-error", page)
	}
	for _, im := range recentImports(c.Admin.Imports()) {
		page.Recent = append(page.Recent, importRow{
			Href: importHref(im.ID), File: shownFile(im.File), By: Line(im.By, MaxCell), When: v.TimeHTML(im.Uploaded),
			State: string(im.State), StateText: importState(im.State, v),
		})
	}
	return c.pages.Render(w, r, status, v.Locale, "import", page)
}

// maxImportsShown is how many of the last imports are listed.
const maxImportsShown = 20

// recentImports are the last imports, the newest first.
func recentImports(all []admin.Import) []admin.Import {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b admin.Import) int { return cmp.Compare(b.Uploaded.UnixNano(), a.Uploaded.UnixNano()) })
	if len(all) > maxImportsShown {
		all = all[:maxImportsShown]
	}
	return all
}

func importHref(id string) string { return ImportPath + "?id=" + escapeQuery(id) }

// shownFile is the name of a file as its owner would know it.
func shownFile(name string) string { return Line(name, 120) }

// importState says how far an import is.
func importState(s admin.State, v *visit) string {
	w := v.Locale
	switch s {
	case admin.Checking:
		return w.Text("console.import.checking")
	case admin.Choosing:
		return w.Text("console.import.choosing")
	case admin.Ready:
		return w.Text("console.import.ready")
	case admin.Importing:
		return w.Text("console.import.importing")
	case admin.Done:
		return w.Text("console.import.done")
	case admin.Cancelled:
		return w.Text("console.import.cancelled")
	}
	return w.Text("console.import.failed")
}

// Upload takes a file as it comes: nothing of it is held in memory, and its time
// begins anew with everything that comes.
func (c *console) Upload(w http.ResponseWriter, r *http.Request, v *visit) error {
	body := &deadlineReader{ReadCloser: r.Body, control: http.NewResponseController(w)}
	r.Body = body
	refuse := func(status int, page importsPage) error {
		// Whoever still sends hears no answer: the rest of a file that is not too
		// large by far is let run out.
		_, err := io.CopyN(io.Discard, body, maxUpload)
		if err != nil && !errors.Is(err, io.EOF) {
			c.Logger.Debug("the rest of an upload did not come", "err", err)
		}
		return c.renderImports(w, r, v, status, page)
	}
	said := func(key string) importsPage {
		return importsPage{Error: v.Locale.Text(key, "max", maxUploadText(v))}
	}
	if r.ContentLength > maxUpload+maxForms {
		return refuse(http.StatusRequestEntityTooLarge, said("console.import.big"))
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return auth.ErrForm
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return refuse(http.StatusUnprocessableEntity, said("console.import.nofile"))
		}
		if err != nil {
			return refuse(http.StatusBadRequest, said("console.import.broken"))
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return refuse(http.StatusUnprocessableEntity, said("console.import.nofile"))
		}
		im, err := c.Admin.Stage(c.actingContext(r), v.Person.Identity, part.FileName(), part)
		var usage *importer.UsageError
		key, status := stageProblem(err)
		switch busy := busyText(err, v); {
		case errors.As(err, &usage):
			return refuse(http.StatusUnprocessableEntity, importsPage{Reason: usage.Reason})
		case busy != "":
			return refuse(http.StatusConflict, importsPage{Error: busy})
		case key != "":
			return refuse(status, said(key))
		case err != nil:
			return err
		}
		http.Redirect(w, r, importHref(im.ID), http.StatusSeeOther)
		return nil
	}
}

// maxForms is what surrounds a file in an upload, in bytes.
const maxForms = 64 << 10

// stageProblem names the message for why a file was not taken.
func stageProblem(err error) (key string, status int) {
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

// deadlineReader is the body of an upload: the connection's time begins anew with each piece.
type deadlineReader struct {
	io.ReadCloser
	control *http.ResponseController
	next    time.Time
}

// Read implements io.Reader.
func (p *deadlineReader) Read(b []byte) (int, error) {
	if now := time.Now(); now.After(p.next) {
		// A recorder in a test has no deadlines; every connection has.
		for _, set := range []func(time.Time) error{p.control.SetReadDeadline, p.control.SetWriteDeadline} {
			if err := set(now.Add(2 * uploadTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return 0, err
			}
		}
		p.next = now.Add(uploadTimeout / 4)
	}
	return p.ReadCloser.Read(b)
}

// Rejects answers the rows of a file that were not used, to be corrected.
func (c *console) Rejects(w http.ResponseWriter, r *http.Request, v *visit) error {
	file, name, err := c.Admin.Rejects(r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	defer file.Close()
	out := &attachment{ResponseWriter: w, control: http.NewResponseController(w), kind: "application/octet-stream", name: fileName(name)}
	if _, err := io.Copy(out, file); err != nil {
		panic(http.ErrAbortHandler) // half a file is no whole one
	}
	if !out.started {
		out.start()
	}
	return nil
}

// fileName is a name that is harmless in a header and on a disk.
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
