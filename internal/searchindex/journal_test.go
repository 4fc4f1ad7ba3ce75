package searchindex

import "testing"

// FuzzUnpack reads runs that the database may have damaged.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x03keyd"))
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x07\xff\xff\xff\xffk"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		run, err := unpack(1, packed)
		bytes := 16 * len(run)
		for _, e := range run {
			bytes += len(e.Key) + len(e.Doc)
		}
		if err == nil && bytes != len(packed) || bytes > len(packed) {
			t.Errorf("unpack() = %d bytes in %d entries of %d bytes, %v", bytes, len(run), len(packed), err)
		}
	})
}
