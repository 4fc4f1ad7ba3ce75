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
	// maxPixels bounds a picture before it is decoded, and maxMemory what decoding
	// may take, in bytes; decoders need a few MiB more for tables of their own, and
	// the one for lossless WebP up to 50.
	maxPixels = 20e6
	maxMemory = 64 << 20
	// minSide is the least width and height: a picture of fewer pixels is one that
	// counts who looks.
	minSide = 8
	// maxScans bounds how often a JPEG may go over its pixels. Ten are usual.
	maxScans = 64
)

// A kind is a format of pictures that we read. What is not here is not shown: SVG
// above all, which is a program.
type kind struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// cost answers how many bytes a pixel takes while it is decoded.
	cost func(data []byte, c image.Config) int
}

// kindOf tells the kind by the first bytes, whatever the server said it was.
func kindOf(data []byte) (kind, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return kind{jpeg.DecodeConfig, jpeg.Decode, jpegCost}, bytes.Count(data, []byte("\xff\xda")) <= maxScans
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return kind{png.DecodeConfig, png.Decode, pngCost}, true
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return kind{gif.DecodeConfig, gif.Decode, gifCost}, true
	case len(data) >= 16 && string(data[:4]) == "RIFF" && string(data[8:15]) == "WEBPVP8":
		// The decoder makes room for as many bytes as the header promises.
		promised := int64(binary.LittleEndian.Uint32(data[4:])) + 8
		return kind{webp.DecodeConfig, webp.Decode, webpCost}, promised <= int64(len(data))
	}
	return kind{}, false
}

// fits tells whether a picture can be decoded within our bounds, from its header
// alone.
func (k kind) fits(data []byte) bool {
	c, err := k.config(bytes.NewReader(data))
	if err != nil || c.Width < minSide || c.Height < minSide || int64(c.Width)*int64(c.Height) > maxPixels {
		return false
	}
	// Decoders round up to whole blocks, of 32 pixels at most.
	w, h := (c.Width+31)&^31, (c.Height+31)&^31
	return int64(w)*int64(h)*int64(k.cost(data, c)) <= maxMemory
}

func jpegCost(data []byte, c image.Config) int {
	cost := 3
	switch c.ColorModel {
	case color.GrayModel:
		cost = 1
	case color.RGBAModel: // in RGB already, and copied once more
		cost = 7
	case color.CMYKModel:
		cost = 12
	}
	if progressive(data) { // all coefficients are kept
		cost += 4 * min(cost, 4)
	}
	return cost
}

// An interlaced PNG is decoded into pictures of their own for each pass.
func pngCost(data []byte, c image.Config) int {
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

func gifCost([]byte, image.Config) int { return 1 }

// Lossless WebP, and the transparency of any, takes two pictures of four bytes.
func webpCost(data []byte, c image.Config) int {
	if data[15] == ' ' && c.ColorModel == color.YCbCrModel {
		return 2
	}
	return 10
}
