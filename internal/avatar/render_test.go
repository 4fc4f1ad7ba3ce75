package avatar

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"
)

// decodeBytes is the memory for decoding a picture without a limit.
const decodeBytes = 64 << 20

func decode(t testing.TB, pic *picture) image.Image {
	t.Helper()
	decode := map[string]func([]byte) (image.Image, error){
		"image/jpeg": func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		"image/png":  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
	}[pic.mime]
	if decode == nil {
		t.Fatalf("unknown type %q", pic.mime)
	}
	img, err := decode(pic.data)
	if err != nil {
		t.Fatalf("decode the rendered picture: %v", err)
	}
	return img
}

func TestRender(t *testing.T) {
	clear := color.RGBA{}
	hole := quarters(64, 64)
	for i := range hole.Pix[:64*4*32] {
		if i%(64*4) < 32*4 {
			hole.Pix[i] = 0
		}
	}
	for _, c := range []struct {
		name string
		data []byte
		mime string
		side int
		want []color.RGBA
	}{
		{"PNG", asPNG(t, quarters(400, 400)), "image/jpeg", side, nil},
		{"PNG wider than high", asPNG(t, quarters(1000, 300)), "image/jpeg", side, nil},
		{"PNG higher than wide", asPNG(t, quarters(301, 1000)), "image/jpeg", side, nil},
		{"PNG, very large", asPNG(t, quarters(2500, 2100)), "image/jpeg", side, nil},
		{"PNG, smaller than ours", asPNG(t, quarters(40, 40)), "image/jpeg", 40, nil},
		{"PNG with a transparent part", asPNG(t, hole), "image/png", 64, []color.RGBA{clear, green, blue, white}},
		{"PNG, interlaced, 16 bits", testdata(t, "interlaced16.png"), "image/jpeg", 64, nil},
		{"JPEG", asJPEG(t, quarters(640, 480)), "image/jpeg", side, nil},
		{"JPEG, progressive", testdata(t, "progressive.jpg"), "image/jpeg", 64, nil},
		{"JPEG for print", testdata(t, "cmyk.jpg"), "image/jpeg", 64, nil},
		{"JPEG after padding", append([]byte("\xff\xd8\xff\xff"), asJPEG(t, quarters(200, 200))[3:]...), "image/jpeg", side, nil},
		{"GIF", asGIF(t, quarters(200, 200)), "image/jpeg", side, nil},
		{"GIF that moves", asGIF(t, quarters(200, 200), image.NewRGBA(image.Rect(0, 0, 200, 200))), "image/jpeg", side, nil},
		{"WebP, lossy", testdata(t, "lossy.webp"), "image/jpeg", 64, nil},
		{"WebP, lossless", testdata(t, "lossless.webp"), "image/jpeg", 64, nil},
		{"WebP, lossy with a transparent part", testdata(t, "lossy-transparent.webp"), "image/png", 64, []color.RGBA{clear, green, blue, white}},
		{"WebP, lossless with a transparent part", testdata(t, "lossless-transparent.webp"), "image/png", 64, []color.RGBA{clear, green, blue, white}},
		{"a page hidden behind a GIF", append(asGIF(t, quarters(200, 200)), "<script>alert(1)</script>"...), "image/jpeg", side, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			pic, err := render(t.Context(), c.data, decodeBytes, shrink)
			if err != nil {
				t.Fatal(err)
			}
			if pic.mime != c.mime {
				t.Errorf("render() type = %s, want %s", pic.mime, c.mime)
			}
			img := decode(t, pic)
			if b := img.Bounds(); b.Dx() != c.side || b.Dy() != c.side {
				t.Errorf("render() size = %v, want %d by %[2]d", b, c.side)
			}
			want := c.want
			if want == nil {
				want = []color.RGBA{red, green, blue, white}
			}
			if !isQuarters(img, want...) {
				t.Error("render() shows another picture")
			}
			if bytes.Contains(pic.data, []byte("script")) || len(pic.data) > 16<<10 {
				t.Errorf("render() returns %d bytes, or trailing data", len(pic.data))
			}
		})
	}
}

