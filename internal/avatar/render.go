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
	// side is the width and height of what we serve: twice the largest on a page.
	side = 192
	// drawTime is how long one picture may be decoded.
	drawTime = 3 * time.Second
)

// draw makes a picture of our own from what was fetched, one at a time.
func (p *Proxy) draw(data []byte) (*picture, error) {
	select {
	case p.drawing <- struct{}{}:
		defer func() { <-p.drawing }()
	case <-p.life.Done():
		return nil, errNoPicture
	}
	ctx, cancel := context.WithTimeout(p.life, drawTime)
	defer cancel()
	return render(ctx, data)
}

// render decodes a picture, cuts the square from its middle, and encodes that anew,
// at most side pixels wide: no byte of what came is in what goes out, nor where a
// photograph was taken. A moving picture stands still. The error is errNoPicture.
func render(ctx context.Context, data []byte) (*picture, error) {
	k, ok := kindOf(data)
	if !ok || !k.fits(data) {
		return nil, errNoPicture
	}
	img, err := k.decode(&patient{ctx, bytes.NewReader(data)})
	if err != nil || img.Bounds().Dx() < minSide || img.Bounds().Dy() < minSide {
		return nil, errNoPicture
	}
	square := upright(shrink(img), orientation(data))
	if blank(square) {
		return nil, errNoPicture
	}
	return encode(square)
}

// shrink cuts the largest square from the middle and makes it small. What is small
// already stays as it is: browsers enlarge as well as we do.
func shrink(img image.Image) *image.RGBA {
	b := img.Bounds()
	n := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, n, n).Add(b.Min).Add(image.Pt((b.Dx()-n)/2, (b.Dy()-n)/2))
	// The good way looks at each pixel several times. Of a very large picture, 64
	// pixels for each one of ours are enough.
	if n > 8*side {
		some := image.NewRGBA(image.Rect(0, 0, 8*side, 8*side))
		draw.NearestNeighbor.Scale(some, some.Bounds(), img, from, draw.Src, nil)
		img, from = some, some.Bounds()
	}
	to := image.NewRGBA(image.Rect(0, 0, min(n, side), min(n, side)))
	draw.CatmullRom.Scale(to, to.Bounds(), img, from, draw.Src, nil)
	return to
}

// blank tells whether there is nothing to be seen.
func blank(img *image.RGBA) bool {
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
		return nil, errNoPicture
	}
	pic.data = bytes.Clone(out.Bytes()) // without the room to grow
	sum := sha256.Sum256(pic.data)
	pic.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	return pic, nil
}

// patient reads until its context ends: a decoder cannot be stopped otherwise.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b[:min(len(b), 4<<10)])
}
