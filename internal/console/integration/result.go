package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// testResult is the outcome of a test: the template "result".
type testResult struct {
	Title string
	// Problem is why no test was made; the rest is empty then. Field is the id of the
	// invalid field, "" for none.
	Problem, Field string
	// Good reports whether the response can be used. Tag is its status, or the code of the
	// failure; Code is that code alone, "" for none.
	Good      bool
	Tag, Code string
	// CodeText is what the code means, Diagnosis what to do.
	CodeText, Diagnosis string
	// Summary has the main facts in a few words each.
	Summary []string
	Notes   []string
	Facts   []fact
	// Request and Response are nil when there was none.
	Request, Response *message
	// Unsaved reports whether the test used a token that is not saved.
	Unsaved bool
}

// fact is a labeled value.
type fact struct{ Name, Value string }

// message is a request or a response as it was sent.
type message struct {
	// Line is the first line.
	Line    string
	Headers []fact
	Body    string
	Cut     bool
	// Length is the body's length in words, when Cut.
	Length string
}

func testTitle(t *serviceTest, v *auth.Viewer) string {
	return v.Locale.Text("console.test.title", "worker", view.Line(t.Worker, 100))
}

// describeRefusal returns the result of a test that cannot be made. It repeats the first
// invalid field's error, because the result may be shown alone.
func describeRefusal(t *serviceTest, problems map[string]string, v *auth.Viewer) *testResult {
	r := &testResult{Title: v.Locale.Text("console.test.none")}
	for _, name := range []string{fieldName(t.callback), "worker", "query", "customer", "address"} {
		if problems[name] != "" {
			r.Problem, r.Field = problems[name], name
			break
		}
	}
	if r.Field == fieldName(t.callback) {
		r.Code = strconv.Itoa(int(frontline.CodeNoCallbackURL))
	}
	return r
}

// describeTest describes the outcome of a test.
func describeTest(t *serviceTest, v *auth.Viewer) *testResult {
	loc := v.Locale
	r := &testResult{Title: testTitle(t, v), Good: t.err == nil, Unsaved: t.unsavedToken}
	if t.responded {
		r.Tag = strings.TrimSpace(strconv.Itoa(t.status) + " " + http.StatusText(t.status))
	}
	if t.err != nil {
		r.Diagnosis = t.diagnosis(loc)
		switch code := t.code(); {
		case code != 0:
			r.Code = strconv.Itoa(int(code))
			r.CodeText = loc.Text("console.code." + r.Code)
		case errors.Is(t.err, frontline.ErrNotFound):
			r.Code = "not-found"
		default:
			r.Code = "failed"
		}
	}
	if t.method != "" {
		r.Summary = append(r.Summary, view.Duration(t.took, loc))
	}
	if t.responded {
		r.Summary = append(r.Summary, view.Size(int64(len(t.responseBody)), loc))
	}
	if t.err == nil {
		r.Summary = append(r.Summary, t.resultText(loc))
		for _, n := range t.protocolNotes() {
			r.Notes = append(r.Notes, loc.Text(n.key, n.pairs...))
		}
	}
	r.Facts = t.facts(loc)
	r.Request, r.Response = t.requestMessage(), t.responseMessage(loc)
	return r
}

// resultText describes the content of a valid response.
func (t *serviceTest) resultText(loc *locale.Locale) string {
	switch {
	case t.callback == outgoing:
		return view.Line(t.address, 100)
	case t.callback == templates:
		n := 0
		for _, g := range t.categories {
			n += len(g.Templates)
		}
		return loc.Count("console.templates.count", n)
	case t.Request == requestDetails:
		return view.Line(text.DisplayName(t.details.DisplayName, loc.Text("list.unnamed")), 100)
	}
	return loc.Count("list.count", len(t.customers))
}

