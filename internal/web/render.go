package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"sync"

	"github.com/clientele-project/clientele/internal/locale"
)

// Renderer renders page structs by templates. Each language has its own template
// set, in which {{t "key" "name" value}} is Locale.Text and {{th …}} is Locale.HTML.
type Renderer struct {
	sets map[string]*template.Template
}

// NewRenderer parses every *.html at the root of each file system, once for each
// language. Templates can also call funcs.
func NewRenderer(catalog *locale.Catalog, funcs template.FuncMap, files ...fs.FS) (*Renderer, error) {
	rd := &Renderer{make(map[string]*template.Template)}
	for _, l := range catalog.Locales() {
		set := template.New("").Option("missingkey=error").Funcs(funcs).
			Funcs(template.FuncMap{"t": l.Text, "th": l.HTML})
		for _, dir := range files {
			if _, err := set.ParseFS(dir, "*.html"); err != nil {
				return nil, fmt.Errorf("parse templates: %w", err)
			}
		}
		rd.sets[l.Tag()] = set
	}
	return rd, nil
}

// Execute returns the output of the named template for a page struct.
func (rd *Renderer) Execute(l *locale.Locale, name string, page any) ([]byte, error) {
	set, ok := rd.sets[l.Tag()]
	if !ok {
		return nil, fmt.Errorf("no templates for language %s", l.Tag())
	}
	var buf bytes.Buffer
	if err := set.ExecuteTemplate(&buf, name, page); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	// html/template escapes the plus for browsers that guess encodings. Ours is
	// declared and every attribute is quoted, and phone numbers contain many.
	return bytes.ReplaceAll(buf.Bytes(), []byte("&#43;"), []byte("+")), nil
}

// Render writes the named template as the response. It writes nothing when it fails.
func (rd *Renderer) Render(w http.ResponseWriter, r *http.Request, status int, l *locale.Locale, name string, page any) error {
	body, err := rd.Execute(l, name, page)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.Tag())
	Send(w, r, status, body)
	return nil
}

// minGzipBytes is the size above which compression saves a packet.
const minGzipBytes = 1400

// gzipWriters are reused: each takes most of a megabyte.
var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// Send writes a complete response, compressed when the client accepts it.
func Send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= minGzipBytes && accepts(r, "gzip") {
		var out bytes.Buffer
		z := gzipWriters.Get().(*gzip.Writer)
		z.Reset(&out)
		z.Write(body) // a Buffer returns no error
		z.Close()
		gzipWriters.Put(z)
		body = out.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // an error means that the client has gone
	}
}
