package builtin

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
)

func TestTokens_RoundTrip(t *testing.T) {
	tk := tokens{secret.NewKey().Sealer("page token")}
	for _, c := range []customer.Cursor{{Row: 1, Rev: 1}, {Row: 1<<63 - 1, Rev: 1<<63 - 1, Class: 2}, {Row: 300, Class: 1}} {
		got, err := tk.open(tk.seal(c, tokenContext("ann", "q")), tokenContext("ann", "q"))
		if diff := cmp.Diff(c, got); diff != "" || err != nil {
			t.Errorf("open(seal(%+v)): %v (-want +got):\n%s", c, err, diff)
		}
	}
}

func TestTokenContext_IsUnambiguous(t *testing.T) {
	seen := map[string][2]string{}
	for _, w := range [][2]string{{"ann", ""}, {"ann", "x"}, {"annx", ""}, {"an", "nx"}, {"3:ann", ""}, {"ann@x.com", ""}, {"ann", "@x.com"}} {
		name := tokenContext(w[0], w[1])
		if other, ok := seen[name]; ok {
			t.Errorf("tokenContext of %q and of %q are the same", w, other)
		}
		seen[name] = w
	}
	if tokenContext("Ann@x.com", "q") != tokenContext("ann@X.com", "q") {
		t.Error("tokenContext depends on the case of an email address")
	}
}

// plainSealer does not encrypt, so that the fuzzer reaches the decoder.
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
			t.Errorf("open(%q): %v, want an InvalidRequestError", token, err)
		}
		c, err := plain.open(token, "")
		if err != nil && !errors.As(err, &invalid) {
			t.Errorf("open(%q) of a plain token: %v, want an InvalidRequestError or none", token, err)
		}
		if err == nil && (c.IsZero() || c.Row <= 0 || c.Rev < 0) {
			t.Errorf("open(%q) = %+v, want a valid cursor", token, c)
		}
	})
}
