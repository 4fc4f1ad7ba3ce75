package builtin

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
)

func TestTokensComeBackAsTheyWere(t *testing.T) {
	tk := tokens{secret.NewKey().Sealer("page token")}
	for _, c := range []customer.Cursor{{Row: 1, Rev: 1}, {Row: 1<<63 - 1, Rev: 1<<63 - 1, Class: 2}, {Row: 300, Class: 1}} {
		got, err := tk.open(tk.seal(c, tokenContext("ann", "q")), tokenContext("ann", "q"))
		if diff := cmp.Diff(c, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

func TestNoTwoWalksHaveTheSameName(t *testing.T) {
	seen := map[string][2]string{}
	for _, w := range [][2]string{{"ann", ""}, {"ann", "x"}, {"annx", ""}, {"an", "nx"}, {"3:ann", ""}, {"ann@x.com", ""}, {"ann", "@x.com"}} {
		name := tokenContext(w[0], w[1])
		if other, ok := seen[name]; ok {
			t.Errorf("%q and %q are one", w, other)
		}
		seen[name] = w
	}
	if tokenContext("Ann@x.com", "q") != tokenContext("ann@X.com", "q") {
		t.Error("one worker has two walks")
	}
}

// plainSealer seals nothing, so that the fuzzer gets at what is under the seal.
type plainSealer struct{}

func (plainSealer) Seal(plain []byte, _ string) string          { return string(plain) }
func (plainSealer) Open(sealed, context string) ([]byte, error) { return []byte(sealed), nil }

func FuzzOpenToken(f *testing.F) {
	sealed := tokens{secret.NewKey().Sealer("page token")}
	plain := tokens{plainSealer{}}
	f.Add(plain.seal(customer.Cursor{Row: 5, Rev: 6, Class: 1}, ""))
	f.Add(sealed.seal(customer.Cursor{Row: 5, Rev: 6, Class: 1}, tokenContext("ann", "")))
	f.Add("")
	f.Add("\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(t *testing.T, token string) {
		var invalid *frontline.InvalidRequestError
		if _, err := sealed.open(token, tokenContext("bob", "")); !errors.As(err, &invalid) {
			t.Errorf("a foreign token: %v", err)
		}
		c, err := plain.open(token, "")
		if err != nil && !errors.As(err, &invalid) {
			t.Errorf("err = %v", err)
		}
		if err == nil && (c.IsZero() || c.Row <= 0 || c.Rev < 0) {
			t.Errorf("cursor %+v", c)
		}
	})
}
