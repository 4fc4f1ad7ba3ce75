package avatar

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

const (
	// maxPixels limits a picture before it is decoded.
	maxPixels = 20e6
	// minSide is the minimum width and height: smaller pictures are tracking pixels.
	minSide = 8
	// maxScans limits the scans of a JPEG. Ten are usual.
	maxScans = 64
)

// format is a supported picture format. SVG is not among them: it can contain scripts.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// bytesPerPixel returns the memory that decoding takes for a pixel.
	bytesPerPixel func(data []byte, c image.Config) int
}

// detectFormat detects the format by the first bytes, ignoring the Content-Type.
func detectFormat(data []byte) (format, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return format{jpeg.DecodeConfig, jpeg.Decode, jpegBytesPerPixel}, bytes.Count(data, []byte("\xff\xda")) <= maxScans
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return format{png.DecodeConfig, png.Decode, pngBytesPerPixel}, true
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return format{gif.DecodeConfig, gif.Decode, gifBytesPerPixel}, true
	case len(data) >= 16 && string(data[:4]) == "RIFF" && string(data[8:15]) == "WEBPVP8":
		// The decoder allocates as many bytes as the header says.
		promised := int64(binary.LittleEndian.Uint32(data[4:])) + 8
		return format{webp.DecodeConfig, webp.Decode, webpBytesPerPixel}, promised <= int64(len(data))
	}
	return format{}, false
}

// fits reports whether a picture can be decoded within the limits, by its header. memory is
// for its pixels, in bytes: decoders need a few MiB more for tables, that of lossless WebP
// up to 50.
func (f format) fits(data []byte, memory int) bool {
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width < minSide || c.Height < minSide || int64(c.Width)*int64(c.Height) > maxPixels {
		return false
	}
	// Decoders round up to blocks of at most 32 pixels.
	w, h := (c.Width+31)&^31, (c.Height+31)&^31
	return int64(w)*int64(h)*int64(f.bytesPerPixel(data, c)) <= int64(memory)
}

func jpegBytesPerPixel(data []byte, c image.Config) int {
	cost := 3
	switch c.ColorModel {
	case color.GrayModel:
		cost = 1
	case color.RGBAModel: // RGB, copied once more
		cost = 7
	case color.CMYKModel:
		cost = 12
	}
	if isProgressive(data) { // all coefficients are in memory
		cost += 4 * min(cost, 4)
	}
	return cost
}

// pngBytesPerPixel doubles the memory of an interlaced PNG: each pass is decoded on its own.
func pngBytesPerPixel(data []byte, c image.Config) int {
	cost := 4
	switch c.ColorModel {
	case color.GrayModel:
		cost = 1
	case color.Gray16Model:
		cost = 2
	case color.RGBA64Model, color.NRGBA64Model:
		cost = 8
	default:
		if _, ok := c.ColorModel.(color.Palette); ok {
			cost = 1
		}
	}
	const interlaceAt = 28 // the last byte of the header chunk
	if len(data) > interlaceAt && data[interlaceAt] != 0 {
		cost *= 2
	}
	return cost
}

func gifBytesPerPixel([]byte, image.Config) int { return 1 }

// webpBytesPerPixel: lossless WebP and transparency take two pictures of four bytes a pixel.
func webpBytesPerPixel(data []byte, c image.Config) int {
	if data[15] == ' ' && c.ColorModel == color.YCbCrModel {
		return 2
	}
	return 10
}