func TestRender_OrientsAndStripsMetadata(t *testing.T) {
	jpg := asJPEG(t, quarters(320, 240))
	for orientation, want := range map[uint16][]color.RGBA{
		1: {red, green, blue, white},
		2: {green, red, white, blue},
		3: {white, blue, green, red},
		4: {blue, white, red, green},
		5: {red, blue, green, white},
		6: {blue, red, white, green},
		7: {white, green, blue, red},
		8: {green, white, red, blue},
		0: {red, green, blue, white},
		9: {red, green, blue, white},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withSegment(jpg, 0xe1, exif(order, orientation)+"GPS 52.5 N 13.4 E")
			data = withSegment(data, 0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta/>")
			pic, err := render(t.Context(), withSegment(data, 0xfe, "a comment"), decodeBytes, shrink)
			if err != nil {
				t.Fatalf("render(orientation %d): %v", orientation, err)
			}
			if !isQuarters(decode(t, pic), want...) {
				t.Errorf("render(orientation %d, %v) is oriented wrongly", orientation, order)
			}
			for _, secret := range []string{"GPS", "Exif", "Cam", "xmpmeta", "comment"} {
				if bytes.Contains(pic.data, []byte(secret)) {
					t.Errorf("the rendered picture contains %q", secret)
				}
			}
		}
	}
}

func TestProxy_Redraw(t *testing.T) {
	p := New(Options{})
	defer p.Close()
	var original bytes.Buffer
	if err := png.Encode(&original, image.NewGray(image.Rect(0, 0, 2*maxSide, 200))); err != nil {
		t.Fatal(err)
	}
	data, kind, err := p.Redraw(t.Context(), original.Bytes())
	img, _, decodeErr := image.Decode(bytes.NewReader(data))
	if err != nil || decodeErr != nil || kind != "image/jpeg" || img.Bounds().Size() != image.Pt(maxSide, 100) {
		t.Errorf("Redraw(%dx200) = %s, %v, %v, want a JPEG of half the size", 2*maxSide, kind, err, decodeErr)
	}
	if _, _, err := p.Redraw(t.Context(), []byte("<svg/>")); err == nil {
		t.Error("Redraw(SVG): no error")
	}
}

