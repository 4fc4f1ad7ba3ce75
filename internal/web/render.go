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

// Renderer turns page structs into pages. Each language has its own parsed set,
// in which "t" and "th" speak it: {{t "key" "name" value}} is Locale.Text,
// {{th …}} is Locale.HTML.
type Renderer struct {
	sets map[string]*template.Template
}

// NewRenderer parses every *.html at the root of each of files, once for each
// language. funcs are offered to the templates besides.
func NewRenderer(catalogue *locale.Catalogue, funcs template.FuncMap, files ...fs.FS) (*Renderer, error) {
	rd := &Renderer{make(map[string]*template.Template)}
	for _, l := range catalogue.Locales() {
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

// Execute runs the named template with its page struct.
func (rd *Renderer) Execute(l *locale.Locale, name string, page any) ([]byte, error) {
	set, ok := rd.sets[l.Tag()]
	if !ok {
		return nil, fmt.Errorf("no templates for language %s", l.Tag())
	}
	var buf bytes.Buffer
	if err := set.ExecuteTemplate(&buf, name, page); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	// html/template escapes the plus for browsers that guessed at encodings. Ours is
	// declared, every attribute is quoted, and telephone numbers are full of them.
	return bytes.ReplaceAll(buf.Bytes(), []byte("&#43;"), []byte("+")), nil
}

// Render answers with the named template. Nothing is written when it fails.
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

// minGzipBytes is the size from which compressing saves a packet.
const minGzipBytes = 1400

// gzipWriters are kept: each holds most of a megabyte.
var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// Send answers with a whole body, compressed when the client takes it.
func Send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= minGzipBytes && accepts(r, "gzip") {
		var out bytes.Buffer
		z := gzipWriters.Get().(*gzip.Writer)
		z.Reset(&out)
		z.Write(body) // a Buffer takes everything
		z.Close()
		gzipWriters.Put(z)
		body = out.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // the client may be gone
	}
}
