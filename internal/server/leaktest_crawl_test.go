package server

import (
	"html"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	// The text of a search may be repeated only in the search field, and in the address
	// of the next page of its results.
	typedAgain  = regexp.MustCompile(`<input[^>]*\bname="q"[^>]*>|<a[^>]*\brel="next"[^>]*>`)
	tokenOfPage = regexp.MustCompile(`(/customers/[^?]*)\?.*page=[\w-]+`) // another one each time
)

// references returns the paths in the attributes of a page.
func references(body string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for before, rest, ok := strings.Cut(body, `="/`); ok; before, rest, ok = strings.Cut(rest, `="/`) {
			path, _, _ := strings.Cut(rest, `"`)
			for _, name := range []string{"href", "src", "action", "data-self", "data-again"} {
				if strings.HasSuffix(before, name) && !yield("/"+path) {
					return
				}
			}
		}
	}
}

// walk requests every route of the program, follows every reference in ada's pages,
// searches, and guesses.
func (l *leakServer) walk() {
	l.t.Helper()
	inTable := make(map[string]bool)
	for _, c := range everyRoute {
		inTable[c.route] = true
		for _, who := range []string{"ada", ""} {
			for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
				for _, part := range []string{"", "list", "detail"} {
					if part == "" || method == "GET" {
						l.request(who, method, c.path, part, "")
						if method == "POST" && strings.HasPrefix(c.path, "/sign") {
							l.signIn(l.t, "ada", "") // that ended her session
						}
					}
				}
			}
		}
	}
	for _, r := range l.all {
		if !inTable[r.Path] {
			l.t.Errorf("route %s is not in everyRoute", r.Path)
		}
	}
	if conversations := l.follow("ada", "/conversations", 300); len(conversations) < len(leakForms()) {
		l.t.Errorf("only %d customers are linked from conversations, want %d or more", len(conversations), len(leakForms()))
	}
	handles := l.follow("ada", "/customers", 400)
	for _, target := range handles {
		if code := l.get("ada", target, "detail").Code; code != http.StatusOK {
			l.t.Errorf("GET %s: status %d, want 200", target, code)
		}
	}
	l.search()
	l.guess(handles)
	l.checkLog()
}

// follow requests every page that can be reached from a page, as a whole and in parts,
// and returns the addresses of customers.
func (l *leakServer) follow(who, from string, most int) (customers []string) {
	l.t.Helper()
	known, seen := map[string]bool{from: true}, make(map[string]bool)
	avatars := 0
	for queue := []string{from}; len(queue) > 0 && len(known) < 5000 && most > 0; queue = queue[1:] {
		target := queue[0]
		isCustomer := strings.HasPrefix(target, "/customers/")
		if strings.HasPrefix(target, "/avatars/") {
			if avatars++; avatars > 1 { // each is the same, and looks up a host
				continue
			}
		}
		if strings.HasPrefix(target, "/signout") {
			continue
		}
		most--
		if isCustomer {
			customers = append(customers, target)
		}
		body := l.wait(who, target, "")
		if strings.HasPrefix(target, "/customers") {
			part := "list"
			if isCustomer {
				part = "detail"
			}
			body += l.wait(who, target, part)
		}
		for next := range references(body) {
			if seen[next] {
				continue
			}
			seen[next] = true
			next, _, _ = strings.Cut(html.UnescapeString(next), "#")
			if key := tokenOfPage.ReplaceAllString(next, "$1"); !known[key] {
				known[key] = true
				queue = append(queue, next)
			}
		}
	}
	return customers
}

// wait requests a page until it is loaded, and returns it.
func (l *leakServer) wait(who, target, part string) string {
	l.t.Helper()
	for deadline := time.Now().Add(waitLimit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		w := l.request(who, "GET", target, part, "")
		if body := w.Body.String(); !strings.Contains(body, ` data-pending="`) {
			return body
		}
	}
	l.t.Fatalf("GET %s %s: still loading after %v", target, part, waitLimit)
	return ""
}

// search searches for everything that may reveal a number.
func (l *leakServer) search() {
	queries := []string{"anna", "zoe", "anna9786", "anna9786@example.com", "9786", "０１４９７８６", "tel:9786", "9", "Company", "Job 9786", "x", "…9786", "' OR 1=1", "XXXX", "555014XXXX"}
	for _, form := range leakForms() {
		queries = append(queries, form)
	}
	slices.Sort(queries)
	for _, q := range queries {
		target := "/customers?" + url.Values{"q": {q}}.Encode()
		for _, part := range []string{"", "list"} {
			l.wait("ada", target, part)
		}
	}
	l.request("ada", "GET", "/customers?q="+leakNumber+"&page="+leakNumber, "", "")
}

// guess requests customers by their raw ids, by handles of another worker, and without
// a session.
func (l *leakServer) guess(handles []string) {
	l.t.Helper()
	var ids []string
	for _, c := range leakCustomers() {
		ids = append(ids, c.ID)
	}
	for _, id := range append(ids, leakNumber, "~"+leakNumber, "+"+leakNumber, "0171/349786", "nobody "+leakNumber) {
		for _, target := range []string{"/customers/" + url.PathEscape(id), "/customers?" + url.Values{"id": {id}}.Encode()} {
			w := l.request("ada", "GET", target, "detail", "")
			if w.Code != http.StatusNotFound && !strings.HasPrefix(id, "plain-") {
				l.found["guessed "+target] = http.StatusText(w.Code)
			}
			l.request("", "GET", target, "", "")
		}
	}
	sealed := 0
	for _, target := range handles {
		if !strings.HasPrefix(target, "/customers/~") {
			continue
		}
		sealed++
		if w := l.request("eve", "GET", target, "detail", ""); w.Code != http.StatusNotFound {
			l.found["eve has ada's "+target] = http.StatusText(w.Code)
		}
	}
	if sealed < len(leakForms()) {
		l.t.Errorf("only %d customers have handles, want %d or more", sealed, len(leakForms()))
	}
}
