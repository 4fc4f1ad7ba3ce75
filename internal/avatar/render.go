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
	// side is the width and height of rendered pictures: twice the largest on a page.
	side = 192
	// renderTimeout limits the decoding of one picture.
	renderTimeout = 3 * time.Second
)

// renderOne renders a fetched picture, one at a time.
func (p *Proxy) renderOne(data []byte) (*picture, error) {
	return p.oneAtATime(p.ctx, func(ctx context.Context) (*picture, error) {
		return render(ctx, data, p.opts.DecodeBytes)
	})
}

// Redraw decodes any picture, scales it down to at most size pixels wide and high and
// encodes it again, as for avatars. It returns the content type with it, and an error for
// what is no picture, or too large.
func (p *Proxy) Redraw(ctx context.Context, data []byte, size int) (redrawn []byte, contentType string, err error) {
	pic, err := p.oneAtATime(ctx, func(ctx context.Context) (*picture, error) {
		img, err := decodePicture(ctx, data, p.opts.DecodeBytes)
		if err != nil {
			return nil, err
		}
		b := img.Bounds()
		most := max(b.Dx(), b.Dy(), size)
		to := image.NewRGBA(image.Rect(0, 0, max(1, b.Dx()*size/most), max(1, b.Dy()*size/most)))
		draw.ApproxBiLinear.Scale(to, to.Bounds(), img, b, draw.Src, nil)
		return encode(orient(to, orientation(data)))
	})
	if err != nil {
		return nil, "", err
	}
	return pic.data, pic.mime, nil
}

// oneAtATime runs fn, which decodes a picture, when no other is being decoded.
func (p *Proxy) oneAtATime(ctx context.Context, fn func(ctx context.Context) (*picture, error)) (*picture, error) {
	select {
	case p.decoding <- struct{}{}:
		defer func() { <-p.decoding }()
	case <-ctx.Done():
		return nil, errNotPicture
	}
	ctx, cancel := context.WithTimeout(ctx, renderTimeout)
	defer cancel()
	return fn(ctx)
}

// render decodes a picture, crops it to a square, scales it to at most side pixels and
// encodes it again, so that no original byte is served, nor metadata such as a location.
// Of an animation it takes the first frame. Decoding takes about memory bytes at most. The
// error is errNotPicture.
func render(ctx context.Context, data []byte, memory int) (*picture, error) {
	img, err := decodePicture(ctx, data, memory)
	if err != nil {
		return nil, err
	}
	square := orient(shrink(img), orientation(data))
	if isTransparent(square) {
		return nil, errNotPicture
	}
	return encode(square)
}

// decodePicture decodes a picture within the limits. The error is errNotPicture.
func decodePicture(ctx context.Context, data []byte, memory int) (image.Image, error) {
	format, ok := detectFormat(data)
	if !ok || !format.fits(data, memory) {
		return nil, errNotPicture
	}
	img, err := format.decode(&contextReader{ctx, bytes.NewReader(data)})
	if err != nil || img.Bounds().Dx() < minSide || img.Bounds().Dy() < minSide {
		return nil, errNotPicture
	}
	return img, nil
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
