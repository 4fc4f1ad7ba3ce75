package frontline_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"

	"github.com/clientele-project/clientele/frontline"
)

// The signature was computed with openssl, as docs/protocol-notes.md shows.
func TestSign_AgainstOpenSSL(t *testing.T) {
	params := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, "PageSize": {"30"}}
	got := frontline.Sign("12345", "https://example.com/callbacks/crm", params)
	if want := "fCxdMBO8P83YKOwYbmfK4IlRb1Q="; got != want {
		t.Errorf("Sign(%v) = %s, want %s", params, got, want)
	}
}

func TestSign_AgainstTwilio(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	text := func() string {
		var b strings.Builder
		for range rnd.IntN(8) {
			b.WriteString(pick("a", "Z", "9", " ", "+", "%", "&", "=", "é", "漢", "\x00", "\n", "~", "-"))
		}
		return b.String()
	}
	for range 3000 {
		address := pick("http", "https") + "://" + pick("example.com", "a.b-c.example", "127.0.0.1", "localhost") +
			pick("", ":80", ":443", ":8080") + pick("/", "/callbacks/crm", "/a%20b/%C3%A9", "/x//y/", "/a:b@c") +
			pick("", "?", "?a=1&b=2", "?q=%20+x&q=2", "?a=[1]")
		authToken := pick("12345", "k", strings.Repeat("long", 40))
		params, single := url.Values{}, map[string]string{}
		for range rnd.IntN(6) {
			name, value := text(), text()
			params[name], single[name] = []string{value}, value
		}
		signature := frontline.Sign(authToken, address, params)
		oracle := client.NewRequestValidator(authToken)
		if !oracle.Validate(address, single, signature) {
			t.Fatalf("Twilio refuses our signature of %s with %q", address, params)
		}
		if !oracle.ValidateBody(address, []byte(params.Encode()), signature) {
			t.Fatalf("Twilio refuses our signature of the body %s", params.Encode())
		}
		// Verify and Twilio agree on every signed URL.
		u, _ := url.Parse(address)
		host := u.Hostname()
		for _, signed := range []string{host, host + ":80", host + ":443", host + ":8080", "other.example"} {
			signature := frontline.Sign(authToken, strings.Replace(address, u.Host, signed, 1), params)
			want := oracle.Validate(address, single, signature)
			if got := frontline.Verify(authToken, address, params, signature); got != want {
				t.Fatalf("Verify(%s signed for %s) = %v, want %v as Twilio does", address, signed, got, want)
			}
		}
	}
}

func TestVerify(t *testing.T) {
	params := url.Values{"Worker": {"alice"}, "Query": {""}}
	const address = "https://example.com/callbacks/crm?tenant=7"
	for _, tt := range []struct {
		name          string
		signed, asked string
		want          bool
	}{
		{"the same URL", address, address, true},
		{"upper-case host", "https://EXAMPLE.com/callbacks/crm?tenant=7", address, true},
		{"default port written by the caller only", "https://example.com:443/callbacks/crm?tenant=7", address, true},
		{"default port written by the receiver only", address, "https://example.com:443/callbacks/crm?tenant=7", true},
		{"a port that the signature left out", address, "https://example.com:8443/callbacks/crm?tenant=7", true},
		{"another port", "https://example.com:8443/callbacks/crm?tenant=7", address, false},
		{"the other scheme's port", "https://example.com:80/callbacks/crm?tenant=7", address, false},
		{"another scheme", "http://example.com/callbacks/crm?tenant=7", address, false},
		{"another query", "https://example.com/callbacks/crm?tenant=8", address, false},
		{"another path", "https://example.com/callbacks/crm/?tenant=7", address, false},
		{"user information and fragment are not signed", "https://u:p@example.com/callbacks/crm?tenant=7#x", address, true},
		{"no path is a slash", "https://example.com", "https://example.com/", true},
		{"an apostrophe that the caller escaped", "https://example.com/o%27neil?q=%27", "https://example.com/o'neil?q='", true},
		{"an apostrophe that the caller did not escape", "https://example.com/o'neil?q='", "https://example.com/o%27neil?q=%27", true},
		{"an escaped apostrophe without the port", "https://example.com/o%27neil", "https://example.com:8443/o'neil", true},
		{"another escape", "https://example.com/o%22neil", "https://example.com/o'neil", false},
		{"IPv6 with a port", "https://[::1]:8443/", "https://[::1]:8443/", true},
		{"IPv6 whose port the signature left out", "https://[::1]/", "https://[::1]:8443/", true},
		{"IPv6 with the default port added", "https://[::1]:443/", "https://[::1]/", true},
		{"no URL", "://", "://", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			signature := frontline.Sign(token, tt.signed, params)
			if got := frontline.Verify(token, tt.asked, params, signature); got != tt.want {
				t.Errorf("Verify(%q signed as %q) = %v, want %v", tt.asked, tt.signed, got, tt.want)
			}
			if frontline.Verify("another", tt.asked, params, signature) {
				t.Errorf("Verify(%q) with another token = true", tt.asked)
			}
			if frontline.Verify(token, tt.asked, url.Values{"Worker": {"bob"}, "Query": {""}}, signature) {
				t.Errorf("Verify(%q) with other parameters = true", tt.asked)
			}
		})
	}
}

