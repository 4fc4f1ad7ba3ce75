package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadBlock_RoundTrip(t *testing.T) {
	long := AppendField(AppendName(nil, "Long"), strings.Repeat("note ", 20_000))
	tests := []struct {
		name string
		rows []int64
		docs [][]byte
	}{
		{"nothing", []int64{}, [][]byte{}},
		{"one", []int64{1}, [][]byte{[]byte(" bobby s\n")}},
		{"rows of all sizes", []int64{0, 255, 256, math.MaxInt32, math.MaxInt64},
			[][]byte{[]byte(" a\n"), []byte(" b\n x\n"), []byte("\n"), []byte("\n y\n"), []byte(" c\n")}},
		{"a negative row", []int64{-1}, [][]byte{[]byte(" a\n")}},
		{"documents that make wide tables", []int64{1, 2, 3}, [][]byte{[]byte(" a\n"), long, []byte(" b\n z\n")}},
		{"documents without a field end", []int64{1, 2}, [][]byte{{}, []byte("no end")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			block := AppendBlock(nil, tt.rows, tt.docs)
			rows, docs, err := ReadBlock(block)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.rows, rows); diff != "" {
				t.Errorf("ReadBlock rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(fmt.Sprintf("%q", tt.docs), fmt.Sprintf("%q", docs)); diff != "" {
				t.Errorf("ReadBlock documents (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScan_Stops(t *testing.T) {
	docs := [][]byte{[]byte(" ann\n"), []byte(" ann\n"), []byte(" ann\n")}
	var got []int64
	err := ParseQuery("ann").Scan(AppendBlock(nil, []int64{7, 8, 9}, docs), func(_ int, row int64, _ uint8) bool {
		got = append(got, row)
		return len(got) < 2
	})
	if err != nil || !cmp.Equal(got, []int64{7, 8}) {
		t.Errorf("Scan visited %v, %v, want rows 7 and 8", got, err)
	}
}

func TestScan_NoMatchSpansTwoDocuments(t *testing.T) {
	// AppendField never makes such documents.
	block := AppendBlock(nil, []int64{1, 2, 3}, [][]byte{[]byte(" annab"), []byte("elle ann"), []byte("abelle")})
	err := ParseQuery("annabelle").Scan(block, func(i int, _ int64, _ uint8) bool {
		t.Errorf("Scan(annabelle) found document %d, want none", i)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBlock_CorruptIsRejected(t *testing.T) {
	good := AppendBlock(nil, []int64{1, 2}, [][]byte{[]byte(" ann\n x\n"), []byte(" bob\n y\n")})
	change := func(at int, b ...byte) []byte {
		bad := append([]byte(nil), good...)
		copy(bad[at:], b)
		return bad
	}
	tests := []struct {
		name  string
		block []byte
	}{
		{"nothing", nil},
		{"a header alone", good[:blockHeader]},
		{"a byte short", good[:len(good)-1]},
		{"a byte more", append(append([]byte(nil), good...), 0)},
		{"another version", change(0, 3)},
		{"rows of no bytes", change(1, 0)},
		{"rows of nine bytes", change(1, 9)},
		{"ends of three bytes", change(2, 3)},
		{"a count that does not fit", change(4, 0xff, 0xff, 0xff, 0xff)},
		{"lengths that do not fit", change(8, 0xff, 0xff, 0xff, 0x7f)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := ReadBlock(tt.block); !errors.Is(err, ErrCorruptBlock) {
				t.Errorf("ReadBlock: %v, want ErrCorruptBlock", err)
			}
			if err := ParseQuery("ann").Scan(tt.block, func(int, int64, uint8) bool { return true }); !errors.Is(err, ErrCorruptBlock) {
				t.Errorf("Scan: %v, want ErrCorruptBlock", err)
			}
		})
	}
	// The sizes alone do not show that ends are not in order.
	if _, _, err := ReadBlock(change(blockHeader, 0xff, 0xff)); !errors.Is(err, ErrCorruptBlock) {
		t.Errorf("ReadBlock with ends beyond the text: %v, want ErrCorruptBlock", err)
	}
}

func TestMayMatch(t *testing.T) {
	block := AppendBlock(nil, []int64{1, 2}, [][]byte{[]byte(" ann lee\n acme\n 15550142\n"), []byte(" bob\n note\n")})
	signature, err := AppendSignature([]byte("kept"), block)
	if err != nil || !strings.HasPrefix(string(signature), "kept") {
		t.Fatalf("AppendSignature() = %q, %v", signature, err)
	}
	signature = signature[len("kept"):]
	for _, tt := range []struct {
		query       string
		all, inName bool
	}{
		{"ann", true, true}, {"lee ann", true, true}, {"b", true, true}, {"acme", true, false}, {"lee acme", true, false},
		{"555 01 42", true, false}, {"annlee", false, false}, {"ann zoe", false, false}, {"lee 5550199", false, false},
		{"bob lee", true, true}, // in two documents: only a scan tells
	} {
		q := ParseQuery(tt.query)
		if all, inName := q.MayMatch(signature, ClassAny), q.MayMatch(signature, ClassWords); all != tt.all || inName != tt.inName {
			t.Errorf("MayMatch(%q) = %v anywhere, %v in names, want %v, %v", tt.query, all, inName, tt.all, tt.inName)
		}
		if !q.MayMatch(nil, ClassName) {
			t.Errorf("MayMatch(%q) without a signature = false", tt.query)
		}
	}
	if _, err := AppendSignature(nil, block[1:]); !errors.Is(err, ErrCorruptBlock) {
		t.Errorf("AppendSignature(corrupt block) = %v, want ErrCorruptBlock", err)
	}
}

func FuzzScan(f *testing.F) {
	good := AppendBlock(nil, []int64{1, 2, 300}, [][]byte{[]byte(" ann\n x 1555\n"), []byte(" bob\n y\n"), []byte(" annbob\n")})
	f.Add(good, "ann", uint16(0))
	f.Add(good, "5 55", uint16(16))
	f.Add([]byte{}, "a", uint16(0))
	f.Fuzz(func(t *testing.T, block []byte, query string, at uint16) {
		q := ParseQuery(query)
		scan := func(block []byte) {
			last := -1
			_ = q.Scan(block, func(i int, _ int64, class uint8) bool {
				if i <= last || class > ClassAny {
					t.Fatalf("Scan visits index %d after %d, class %d", i, last, class)
				}
				last = i
				return true
			})
			_, _, _ = ReadBlock(block)
		}
		scan(block)
		// Random bytes seldom have the right sizes.
		if len(block) > blockHeader {
			fixed := append([]byte(nil), block...)
			fixed[0], fixed[1], fixed[2] = blockVersion, 1+block[1]%8, 2+2*(block[2]%2)
			space := len(fixed) - blockHeader
			count := int(at) % (1 + space/(2*int(fixed[2])+int(fixed[1])))
			space -= count * (2*int(fixed[2]) + int(fixed[1]))
			names := int(block[3]) * space / 255
			binary.LittleEndian.PutUint32(fixed[4:], uint32(count))
			binary.LittleEndian.PutUint32(fixed[8:], uint32(names))
			binary.LittleEndian.PutUint32(fixed[12:], uint32(space-names))
			if _, err := parseBlock(fixed); err != nil {
				t.Fatalf("parseBlock of corrected sizes: %v", err)
			}
			scan(fixed)
		}
	})
}

func FuzzPatternIndex(f *testing.F) {
	f.Add("the quick brown fox jumps over the lazy dog", "lazy")
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "aab")
	f.Fuzz(func(t *testing.T, text, s string) {
		if s == "" {
			return
		}
		p := newPattern(s)
		if got, want := p.index([]byte(text)), strings.Index(text, s); got != want {
			t.Fatalf("index of %q in %q = %d, want %d", s, text, got, want)
		}
	})
}
