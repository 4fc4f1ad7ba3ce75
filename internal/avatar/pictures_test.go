package avatar

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// The test picture has four quarters: red and green on top, blue and white below.
var (
	red   = color.RGBA{255, 0, 0, 255}
	green = color.RGBA{0, 255, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// quarters returns the test picture in a square in the middle of black.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	n := min(w, h)
	for y := range h {
		for x := range w {
			c := color.RGBA{A: 255}
			sx, sy := x-(w-n)/2, y-(h-n)/2
			if 0 <= sx && sx < n && 0 <= sy && sy < n {
				c = [][]color.RGBA{{red, green}, {blue, white}}[sy*2/n][sx*2/n]
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t testing.TB, frames ...image.Image) []byte {
	t.Helper()
	palette := color.Palette{color.RGBA{A: 255}, red, green, blue, white}
	all := new(gif.GIF)
	for _, f := range frames {
		p := image.NewPaletted(f.Bounds(), palette)
		for y := range f.Bounds().Dy() {
			for x := range f.Bounds().Dx() {
				p.Set(x, y, f.At(x, y))
			}
		}
		all.Image, all.Delay = append(all.Image, p), append(all.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testdata reads a picture in a format that the standard library cannot encode.
func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// withSegment inserts a segment at the front of a JPEG.
func withSegment(jpg []byte, marker byte, body string) []byte {
	out := append([]byte(nil), jpg[:2]...)
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	out = append(out, body...)
	return append(out, jpg[2:]...)
}

// exif returns Exif data with an orientation after another tag.
func exif(order binary.AppendByteOrder, orientation uint16) string {
	b := []byte("Exif\x00\x00II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("Exif\x00\x00MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x010f), 2), 4), "Cam\x00"...)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1)
	b = order.AppendUint16(order.AppendUint16(b, orientation), 0)
	return string(order.AppendUint32(b, 0))
}

// pngHeader returns a PNG header without pixels.
func pngHeader(w, h uint32, depth, color, interlaced byte) []byte {
	chunk := append([]byte("IHDR"), 0, 0, 0, 0, 0, 0, 0, 0, depth, color, 0, 0, interlaced)
	binary.BigEndian.PutUint32(chunk[4:], w)
	binary.BigEndian.PutUint32(chunk[8:], h)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

// isQuarters reports whether img has these colors in the middle of its quarters.
func isQuarters(img image.Image, want ...color.RGBA) bool {
	n := img.Bounds().Dx()
	for i, at := range []image.Point{{n / 4, n / 4}, {n * 3 / 4, n / 4}, {n / 4, n * 3 / 4}, {n * 3 / 4, n * 3 / 4}} {
		if !similar(img.At(at.X, at.Y), want[i]) {
			return false
		}
	}
	return true
}

// similar compares colors with the tolerance of lossy formats.
func similar(a, b color.Color) bool {
	ar, ag, ab, aa := a.RGBA()
	br, bg, bb, ba := b.RGBA()
	near := func(x, y uint32) bool { return max(x, y)-min(x, y) < 40<<8 }
	return near(ar, br) && near(ag, bg) && near(ab, bb) && near(aa, ba)
}