func (t *serviceTest) facts(loc *locale.Locale) (all []fact) {
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, value})
		}
	}
	if t.err == nil && t.callback == crm && t.Request != requestDetails {
		searchable := loc.Text("console.fact.searchable.unknown")
		switch t.searchable {
		case frontline.SearchableYes:
			searchable = loc.Text("console.fact.searchable.yes")
		case frontline.SearchableNo:
			searchable = loc.Text("console.fact.searchable.no")
		}
		add(loc.Text("console.fact.searchable"), searchable)
		next := loc.Text("console.fact.next.none")
		if t.nextToken != "" {
			next = view.Line(t.nextToken, 60)
		}
		add(loc.Text("console.fact.next"), next)
		add(loc.Text("console.fact.second"), t.second.fact(loc))
	}
	if t.builtIn {
		add(loc.Text("console.fact.service"), loc.Text("console.builtin"))
		return all
	}
	if t.firstByte > 0 {
		add(loc.Text("console.fact.first"), view.Duration(t.firstByte, loc))
	}
	switch {
	case t.reused:
		add(loc.Text("console.fact.connection"), loc.Text("console.fact.connection.reused"))
	case t.connected > 0:
		add(loc.Text("console.fact.connection"), view.Duration(t.connected, loc))
	}
	add(loc.Text("console.fact.address"), t.remoteAddr)
	add(loc.Text("console.fact.tls"), t.tlsVersion)
	return all
}

// requestMessage returns the request. Of the signature it shows enough to compare two,
// and too little to use.
func (t *serviceTest) requestMessage() *message {
	if t.method == "" {
		return nil
	}
	m := &message{Line: t.method + " " + view.Line(t.url, 2*view.MaxValue)}
	for _, name := range []string{"Content-Type", "Accept", "User-Agent", frontline.SignatureHeader} {
		value := t.requestHeader.Get(name)
		if value == "" {
			continue
		}
		if name == frontline.SignatureHeader {
			value = value[:6] + "…"
		}
		m.Headers = append(m.Headers, fact{name, value})
	}
	var lines []string
	for pair := range strings.SplitSeq(t.requestBody, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(value); err == nil {
			value = decoded
		}
		lines = append(lines, name+"="+view.Line(value, view.MaxValue))
	}
	m.Body = strings.Join(lines, "\n")
	return m
}

// shownHeaders are the response headers that help to find a fault.
var shownHeaders = []string{"Content-Type", "Content-Length", "Location", "Retry-After", "Allow", "WWW-Authenticate", "Server", "Via"}

func (t *serviceTest) responseMessage(loc *locale.Locale) *message {
	if !t.responded {
		return nil
	}
	m := &message{Line: strings.TrimSpace(t.proto + " " + strconv.Itoa(t.status) + " " + http.StatusText(t.status))}
	for _, name := range shownHeaders {
		if value := t.responseHeader.Get(name); value != "" {
			m.Headers = append(m.Headers, fact{name, view.Line(value, view.MaxValue)})
		}
	}
	m.Body, m.Cut = formatBody(t.responseBody)
	m.Length = view.Size(int64(len(t.responseBody)), loc)
	return m
}

// maxBodyShown is how much of a response body a page shows, in bytes.
const maxBodyShown = 8 << 10

// formatBody returns a body as a page shows it: JSON indented, other text as it is, at
// most maxBodyShown bytes. cut reports whether there is more.
func formatBody(content []byte) (s string, cut bool) {
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	var pretty bytes.Buffer
	// Deep nesting is mostly indentation: show it unindented.
	if json.Valid(content) && json.Indent(&pretty, content, "", "  ") == nil && pretty.Len() < 8*len(content)+1024 {
		content = pretty.Bytes()
	}
	if len(content) > maxBodyShown {
		content, cut = content[:maxBodyShown], true
		for i := 0; i < utf8.UTFMax && !utf8.Valid(content); i++ { // whole characters
			content = content[:len(content)-1]
		}
	}
	return strings.TrimRight(view.Plain(string(content), "\n\t"), "\n"), cut
}
