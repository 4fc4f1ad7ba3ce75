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
	"sync"
)

// Assets serves files under names that contain a fingerprint of their content, so
// that browsers may cache them without end.
type Assets struct {
	prefix string
	paths  map[string]string // by name in the file system: the path with fingerprint
	served map[string]asset  // by name with fingerprint
}

type asset struct {
	contentType string
	plain       []byte
	gzipped     func() []byte // compresses at the first call; nil when hardly smaller
}

// NewAssets reads the files at the root of each file system. prefix is the path
// below which they are served, like "/assets/". The same name in two file systems
// is an error.
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
		return fmt.Errorf("two assets are named %s", name)
	}
	a.paths[name] = a.prefix + fingerprinted
	a.served[fingerprinted] = asset{contentType, data, sync.OnceValue(func() []byte { return compress(data) })}
	return nil
}

// typeByExtension returns the content type of a file name extension. The types of
// our own assets do not depend on the tables of the machine.
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

// Path returns the URL path of a file, with its fingerprint. It panics when there is
// no such file: tests execute all templates.
func (a *Assets) Path(name string) string {
	p, ok := a.paths[name]
	if !ok {
		panic("web: no asset " + name)
	}
	return p
}

// ServeFile serves a file under a path without fingerprint, for the few paths that
// browsers request on their own.
func (a *Assets) ServeFile(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	a.send(w, r, strings.TrimPrefix(a.Path(name), a.prefix))
}

// ServeAsset serves the file of a name with fingerprint. It writes nothing and
// returns false when there is no such file.
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
	if gzipped := file.gzipped(); gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if accepts(r, "gzip") {
			body = gzipped
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body) // an error means that the client has gone
	}
}
