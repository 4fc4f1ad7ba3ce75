package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	for _, c := range []struct{ name, want, message, list string }{
		{"names and public addresses", allowedAlways, "", "https://example.com https://example.com./ http://example.com:8080/crm?x=1 https://EXAMPLE.com https://8.8.8.8/ https://[2001:4860:4860::8888]:443/ " +
			"https://[::ffff:8.8.8.8]/ https://[64:ff9b::8.8.8.8]/ https://localhost.example.com https://mylocalhost https://127.0.0.1.example.com https://0x7f.example https://crm https://1e100.net https://a.0xg"},
		{"this machine by name", allowedPrivate, "this machine", "http://localhost http://localhost:8080/crm http://LOCALHOST http://localhost. http://LocalHost.:80/ http://crm.localhost http://a.b.localhost. http://ip6-localhost http://localhost.localdomain"},
		{"this machine by address", allowedPrivate, "a loopback address", "http://127.0.0.1 http://127.0.0.1:8080 http://127.0.0.1. http://127.255.255.254 http://[::1] http://[::1]:8080 http://[0:0:0:0:0:0:0:1] http://[::ffff:127.0.0.1] http://[::ffff:7f00:1]"},
		{"this machine inside IPv6", allowedPrivate, "a loopback address", "http://[::127.0.0.1] http://[64:ff9b::127.0.0.1] http://[2002:7f00:1::]"},
		{"private addresses", allowedPrivate, "a private address", "http://10.0.0.1 http://172.16.5.4 http://192.168.1.1:3000 http://100.64.0.1 http://[fd00::1] http://[::ffff:192.168.1.1] http://[fc00::] https://10.255.255.255"},
		{"metadata", forbiddenAlways, "metadata", "http://169.254.169.254 http://169.254.169.254/latest/meta-data/ http://[fd00:ec2::254] http://100.100.100.200 http://[::ffff:169.254.169.254] http://[::ffff:a9fe:a9fe] http://[64:ff9b::a9fe:a9fe] " +
			"http://metadata.google.internal http://metadata.google.internal. http://METADATA.Google.Internal/computeMetadata/v1/ http://metadata http://instance-data http://metadata.goog"},
		{"metadata in odd spellings", forbiddenAlways, "link-local", "http://2852039166 http://0xa9fea9fe http://0xA9.0xFE.0xA9.0xFE http://0251.0376.0251.0376 http://169.16689662 http://169.254.43518 http://0xa9fea9fe. http://025177524776"},
		{"unspecified", forbiddenAlways, "unspecified", "http://0.0.0.0 http://0.0.0.0:8080 http://0 http://0x0 http://00 http://[::] http://[::]:80 http://0.0"},
		{"others", forbiddenAlways, "", "http://[fe80::1] http://[fe80::1%25eth0] http://[::1%25lo] http://224.0.0.1 http://255.255.255.255 http://240.0.0.1 http://0.1.2.3 http://[ff02::1] http://[2001:db8::1] http://192.0.2.1 http://198.18.0.1"},
		{"odd spellings of allowed addresses", "plain", "use 8.8.8.8", "http://134744072 http://0x08080808 http://8.8.2056 http://8.526344 http://010.010.010.010 http://08.8.8.8 http://8.8.8.0x8 http://0x8.8.8.8"},
		{"what is no address", "plain", "", "http://256.1.1.1 http://1.2.3.4.5 http://4294967296 http://1.2.3.999 http://127.0.0.0x100 http://09.1.1.1 http://1..2 http://a.1 http://example.com.7 http://0xffffffffff http://1.2.3.08"},
		{"no host", "plain", "", "https:///path /path example.com mailto:a@example.com http://:80 http://. http://.. http://.example.com http://a..b"},
		{"no URL", "plain", "", "http://[::1 http://[zz]/ http://%41/ :// http://[::g]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for raw := range strings.FieldsSeq(c.list) {
				strict, lax := CheckURL(raw, Policy{}), CheckURL(raw, Policy{AllowPrivate: true})
				var refused *RefusedError
				got := "plain"
				switch {
				case strict == nil && lax == nil:
					got = allowedAlways
				case errors.As(strict, &refused) && lax == nil:
					got = allowedPrivate
				case errors.As(strict, &refused) && errors.As(lax, &refused):
					got = forbiddenAlways
				}
				if strings.HasPrefix(raw, "http://08.8") || strings.HasPrefix(raw, "http://09.") || strings.HasSuffix(raw, ".08") {
					if strict == nil { // invalid octal, and not decimal for strict parsers
						t.Errorf("CheckURL(%s) = nil", raw)
					}
					continue
				}
				if got != c.want {
					t.Errorf("CheckURL(%s) is %s (%v; %v), want %s", raw, got, strict, lax, c.want)
					continue
				}
				if strict == nil {
					continue
				}
				if !strings.Contains(strict.Error(), c.message) {
					t.Errorf("CheckURL(%s) = %q, want it to say %q", raw, strict, c.message)
				}
				if named := strings.Contains(strict.Error(), "--allow-private-callbacks"); named != (got == allowedPrivate) {
					t.Errorf("CheckURL(%s) = %q names the flag: %v", raw, strict, named)
				}
			}
		})
	}
}

func TestCheckURL_UnusualSpellings(t *testing.T) {
	for raw := range strings.FieldsSeq("http://2130706433 http://0x7f000001 http://0177.0.0.1 http://0x7f.1 http://127.1 http://127.0.1 http://017700000001 http://0x7F.0.0.0x1 http://127.1. http://0177.0x0.0.01") {
		var refused *RefusedError
		if err := CheckURL(raw, Policy{}); !errors.As(err, &refused) || !strings.Contains(refused.Reason, "loopback") {
			t.Errorf("CheckURL(%s) = %v, want a loopback address refused", raw, err)
		}
		if err := CheckURL(raw, Policy{AllowPrivate: true}); err == nil || !strings.Contains(err.Error(), "use 127.0.0.1") {
			t.Errorf("CheckURL(%s, AllowPrivate) = %v, want it to suggest 127.0.0.1", raw, err)
		}
	}
}

// FuzzCheckURL checks that an accepted host is a name, or an allowed address in its usual
// spelling.
func FuzzCheckURL(f *testing.F) {
	for _, raw := range []string{"https://example.com/crm", "http://127.0.0.1", "http://0x7f.1:80/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1%25eth0]/",
		"http://2130706433", "http://localhost.", "http://a@b:80/?q#f", "http://0177.0.0.1", "http://1;.2", "http://%e2%91%a0.1"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if CheckURL(raw, Policy{}) != nil {
			return
		}
		if err := CheckURL(raw, Policy{AllowPrivate: true}); err != nil {
			t.Errorf("CheckURL(%q) fails only with AllowPrivate: %v", raw, err)
		}
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatalf("CheckURL(%q) accepts an invalid URL", raw)
		}
		host := strings.TrimSuffix(u.Hostname(), ".")
		if addr, err := netip.ParseAddr(host); err == nil {
			if err := (Policy{}).Check(addr); err != nil {
				t.Errorf("CheckURL(%q) accepts the address %s", raw, addr)
			}
		} else if addr, ok := parseIPv4(strings.ToLower(host)); ok {
			t.Errorf("CheckURL(%q) accepts a spelling of %s", raw, addr)
		}
	})
}