// Some callers sign the host as it is written. Sign never does, so another one signs here.
func TestVerify_HostAsWritten(t *testing.T) {
	for address, signed := range map[string]string{
		"https://Example.com/O'Neil":      "https://Example.com/O'Neil",
		"https://EXAMPLE.com:8443/O'Neil": "https://EXAMPLE.com/O%27Neil",
		"https://EXAMPLE.com/":            "https://EXAMPLE.com:443/",
	} {
		if !frontline.Verify(token, address, nil, signBytes(signed)) {
			t.Errorf("Verify(%q signed as %q) = false", address, signed)
		}
	}
	if frontline.Verify(token, "https://example.com/", nil, signBytes("https://EXAMPLE.com/")) {
		t.Error("Verify(lower-case host signed in upper case) = true")
	}
}

// signBytes signs a message as it is.
func signBytes(message string) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerify_Malformed(t *testing.T) {
	const address = "https://example.com/"
	good := frontline.Sign(token, address, nil)
	for _, signature := range []string{"", good[:27], good + "=", " " + good, strings.ToLower(good), "AAAAAAAAAAAAAAAAAAAAAAAAAAA="} {
		if frontline.Verify(token, address, nil, signature) {
			t.Errorf("Verify with signature %q = true", signature)
		}
	}
	if frontline.Verify("", address, nil, frontline.Sign("", address, nil)) {
		t.Error("Verify with an empty token = true")
	}
}

func TestSign_RepeatedNames(t *testing.T) {
	const address = "https://example.com/"
	repeated := frontline.Sign(token, address, url.Values{"B": {"2", "10", "2"}, "A": {"x"}})
	if want := frontline.Sign(token, address, url.Values{"A": {"xB10B2"}}); repeated != want {
		t.Errorf("Sign with repeated names = %s, want %s", repeated, want)
	}
}

func TestCanonicalURL(t *testing.T) {
	for raw, want := range map[string]string{
		"HTTPS://Example.COM:443":              "https://example.com:443/",
		"https://u:p@example.com/A%2fb?Q=%2f#": "https://example.com/A%2fb?Q=%2f",
		"https://example.com/a b":              "https://example.com/a%20b",
		"https://example.com/café?x":           "https://example.com/caf%C3%A9?x",
		"http://example.com:?":                 "http://example.com/?",
		"http://[2001:DB8::1]:81/":             "http://[2001:db8::1]:81/",
	} {
		if got, err := frontline.CanonicalURL(raw); got != want || err != nil {
			t.Errorf("CanonicalURL(%q) = %q, %v, want %s", raw, got, err, want)
		}
	}
	for _, raw := range []string{"", "example.com", "/callbacks/crm", "ftp://example.com/", "https:example.com", "https://", "https://:443/", "https://[::1/", "http://a b/"} {
		if got, err := frontline.CanonicalURL(raw); err == nil {
			t.Errorf("CanonicalURL(%q) = %q, want an error", raw, got)
		}
	}
}

func TestCheckCallbackURL(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                     "not set",
		"example.com/crm":                      "must begin with https://",
		"ftp://example.com/":                   "must begin with https://",
		"https://":                             "no host",
		"https://u@example.com/":               "username",
		"https://u:p@example.com/":             "username",
		"https://example.com/#top":             "fragment",
		"https://example.com/#":                "fragment",
		"https://example.com/?q=a b":           "space in its query",
		"https://example.com/?q=é":             "non-ASCII",
		"https://example.com/?bodySHA256=00":   "bodySHA256",
		"https://example.com/?a;&body%53HA256": "bodySHA256",
		"https://exämple.com/":                 "xn--",
		"https://[fe80::1%25eth0]/":            "xn--",
		"https://example.com:0/":               "1 to 65535",
		"https://example.com:65536/":           "1 to 65535",
		"https://example.com:http/":            "not a URL",
		" https://example.com/":                "spaces around",
		"https://example.com/\n":               "spaces around",
		"https://example.com/\x00":             "not a URL",
	} {
		err := frontline.CheckCallbackURL(raw)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckCallbackURL(%q) = %v, want an error with %q", raw, err, want)
		}
		if c, err := frontline.NewClient(raw, frontline.ClientOptions{}); c != nil || err == nil {
			t.Errorf("NewClient(%q) = %v, %v, want an error", raw, c, err)
		}
	}
	for _, raw := range []string{
		"https://example.com", "http://127.0.0.1:8080/callbacks/crm", "https://xn--exmple-cua.com/", "https://[::1]:8443/crm",
		"https://example.com/café?q=%20&token=a+b&bodysha=1", "https://example.com/a b",
	} {
		if err := frontline.CheckCallbackURL(raw); err != nil {
			t.Errorf("CheckCallbackURL(%q) = %v, want nil", raw, err)
		}
	}
}
