package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Assets serves files under names that change with their content, so that a
// browser may keep them for ever.
type Assets struct {
	prefix string
	paths  map[string]string // name in the file system → path with fingerprint
	served map[string]asset  // name with fingerprint → what is sent
}

type asset struct {
	contentType string // content type
	plain       []byte
	gzipped     []byte // nil when not worth it
}

// NewAssets reads every file at the root of each of files and compresses what gets
// smaller. prefix is where they are served, like "/assets/". A name that is in two
// of files is an error.
func NewAssets(prefix string, files ...fs.FS) (*Assets, error) {
	a := &Assets{prefix: prefix, paths: make(map[string]string), served: make(map[string]asset)}
	for _, dir := range files {
		entries, err := fs.ReadDir(dir, ".")
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if err := a.read(dir, entry.Name()); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

func (a *Assets) read(dir fs.FS, name string) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	fingerprinted := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:5]) + ext
	contentType := typeByExtension(ext)
	if contentType == "" {
		return fmt.Errorf("asset %s: no content type for %q", name, ext)
	}
	if a.paths[name] != "" {
		return fmt.Errorf("two assets are called %s", name)
	}
	a.paths[name] = a.prefix + fingerprinted
	a.served[fingerprinted] = asset{contentType, data, compress(data)}
	return nil
}

// typeByExtension does not ask the machine, whose tables differ, for our own kinds.
func typeByExtension(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return mime.TypeByExtension(ext)
}

func compress(data []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a valid one
	z.Write(data)                                           // a Buffer takes everything
	z.Close()
	if out.Len() >= len(data)*9/10 {
		return nil
	}
	return out.Bytes()
}

// Path answers the URL path of a file, with its fingerprint. It panics on a name
// that does not exist: templates are executed by tests.
func (a *Assets) Path(name string) string {
	p, ok := a.paths[name]
	if !ok {
		panic("web: no asset " + name)
	}
	return p
}

// ServeFile answers the named file itself under a name without fingerprint,
// for the few paths that browsers ask for by themselves.
func (a *Assets) ServeFile(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	a.send(w, r, strings.TrimPrefix(a.Path(name), a.prefix))
}

// ServeAsset answers the file of this fingerprinted name, and tells whether
// there is one; when not, nothing was written.
func (a *Assets) ServeAsset(w http.ResponseWriter, r *http.Request, fingerprinted string) bool {
	if _, ok := a.served[fingerprinted]; !ok {
		return false
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.send(w, r, fingerprinted)
	return true
}

func (a *Assets) send(w http.ResponseWriter, r *http.Request, fingerprinted string) {
	file := a.served[fingerprinted]
	body, h := file.plain, w.Header()
	h.Set("Content-Type", file.contentType)
	if file.gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if accepts(r, "gzip") {
			body = file.gzipped
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body) // the client may be gone
	}
}
