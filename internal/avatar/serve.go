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

// Cache-Control of the responses.
const (
	cachePicture = "private, max-age=86400"
	cacheFailure = "private, max-age=300"
	// cachePending is for a picture that may be ready for the next page.
	cachePending = "private, max-age=5"
)

// transparentPixel is a GIF of one transparent pixel.
const transparentPixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00" +
	",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// Serve responds to GET and HEAD requests for the picture with this handle by this worker,
// who must be signed in:
//   - the picture (200), at most 192 pixels wide and high, or 304 when the browser has it;
//   - one transparent pixel (200) when it is unavailable, cached for minutes only: the
//     initials below it show in every browser, without scripts and console errors;
//   - 404 when the handle is not valid for this worker.
//
// It waits a few seconds at most. A fetch continues when the browser leaves.
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
	url, err := p.opts.Sealer.Open(handle, text.IdentityKey(worker))
	if err != nil {
		p.addStat(func(s *Stats) { s.InvalidHandles++ })
		h.Set("Cache-Control", "no-store")
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	pic, retrySoon := p.picture(r.Context(), text.IdentityKey(worker), string(url))
	h.Set("Content-Disposition", "inline")
	if pic == nil {
		h.Set("Cache-Control", cacheFailure)
		if retrySoon {
			h.Set("Cache-Control", cachePending)
		}
		h.Set("Content-Type", "image/gif")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(transparentPixel))
		return
	}
	h.Set("Cache-Control", cachePicture)
	h.Set("Content-Type", pic.mime)
	h.Set("ETag", pic.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pic.data))
}

// picture returns the picture of a URL, cached or fetched, or nil. retrySoon reports
// whether it may be there soon.
func (p *Proxy) picture(ctx context.Context, worker, url string) (pic *picture, retrySoon bool) {
	k := key(sha256.Sum256([]byte(url)))
	pic, j := p.lookup(k, worker, url)
	if j == nil {
		return pic, false
	}
	timer := time.NewTimer(p.opts.Wait)
	defer timer.Stop()
	select {
	case <-j.done:
		return j.picture, j.retrySoon
	case <-ctx.Done():
		p.addStat(func(s *Stats) { s.Abandoned++ })
	case <-timer.C:
		p.addStat(func(s *Stats) { s.Slow++ })
	}
	return nil, true
}

// lookup returns the cached result for a picture, or the job that fetches it.
func (p *Proxy) lookup(k key, worker, url string) (*picture, *fetchJob) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Requests++
	if pic, ok := p.pictures.Get(k); ok {
		p.stats.Hits++
		return pic, nil
	}
	if _, ok := p.failed.Get(k); ok {
		p.stats.Remembered++
		return nil, nil
	}
	return nil, p.enqueue(k, worker, url)
}

func (p *Proxy) addStat(f func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.stats)
}
