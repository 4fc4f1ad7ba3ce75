package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
)

// testResult is what a test showed: the template "result".
type testResult struct {
	Title string
	// Problem is why there was no test; the rest is empty then. Field is the id of the
	// field that is wrong, "" for none.
	Problem, Field string
	// Good tells that the answer can be used; Tag is its status, or the published
	// code of the failure, and Code that code alone, "" for none.
	Good      bool
	Tag, Code string
	// CodeText is what the code means, Remedy what to do.
	CodeText, Diagnosis string
	// Summary is what matters most of an answer, in a few words each.
	Summary []string
	Notes   []string
	Facts   []fact
	// Request and Came are the two halves of the exchange; nil when there is none.
	Request, Response *message
	// Unsaved tells that a token was used that was typed, and is not kept.
	Unsaved bool
}

// fact is one line about an exchange.
type fact struct{ Name, Value string }

// message is a request or an answer as it went over the wire.
type message struct {
	// Line is the request's or the answer's first line.
	Line    string
	Headers []fact
	Body    string
	Cut     bool
	// Length is how long the body is in words, when Cut.
	Length string
}

func testTitle(t *serviceTest, v *visit) string {
	return v.Locale.Text("console.test.title", "worker", Line(t.Worker, 100))
}

// describeRefusal is about a test that cannot be made: what is missing is said here too,
// for who sees the result alone.
func describeRefusal(t *serviceTest, wrong map[string]string, v *visit) *testResult {
	r := &testResult{Title: v.Locale.Text("console.test.none")}
	for _, name := range []string{fieldName(t.which), "worker", "query", "customer", "address"} {
		if wrong[name] != "" {
			r.Problem, r.Field = wrong[name], name
			break
		}
	}
	if r.Field == fieldName(t.which) {
		r.Code = strconv.Itoa(int(frontline.CodeNoCallbackURL))
	}
	return r
}

// describeTest puts what a test brought in words.
func describeTest(t *serviceTest, v *visit) *testResult {
	w := v.Locale
	r := &testResult{Title: testTitle(t, v), Good: t.err == nil, Unsaved: t.unsavedToken}
	if t.responded {
		r.Tag = strings.TrimSpace(strconv.Itoa(t.status) + " " + http.StatusText(t.status))
	}
	if t.err != nil {
		r.Diagnosis = t.diagnosis(w)
		switch code := t.code(); {
		case code != 0:
			r.Code = strconv.Itoa(int(code))
			r.CodeText = w.Text("console.code." + r.Code)
		case errors.Is(t.err, frontline.ErrNotFound):
			r.Code = "not-found"
		default:
			r.Code = "failed"
		}
	}
	if t.method != "" {
		r.Summary = append(r.Summary, Duration(t.took, w))
	}
	if t.responded {
		r.Summary = append(r.Summary, Size(int64(len(t.responseBody)), w))
	}
	if t.err == nil {
		r.Summary = append(r.Summary, t.resultText(w))
		for _, n := range t.protocolNotes() {
			r.Notes = append(r.Notes, w.Text(n.key, n.pairs...))
		}
	}
	r.Facts = t.facts(w)
	r.Request, r.Response = t.requestMessage(), t.responseMessage(w)
	return r
}

// resultText says what an answer that can be used brought.
func (t *serviceTest) resultText(w *locale.Locale) string {
	switch {
	case t.which == outgoing:
		return Line(t.address, 100)
	case t.which == templates:
		n := 0
		for _, g := range t.categories {
			n += len(g.Templates)
		}
		return w.Count("console.templates.count", n)
	case t.question == questionDetails:
		return Line(t.customer.DisplayName, 100)
	}
	return w.Count("list.count", len(t.customers))
}

// facts are what is told line by line.
func (t *serviceTest) facts(w *locale.Locale) (all []fact) {
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, value})
		}
	}
	if t.err == nil && t.which == crm && t.question != questionDetails {
		searchable := w.Text("console.fact.searchable.unknown")
		switch t.searchable {
		case frontline.SearchableYes:
			searchable = w.Text("console.fact.searchable.yes")
		case frontline.SearchableNo:
			searchable = w.Text("console.fact.searchable.no")
		}
		add(w.Text("console.fact.searchable"), searchable)
		next := w.Text("console.fact.next.none")
		if t.next != "" {
			next = Line(t.next, 60)
		}
		add(w.Text("console.fact.next"), next)
		add(w.Text("console.fact.second"), t.second.fact(w))
	}
	if t.builtIn {
		add(w.Text("console.fact.service"), w.Text("console.builtin"))
		return all
	}
	if t.firstByte > 0 {
		add(w.Text("console.fact.first"), Duration(t.firstByte, w))
	}
	switch {
	case t.reused:
		add(w.Text("console.fact.connection"), w.Text("console.fact.connection.kept"))
	case t.connected > 0:
		add(w.Text("console.fact.connection"), Duration(t.connected, w))
	}
	add(w.Text("console.fact.address"), t.remoteAddr)
	add(w.Text("console.fact.tls"), t.tlsVersion)
	return all
}

// requestMessage is the request as it went out. Of the signature there is enough to compare
// two by, and too little to use.
func (t *serviceTest) requestMessage() *message {
	if t.method == "" {
		return nil
	}
	m := &message{Line: t.method + " " + Line(t.url, 2*MaxValueShown)}
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
		lines = append(lines, name+"="+Line(value, MaxValueShown))
	}
	m.Body = strings.Join(lines, "\n")
	return m
}

// shownHeaders are the headers of an answer that help to understand it.
var shownHeaders = []string{"Content-Type", "Content-Length", "Location", "Retry-After", "Allow", "WWW-Authenticate", "Server", "Via"}

// responseMessage is the answer as it was received.
func (t *serviceTest) responseMessage(w *locale.Locale) *message {
	if !t.responded {
		return nil
	}
	m := &message{Line: strings.TrimSpace(t.proto + " " + strconv.Itoa(t.status) + " " + http.StatusText(t.status))}
	for _, name := range shownHeaders {
		if value := t.responseHeader.Get(name); value != "" {
			m.Headers = append(m.Headers, fact{name, Line(value, MaxValueShown)})
		}
	}
	m.Body, m.Cut = formatBody(t.responseBody)
	m.Length = Size(int64(len(t.responseBody)), w)
	return m
}

// Duration writes how long something took: 0.4 ms, 142 ms, 1.42 s.
func Duration(d time.Duration, w *locale.Locale) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 10:
		return w.Text("console.unit.ms", "n", Decimal(ms, 1, w))
	case ms < 1000:
		return w.Text("console.unit.ms", "n", Decimal(ms, 0, w))
	}
	return w.Text("console.unit.s", "n", Decimal(ms/1000, 2, w))
}

// Size writes how long a body is: 512 B, 1.9 KiB.
func Size(n int64, w *locale.Locale) string {
	switch {
	case n < 1<<10:
		return w.Text("console.unit.b", "n", n)
	case n < 1<<20:
		return w.Text("console.unit.kib", "n", Decimal(float64(n)/(1<<10), 1, w))
	}
	return w.Text("console.unit.mib", "n", Decimal(float64(n)/(1<<20), 1, w))
}

// Decimal writes a number with the language's own sign before its fraction.
func Decimal(f float64, digits int, w *locale.Locale) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', digits, 64), ".", w.Text("console.unit.point"), 1)
}
