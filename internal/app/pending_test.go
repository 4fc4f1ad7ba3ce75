package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

func TestPending_List(t *testing.T) {
	c, _, h, log := newTestApp(t, nil)
	c.add("alice", many(40)...)
	b := signedIn(t, h, "alice")
	for _, path := range []string{"/customers", "/customers?q=name", "/customers?page=after-30", "/customers?page=after-30&q=name", "/customers?newer=1000"} {
		c.pendingCount = 1
		a := b.get(path)
		says := "Loading your customers…"
		switch {
		case strings.Contains(path, "page="):
			says = "Loading more customers…"
		case strings.Contains(path, "q="):
			says = "Searching your customers…"
		}
		a.must(t, http.StatusOK, []string{`data-pending="2"`, says, "responding slowly", `<noscript><meta http-equiv="refresh" content="2"></noscript>`, `class="rows skeleton"`},
			"data-error-code", "No customers yet", "No results", "data-customer-id", `rel="next"`, "data-as-of")
		if got := a.Header.Get("Refresh"); got != "" {
			t.Errorf("GET %s: Refresh %q, want none, which would reload a page with scripts", path, got)
		}
		if a.Header.Get("Retry-After") != "2" {
			t.Errorf("GET %s: Retry-After %q, want 2", path, a.Header.Get("Retry-After"))
		}
		c.pendingCount = 1
		part := b.getPart(path, "list")
		part.must(t, http.StatusAccepted, []string{`data-pending="2"`, says}, "data-error-code", "<html", "http-equiv")
		if part.Header.Get("Retry-After") != "2" {
			t.Errorf("GET %s, part: Retry-After %q, want 2", path, part.Header.Get("Retry-After"))
		}
		b.get(path).must(t, http.StatusOK, []string{"data-customer-id"}, "data-pending", "http-equiv")
		b.getPart(path, "list").must(t, http.StatusOK, []string{"data-customer-id"}, "data-pending")
	}
	if strings.Contains(log.String(), "service unavailable") || strings.Contains(log.String(), "level=WARN") {
		t.Errorf("pending data is logged as a failure:\n%s", log)
	}
}

func TestPending_Details(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"})
	b := signedIn(t, h, "alice")
	c.pendingCount = 1
	b.getPart("/customers/1", "detail").must(t, http.StatusAccepted, []string{`data-pending="2"`, "Loading details…", `class="back" href="/customers"`}, "data-error-code", "The One")
	c.pendingCount = 2 // for the list beside them too
	b.get("/customers/1?q=the").must(t, http.StatusOK, []string{`<div class="person" data-title="Customer details" data-pending="2"`, "Searching your customers…", "http-equiv", `href="/customers?q=the"`, "<h1"},
		"data-error-code", "The One")
	b.get("/customers/1").must(t, http.StatusOK, []string{"The One</bdi></h1>"}, "data-pending", "http-equiv")
}

func TestPending_ListBesideDetails(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"})
	b := signedIn(t, h, "alice")
	c.failList = &frontline.UnavailableError{Pending: true}
	b.get("/customers/1").must(t, http.StatusOK, []string{"The One</bdi></h1>", `data-pending="1"`, `<noscript> <a href="">Check again</a></noscript>`}, "data-error-code", "http-equiv")
	b.getPart("/customers/1", "detail").must(t, http.StatusOK, []string{"The One</bdi></h1>"}, "data-pending")
}

func TestList_SearchFieldSaysWhatItSearches(t *testing.T) {
	c, _, h, _ := newTestApp(t, nil)
	c.add("alice", named("Anna")...)
	b := signedIn(t, h, "alice")
	for _, test := range []struct {
		told        frontline.Searchable
		placeholder string
		attribute   string
	}{
		{frontline.SearchableYes, "Search name, phone, or email", `data-searches="all"`},
		{frontline.SearchableNo, "Search names", `data-searches="names"`},
		{frontline.SearchableUnknown, "Search name, phone, or email", ""},
	} {
		c.searches = test.told
		a := b.get("/customers?q=a")
		a.must(t, http.StatusOK, []string{`placeholder="` + test.placeholder + `" aria-label="` + test.placeholder + `"`, test.attribute})
		if test.attribute == "" {
			a.must(t, http.StatusOK, nil, "data-searches=")
		}
	}
}
