package external

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// filled is a version with all that can be kept of one.
func filled(rows int) *version {
	v := newVersion("an id", time.UnixMilli(1_790_000_000_123))
	for i := range rows {
		v.add([]row{{ID: strconv.Itoa(i), Name: "Çelik " + strconv.Itoa(i), Avatar: strings.Repeat("a", i%3)}})
	}
	v.heard = v.asOf.Add(time.Hour)
	v.capped = true
	v.walk = position{begun: true, token: "t", anchor: "a", tokens: true, pages: 4, dry: 3, high: 5, tries: 2, lost: "l",
		restarts: 1, refused: 1, rewound: true, full: true}
	return v
}

func TestAKeptListIsReadAsItWas(t *testing.T) {
	for _, rows := range []int{0, 1, 1000} {
		want := keptList{worker: "Alice@example.com", version: filled(rows), met: []metID{{"m1", time.UnixMilli(1)}, {"m2", time.UnixMilli(2)}}}
		packed, err := want.pack()
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpack(packed)
		if err != nil {
			t.Fatal(err)
		}
		if got.worker != want.worker || !reflect.DeepEqual(got.met, want.met) {
			t.Errorf("worker %q, met %v", got.worker, got.met)
		}
		g, w := got.version, want.version
		if g.id != w.id || !g.asOf.Equal(w.asOf) || !g.heard.Equal(w.heard) || g.done != w.done || g.capped != w.capped || g.bytes != w.bytes {
			t.Errorf("the version is %+v", g)
		}
		if !reflect.DeepEqual(g.walk, w.walk) {
			t.Errorf("the position is %+v, want %+v", g.walk, w.walk)
		}
		if len(g.rows) != rows || rows > 0 && !reflect.DeepEqual(g.rows, w.rows) {
			t.Errorf("%d rows, want %d", len(g.rows), rows)
		}
	}
}

func TestAKeptListThatIsCutOrOfAnotherFormIsNone(t *testing.T) {
	packed, err := keptList{worker: "alice", version: filled(100)}.pack()
	if err != nil {
		t.Fatal(err)
	}
	for n := range packed {
		if _, err := unpack(packed[:n]); err == nil && n < len(packed)-8 { // the end mark of the compression may be missing
			t.Fatalf("%d of %d bytes are read", n, len(packed))
		}
	}
	packed[0]++
	if _, err := unpack(packed); err != errNoCopy {
		t.Errorf("another form: %v", err)
	}
}

func FuzzUnpack(f *testing.F) {
	for _, rows := range []int{0, 3} {
		packed, err := keptList{worker: "alice", version: filled(rows), met: []metID{{"m", time.UnixMilli(3)}}}.pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Add([]byte{copyForm})
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := unpack(b)
		if err != nil {
			return
		}
		packed, err := k.pack()
		if err != nil {
			t.Fatal(err)
		}
		again, err := unpack(packed)
		if err != nil || again.version.Len() != k.version.Len() || again.worker != k.worker {
			t.Errorf("what was read cannot be kept and read again: %v", err)
		}
	})
}

// plainSealer seals nothing, so that a fuzzer comes behind it.
type plainSealer struct{}

func (plainSealer) Seal(plain []byte, _ string) string    { return string(plain) }
func (plainSealer) Open(sealed, _ string) ([]byte, error) { return []byte(sealed), nil }

func FuzzPageToken(f *testing.F) {
	tokens := pageTokens{plainSealer{}, "s"}
	f.Add(tokens.seal(spot{version: "v", from: 30}, "alice", ""))
	f.Add(tokens.seal(spot{version: "v", from: 30, mended: true, older: "o", further: 7}, "alice", ""))
	f.Fuzz(func(t *testing.T, token string) {
		s, err := tokens.open(token, "alice", "")
		if err != nil {
			return
		}
		again, err := tokens.open(tokens.seal(s, "alice", ""), "alice", "")
		if err != nil || again != s || s.from < 0 || s.further < 0 {
			t.Errorf("%+v is read as %+v, %v", s, again, err)
		}
	})
}
