package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/console/view/viewtest"

	"github.com/clientele-project/clientele/internal/web/auth"
)

func TestFormatBody(t *testing.T) {
	for name, test := range map[string]struct {
		came, want string
		cut        bool
	}{
		"JSON is given lines":          {`{"a":[1,2]}`, "{\n  \"a\": [\n    1,\n    2\n  ]\n}", false},
		"a byte order mark goes":       {"\uFEFF{}", "{}", false},
		"other text stays":             {"a\tb\r\nc\n\n", "a\tb\nc", false},
		"controls are seen":            {"a\x00b\x1b[31m\u202e", "a\uFFFDb\uFFFD[31m\uFFFD", false},
		"what is not UTF-8 is seen":    {"a\xffb", "a\uFFFDb", false},
		"emoji and Persian stay whole": {"👨\u200d👩 می\u200cخواهم", "👨\u200d👩 می\u200cخواهم", false},
		"a long one is cut":            {strings.Repeat("x", maxBodyShown+1), strings.Repeat("x", maxBodyShown), true},
		"between characters":           {"x" + strings.Repeat("é", maxBodyShown), "x" + strings.Repeat("é", maxBodyShown/2-1), true},
		"nothing":                      {"", "", false},
	} {
		if got, cut := formatBody([]byte(test.came)); got != test.want || cut != test.cut {
			t.Errorf("formatBody(%.80q), %s = %.80q, cut %v, want %.80q, %v", test.came, name, got, cut, test.want, test.cut)
		}
	}
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	if got, cut := formatBody([]byte(deep)); len(got) > maxBodyShown || !cut {
		t.Errorf("formatBody of deep nesting = %d bytes, cut %v", len(got), cut)
	}
}

// FuzzDescribeTest describes any response: that must not panic, nor let through control
// characters, nor make a long page.
func FuzzDescribeTest(f *testing.F) {
	for _, body := range []string{
		"", "null", "[]", `{"objects":{"customers":[{"customer_id":1,"display_name":null},7,null,[]],"searchable":"x","next_page_token":{}}}`,
		`{"objects":{"customer":{"customer_id":"7","channels":[{"type":1}],"links":[{"value":"://"}],"avatar":[]}}}`, "<html>\x00\u202e", "\uFEFF{", `{"objects":[]}`,
	} {
		f.Add([]byte(body), "application/json", 200)
	}
	f.Add([]byte("x"), "text/html; charset=\xff", 302)
	locales := viewtest.Locales(f)
	f.Fuzz(func(t *testing.T, content []byte, kind string, status int) {
		if len(content) > 70<<10 {
			return
		}
		v := &auth.Viewer{Locale: locales[0], Zone: time.UTC}
		for _, request := range requestTypes {
			for _, callback := range callbacks {
				test := &serviceTest{callback: callback, url: "https://example.com/", testForm: testForm{Worker: "w", Customer: "7", Request: request}}
				test.capture = capture{method: "POST", responded: true, status: status, responseHeader: http.Header{"Content-Type": {kind}}, responseBody: content, requestHeader: http.Header{}}
				r := describeTest(test, v)
				if r.Response == nil || len(r.Response.Body) > 3*maxBodyShown || !utf8.ValidString(r.Response.Body) {
					t.Fatalf("response body = %q", r.Response.Body)
				}
				if strings.ContainsFunc(r.Response.Body, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' || c == '\u202e' }) {
					t.Errorf("the response body has control characters: %q", r.Response.Body)
				}
				if test.invalidResponseKey() == "" || test.statusKey() == "" {
					t.Error("the failure has no diagnosis")
				}
			}
		}
	})
}
