package avatar

import (
	"bytes"
	"encoding/binary"
	"image"
	"iter"
)

// orientation returns the Exif orientation of a JPEG: 1 (upright) to 8, and 1 when it has
// none.
func orientation(data []byte) int {
	for marker, body := range segments(data) {
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
	}
	return 1
}

// isProgressive reports whether a JPEG is, or may be, progressive.
func isProgressive(data []byte) bool {
	for marker := range segments(data) {
		switch marker {
		case 0xc0, 0xc1:
			return false
		case 0xc2:
			return true
		}
	}
	return true // unknown: a decoder may still read it
}

// segments yields the segments of a JPEG before its pixels, by marker and content, until
// the first malformed one.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		data, ok := bytes.CutPrefix(data, []byte("\xff\xd8"))
		for ok && len(data) >= 4 && data[0] == 0xff {
			marker, size := data[1], int(binary.BigEndian.Uint16(data[2:]))
			switch {
			case marker == 0xff: // padding
				data = data[1:]
				continue
			case marker < 0xc0, 0xd0 <= marker && marker <= 0xda: // without a length, or before the pixels
				return
			case size < 2 || len(data) < 2+size:
				return
			}
			if !yield(marker, data[4:2+size]) {
				return
			}
			data = data[2+size:]
		}
	}
}

// tiffOrientation returns the orientation in the first directory of a TIFF header.
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		// Tag 0x0112, type 3 (two bytes), one value.
		if order.Uint16(entries) == 0x0112 && order.Uint16(entries[2:]) == 3 && order.Uint32(entries[4:]) == 1 {
			if o := int(order.Uint16(entries[8:])); 1 <= o && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// orient rotates and flips an image by its orientation.
func orient(img *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	turned := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		turned = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range turned.Bounds().Dy() {
		for x := range turned.Bounds().Dx() {
			fx, fy := x, y // the source of this pixel
			if orientation >= 5 {
				fx, fy = y, x
			}
			switch orientation {
			case 2, 3, 7, 8: // the first column is on the right, or below
				fx = w - 1 - fx
			}
			switch orientation {
			case 3, 4, 6, 7:
				fy = h - 1 - fy
			}
			copy(turned.Pix[turned.PixOffset(x, y):][:4], img.Pix[img.PixOffset(fx, fy):][:4])
		}
	}
	return turned
}
