package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
)

// avatarURL returns the URL of a customer's avatar, of the kind of the behavior.
func (s *service) avatarURL(b behavior, c customer) string {
	kind := b.avatars
	if kind == "all" {
		kind = []string{"png", "svg", "html", "huge", "none"}[c.number%5]
	}
	return s.origin + "/avatar/" + kind + "/" + c.id()
}

// avatar serves avatars.
func (s *service) avatar(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.avatars++
	s.mu.Unlock()
	switch r.PathValue("kind") {
	case "png":
		picture := image.NewNRGBA(image.Rect(0, 0, 96, 96))
		for i := range picture.Pix {
			picture.Pix[i] = 0xff
		}
		for i := range 96 {
			picture.Set(i, i, color.NRGBA{R: 0x20, G: 0x60, B: 0xa0, A: 0xff})
		}
		var body bytes.Buffer
		if err := png.Encode(&body, picture); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		w.Write(body.Bytes())
	case "svg":
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
	case "html":
		w.Header().Set("Content-Type", "image/png") // which it is not
		w.Write([]byte("<!DOCTYPE html><script>alert(1)</script>"))
	case "huge":
		w.Header().Set("Content-Type", "image/jpeg")
		for range 64 {
			w.Write(make([]byte, 1<<20))
		}
	default:
		http.NotFound(w, r)
	}
}