func TestRender_RefusesWhatIsNoPicture(t *testing.T) {
	png200, jpg200, gif200 := asPNG(t, quarters(200, 200)), asJPEG(t, quarters(200, 200)), asGIF(t, quarters(200, 200))
	webp := testdata(t, "lossy.webp")
	promise := bytes.Clone(webp)
	binary.LittleEndian.PutUint32(promise[4:], 0x7ffffff0)
	hugeWebP := bytes.Clone(testdata(t, "lossy-transparent.webp"))
	copy(hugeWebP[24:], "\xff\x7f\x00\xff\x7f\x00") // 32,768 by 32,768
	hugeJPEG := bytes.Clone(jpg200)
	sof := bytes.Index(hugeJPEG, []byte("\xff\xc0"))
	copy(hugeJPEG[sof+5:], "\xff\xff\xff\xff")
	progressive := testdata(t, "progressive.jpg")
	sof = bytes.Index(progressive, []byte("\xff\xc2"))
	large := bytes.Clone(progressive)
	copy(large[sof+5:], "\x0b\xb8\x0f\xa0") // 12 megapixels: fine for a baseline one
	sos := bytes.LastIndex(progressive, []byte("\xff\xda"))
	manyScans := append(bytes.Clone(progressive[:len(progressive)-2]), bytes.Repeat(progressive[sos:len(progressive)-2], 100)...)
	hugeGIF := bytes.Clone(gif200)
	copy(hugeGIF[6:], "\xff\xff\xff\xff")
	transparent := image.NewRGBA(image.Rect(0, 0, 100, 100))

	for _, c := range []struct {
		name string
		data []byte
		// before reports whether it must be refused before decoding.
		before bool
	}{
		{"nothing", nil, true},
		{"one byte", []byte{0xff}, true},
		{"a page", []byte("<!doctype html><img src=x>"), true},
		{"SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), true},
		{"SVG with a declaration", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), true},
		{"JSON", []byte(`{"error":"not found"}`), true},
		{"a PDF", []byte("%PDF-1.7\n"), true},
		{"an icon", []byte("\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00"), true},
		{"a bitmap", []byte("BM\x46\x00\x00\x00\x00\x00\x00\x00"), true},
		{"TIFF", []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00"), true},
		{"AVIF", []byte("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1"), true},
		{"a film", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00"), true},
		{"a sound in RIFF", []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), true},
		{"gzip", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"), true},
		{"a page behind the first bytes of a PNG", []byte("\x89PNG\r\n\x1a\n<html>"), false},
		{"a page behind the first bytes of a GIF", []byte("GIF89a<html><script>alert(1)</script>"), false},
		{"a page behind the first bytes of a JPEG", []byte("\xff\xd8\xff<html>"), false},
		{"a picture after a page", append([]byte("<html>"), png200...), true},
		{"PNG, half of it", png200[:len(png200)/2], false},
		{"JPEG, its header", jpg200[:300], false},
		{"GIF, half of it", gif200[:len(gif200)/2], false},
		{"WebP, half of it", webp[:len(webp)/2], false},
		{"PNG that claims 30,000 by 30,000", pngHeader(30000, 30000, 8, 6, 0), true},
		{"PNG that claims 2 thousand million by 1", pngHeader(0x7fffffff, 1, 1, 0, 0), true},
		{"PNG that claims 2 thousand million twice", pngHeader(0x7fffffff, 0x7fffffff, 1, 0, 0), true},
		{"PNG of 20 megapixels in 16 bits", pngHeader(5000, 4000, 16, 6, 0), true},
		{"PNG of 9 megapixels, interlaced", pngHeader(3000, 3000, 8, 6, 1), true},
		{"PNG of no size", pngHeader(0, 0, 8, 6, 0), true},
		{"PNG without pixels", pngHeader(100, 100, 8, 6, 0), false},
		{"JPEG that claims 65,535 by 65,535", hugeJPEG, true},
		{"JPEG of 12 megapixels, progressive", large, true},
		{"JPEG with a hundred passes", manyScans, true},
		{"GIF that claims 65,535 by 65,535", hugeGIF, true},
		{"WebP that claims 32,768 by 32,768", hugeWebP, true},
		{"WebP that promises 2 GiB", promise, true},
		{"one transparent pixel", asPNG(t, image.NewRGBA(image.Rect(0, 0, 1, 1))), true},
		{"one white pixel", asGIF(t, quarters(1, 1)), true},
		{"a line", asPNG(t, quarters(500, 2)), true},
		{"nothing to be seen", asPNG(t, transparent), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if k, ok := detectFormat(c.data); c.before && ok && k.fits(c.data, decodeBytes) {
				t.Error("fits() = true, want it refused before decoding")
			}
			start := time.Now()
			pic, err := render(t.Context(), c.data, decodeBytes, shrink)
			if pic != nil || !errors.Is(err, errNotPicture) {
				t.Errorf("render() = %v, %v, want errNotPicture", pic, err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("render() took %v", took)
			}
		})
	}
}

func TestFormat_Fits(t *testing.T) {
	jpg := asJPEG(t, quarters(64, 64))
	sof := bytes.Index(jpg, []byte("\xff\xc0"))
	copy(jpg[sof+5:], "\x0f\xa0\x13\x88") // 20 megapixels
	for name, data := range map[string][]byte{
		"JPEG of 20 megapixels":          jpg,
		"PNG of 16 megapixels":           pngHeader(4000, 4000, 8, 6, 0),
		"PNG of 4 megapixels, 16 bits":   pngHeader(2000, 2000, 16, 6, 1),
		"gray PNG of 20 megapixels":      pngHeader(5000, 4000, 8, 0, 0),
		"interlaced PNG of 8 megapixels": pngHeader(2880, 2880, 8, 6, 1),
	} {
		k, ok := detectFormat(data)
		if !ok || !k.fits(data, decodeBytes) {
			t.Errorf("fits(%s) = false", name)
		}
	}
}

func TestRender_StopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if pic, err := render(ctx, asPNG(t, quarters(200, 200)), decodeBytes, shrink); pic != nil || !errors.Is(err, errNotPicture) {
		t.Errorf("render(canceled) = %v, %v, want errNotPicture", pic, err)
	}
}

func FuzzRender(f *testing.F) {
	for _, name := range []string{"lossy.webp", "lossless.webp", "lossy-transparent.webp", "lossless-transparent.webp", "progressive.jpg", "cmyk.jpg", "interlaced16.png"} {
		f.Add(testdata(f, name))
	}
	f.Add(asPNG(f, quarters(16, 16)))
	f.Add(asGIF(f, quarters(16, 16)))
	f.Add(withSegment(asJPEG(f, quarters(16, 16)), 0xe1, exif(binary.LittleEndian, 6)))
	f.Add([]byte(strings.Repeat("\xff\xda", maxScans+1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		pic, err := render(t.Context(), data, decodeBytes, shrink)
		if (pic == nil) != (err != nil) {
			t.Fatalf("render = %v, %v", pic, err)
		}
		if pic == nil {
			return
		}
		if b := decode(t, pic).Bounds(); b.Dx() != b.Dy() || b.Dx() > side || b.Dx() < minSide {
			t.Errorf("render() size = %v", b)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	jpg := asJPEG(f, quarters(16, 16))
	f.Add(withSegment(jpg, 0xe1, exif(binary.LittleEndian, 6)))
	f.Add(withSegment(jpg, 0xe1, exif(binary.BigEndian, 8)))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x02\xff\xff"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x12Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := orientation(data); o < 1 || o > 8 {
			t.Errorf("orientation() = %d", o)
		}
		isProgressive(data)
	})
}
