package avatar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/draw"
)

const (
	// side is the width and height of avatars: twice the largest on a page.
	side = 192
	// maxSide is the most that a redrawn picture is wide or high.
	maxSide = 1280
	// renderTimeout limits the decoding of one picture.
	renderTimeout = 3 * time.Second
)

// Redraw decodes a picture of a message, scales it down to at most 1280 pixels wide and high
// and encodes it again. It returns the content type with it. The error is for what is no
// picture, or too large.
func (p *Proxy) Redraw(ctx context.Context, data []byte) (redrawn []byte, contentType string, err error) {
	pic, err := p.renderOne(ctx, data, fit)
	if err != nil {
		return nil, "", err
	}
	return pic.data, pic.mime, nil
}

// renderOne renders a picture when no other is being rendered.
func (p *Proxy) renderOne(ctx context.Context, data []byte, scale scaler) (*picture, error) {
	select {
	case p.decoding <- struct{}{}:
		defer func() { <-p.decoding }()
	case <-ctx.Done():
		return nil, errNotPicture
	}
	ctx, cancel := context.WithTimeout(ctx, renderTimeout)
	defer cancel()
	return render(ctx, data, p.opts.DecodeBytes, scale)
}

// A scaler scales a picture down, and may crop it.
type scaler func(img image.Image) *image.RGBA

// render decodes a picture, scales it and encodes it again, so that no original byte is
// served, nor metadata such as a location. Of an animation it takes the first frame.
// Decoding takes about memory bytes at most. The error is errNotPicture.
func render(ctx context.Context, data []byte, memory int, scale scaler) (*picture, error) {
	format, ok := detectFormat(data)
	if !ok || !format.fits(data, memory) {
		return nil, errNotPicture
	}
	img, err := format.decode(&contextReader{ctx, bytes.NewReader(data)})
	if err != nil || img.Bounds().Dx() < minSide || img.Bounds().Dy() < minSide {
		return nil, errNotPicture
	}
	scaled := orient(scale(img), orientation(data))
	if isTransparent(scaled) {
		return nil, errNotPicture
	}
	return encode(scaled)
}

// fit scales a picture down until it is at most maxSide wide and high.
func fit(img image.Image) *image.RGBA {
	b := img.Bounds()
	longer := max(b.Dx(), b.Dy(), maxSide)
	to := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()*maxSide/longer), max(1, b.Dy()*maxSide/longer)))
	draw.ApproxBiLinear.Scale(to, to.Bounds(), img, b, draw.Src, nil)
	return to
}

// shrink crops the largest square from the middle and scales it down to side. A smaller
// picture keeps its size.
func shrink(img image.Image) *image.RGBA {
	b := img.Bounds()
	n := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, n, n).Add(b.Min).Add(image.Pt((b.Dx()-n)/2, (b.Dy()-n)/2))
	// CatmullRom reads each pixel several times. Of a very large picture, 64 pixels for each
	// rendered one are enough.
	if n > 8*side {
		some := image.NewRGBA(image.Rect(0, 0, 8*side, 8*side))
		draw.NearestNeighbor.Scale(some, some.Bounds(), img, from, draw.Src, nil)
		img, from = some, some.Bounds()
	}
	to := image.NewRGBA(image.Rect(0, 0, min(n, side), min(n, side)))
	draw.CatmullRom.Scale(to, to.Bounds(), img, from, draw.Src, nil)
	return to
}

// isTransparent reports whether no pixel is visible.
func isTransparent(img *image.RGBA) bool {
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] != 0 {
			return false
		}
	}
	return true
}

func encode(img *image.RGBA) (*picture, error) {
	var out bytes.Buffer
	pic := &picture{mime: "image/jpeg"}
	var err error
	if img.Opaque() {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 85})
	} else {
		pic.mime = "image/png"
		err = png.Encode(&out, img)
	}
	if err != nil {
		return nil, errNotPicture
	}
	pic.data = bytes.Clone(out.Bytes()) // drops spare capacity
	sum := sha256.Sum256(pic.data)
	pic.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	return pic, nil
}

// contextReader fails once its context ends, which stops a decoder.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b[:min(len(b), 4<<10)])
}
