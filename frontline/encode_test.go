package frontline

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// The output of appendDetails reads back as that of encoding/json does.
func TestAppendDetails(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	text := func() string {
		var b strings.Builder
		for range rnd.IntN(12) {
			if rnd.IntN(8) == 0 {
				b.WriteByte(byte(rnd.IntN(256))) // not UTF-8, often
			} else {
				b.WriteRune([]rune("aZ \"\\/\x00\x01\x1f\x7f\b\f\n\r\té漢\u2028\u2029🙂<>&\uFFFD")[rnd.IntN(24)])
			}
		}
		return b.String()
	}
	for range 5000 {
		c := Customer{ID: text(), DisplayName: text(), Avatar: text()}
		for range rnd.IntN(3) {
			c.Channels = append(c.Channels, Channel{Type: text(), Value: text()})
			c.Links = append(c.Links, Link{text(), text(), text()})
		}
		if rnd.IntN(2) == 0 {
			c.Details = &Detail{"T" + text(), text()}
		}
		var written struct{ Objects struct{ Customer Customer } }
		if err := json.Unmarshal(appendDetails(nil, &c), &written); err != nil {
			t.Fatalf("appendDetails(%+v) = %s: %v", c, appendDetails(nil, &c), err)
		}
		marshalled, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var want Customer
		if err := json.Unmarshal(marshalled, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(written.Objects.Customer, want) {
			t.Fatalf("appendDetails reads back as %+v, want %+v", written.Objects.Customer, want)
		}
	}
}

func TestAppendString(t *testing.T) {
	got := string(appendString(nil, "é\u2028<&>'/\x7f\"\\\n\r\t\x00\x1f\xff\xed\xa0\x80z"))
	want := `"é` + "\u2028" + `<&>'/` + "\x7f" + `\"\\\n\r\t\u0000\u001f` + "\uFFFD\uFFFD\uFFFD\uFFFD" + `z"`
	if got != want {
		t.Errorf("appendString = %s, want %s", got, want)
	}
}
