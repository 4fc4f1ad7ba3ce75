package avatar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// How long a browser keeps an answer.
const (
	keepPicture = "private, max-age=86400"
	keepFailure = "private, max-age=300"
	// keepLate is for a picture that is still to come: the next page may have it.
	keepLate = "private, max-age=5"
)

// nothing is a picture in which there is nothing to be seen: one transparent pixel.
const nothing = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00" +
	",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// Serve answers GET and HEAD requests for the picture with this handle, for this
// worker, who must be signed in. The answer is
//   - the picture (200), at most 192 pixels wide and high, or 304 when the browser has
//     it already;
//   - one transparent pixel (200) when it cannot be had, kept for minutes only: what is
//     below the picture shows, in every browser and with scripts off, and nobody's
//     console has an error;
//   - 404 when the handle is not one of this worker's, whoever else's it may be.
//
// It waits a few seconds at most. A fetch goes on when the browser leaves.
func (p *Proxy) Serve(w http.ResponseWriter, r *http.Request, worker, handle string) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		h.Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	url, err := p.opts.Handles.Open(handle, text.IdentityKey(worker))
	if err != nil {
		p.count(func(s *Stats) { s.Foreign++ })
		h.Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	pic, late := p.find(r.Context(), text.IdentityKey(worker), string(url))
	h.Set("Content-Disposition", "inline")
	if pic == nil {
		h.Set("Cache-Control", keepFailure)
		if late {
			h.Set("Cache-Control", keepLate)
		}
		h.Set("Content-Type", "image/gif")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(nothing))
		return
	}
	h.Set("Cache-Control", keepPicture)
	h.Set("Content-Type", pic.mime)
	h.Set("ETag", pic.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pic.data))
}

// find answers the picture of a URL, from the memory or fetched, or nil; late tells
// that it may be there soon.
func (p *Proxy) find(ctx context.Context, worker, url string) (pic *picture, late bool) {
	k := key(sha256.Sum256([]byte(url)))
	pic, j := p.lookUp(k, worker, url)
	if j == nil {
		return pic, false
	}
	patience := time.NewTimer(p.opts.Wait)
	defer patience.Stop()
	select {
	case <-j.done:
		return j.picture, j.late
	case <-ctx.Done():
		p.count(func(s *Stats) { s.Left++ })
	case <-patience.C:
		p.count(func(s *Stats) { s.Slow++ })
	}
	return nil, true
}

// lookUp answers what is known of a picture at once, or the job that will tell.
func (p *Proxy) lookUp(k key, worker, url string) (*picture, *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Requests++
	if pic, ok := p.kept.Get(k); ok {
		p.stats.Hits++
		return pic, nil
	}
	if _, ok := p.failed.Get(k); ok {
		p.stats.Remembered++
		return nil, nil
	}
	return nil, p.order(k, worker, url)
}

func (p *Proxy) count(f func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.stats)
}
