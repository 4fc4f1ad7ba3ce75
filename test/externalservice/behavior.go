package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A behavior is how the service responds to callbacks.
type behavior struct {
	customers int // of each worker
	delay     time.Duration
	trickle   time.Duration // between the pieces of a response body
	failFrom  int           // pages that begin at this row or later fail; 0 is never
	failAfter int           // list calls after so many fail; 0 is never
	rate      int           // more requests in a second get 429; 0 is no limit
	status    int           // of every response, unless 0
	redirect  int           // status of a redirect, unless 0
	location  string        // target of a redirect; "" is the service itself
	deleted   map[string]bool

	paging     string // see modes
	ids        string // "" such as abcd-12, "numbers", "salesforce"
	searchable string // "yes", "no", "late", "late-no", "unset", "unset-no"
	missing    string // response for an unknown customer: "404", "{}", "null", "empty"
	avatars    string // kind of avatars, "" is none

	down, flapping, flaps, html404, html500, oversize, truncated, endless, emptied, null bool
	bom, comma, dirty, nameless, undefined, rowsMore, rowsShort                          bool
	dies, others, wantsPercent, refusesQueries                                           bool
}

// normal is a service without faults that pages by anchor and searches.
func normal() behavior {
	return behavior{customers: 70, paging: "anchor", searchable: "yes", missing: "404"}
}

// modes returns the values of mode; several may be given, separated by commas.
func modes() map[string]func(*behavior) {
	paging := func(kind string) func(*behavior) { return func(b *behavior) { b.paging = kind } }
	searchable := func(kind string) func(*behavior) { return func(b *behavior) { b.searchable = kind } }
	ids := func(kind string) func(*behavior) { return func(b *behavior) { b.ids = kind } }
	return map[string]func(*behavior){
		"normal": func(*behavior) {},

		// Paging. All but the first three send a next_page_token.
		"anchor":          paging("anchor"),
		"same-page":       paging("same-page"),       // whatever the anchor is
		"whole":           paging("whole"),           // the whole list, whatever PageSize and anchor are
		"token":           paging("token"),           // a string, absent on the last page
		"token-number":    paging("token-number"),    // a JSON number
		"token-null":      paging("token-null"),      // null always: pages by anchor
		"token-empty":     paging("token-empty"),     // "" always: pages by anchor
		"token-end-null":  paging("token-end-null"),  // a string, null on the last page
		"token-end-empty": paging("token-end-empty"), // a string, "" on the last page
		"token-repeated":  paging("token-repeated"),  // the last page returns its own token
		"token-loop":      paging("token-loop"),      // the last page leads to the first
		"token-changing":  paging("token-changing"),  // a string, a number, a string ...
		"token-late":      paging("token-late"),      // the first page has none
		"token-cursor":    paging("token-cursor"),    // always the same; the service counts pages
		"filtered":        paging("filtered"),        // three empty pages before each page, and at the end
		"restarts":        paging("restarts"),        // the third list call of each worker gets the first page

		// Searching.
		"searchable":         searchable("yes"),
		"unsearchable":       searchable("no"),
		"searchable-late":    searchable("late"),    // set in responses to a Query only
		"unsearchable-late":  searchable("late-no"), // the same, and it does not search
		"searchable-unset":   searchable("unset"),   // searches, never sets it
		"unsearchable-unset": searchable("unset-no"),
		"wants-percent":      func(b *behavior) { b.wantsPercent = true },   // 401 if a blank comes as +
		"refuses-queries":    func(b *behavior) { b.refusesQueries = true }, // 401

		// Failing.
		"slow":      func(b *behavior) { b.delay = 5 * time.Second },
		"trickle":   func(b *behavior) { b.trickle = 200 * time.Millisecond },
		"down":      func(b *behavior) { b.down = true },     // closes every connection
		"flapping":  func(b *behavior) { b.flapping = true }, // every other response is an error
		"flaps":     func(b *behavior) { b.flaps = true },    // 2 s good, 2 s html500, and so on
		"html404":   func(b *behavior) { b.html404 = true },  // as a tunnel whose end is offline
		"html500":   func(b *behavior) { b.html500 = true },
		"emptied":   func(b *behavior) { b.emptied = true }, // an outage told as an empty list
		"truncated": func(b *behavior) { b.truncated = true },
		"oversize":  func(b *behavior) { b.oversize = true }, // over 64 KiB
		"endless":   func(b *behavior) { b.endless = true },  // chunks until the caller goes away
		"redirect":  func(b *behavior) { b.redirect = 307 },
		"dies":      func(b *behavior) { b.dies = true }, // exits at an unknown id

		// Deviations from the protocol.
		"numbers":    ids("numbers"),
		"salesforce": ids("salesforce"),                        // 15 characters in the list, 18 in details
		"others":     func(b *behavior) { b.others = true },    // details are of another customer
		"null":       func(b *behavior) { b.null = true },      // for the list and optional fields
		"bom":        func(b *behavior) { b.bom = true },       // and text/html
		"comma":      func(b *behavior) { b.comma = true },     // before ]
		"dirty":      func(b *behavior) { b.dirty = true },     // unusable rows among good ones
		"nameless":   func(b *behavior) { b.nameless = true },  // some rows, and all details
		"undefined":  func(b *behavior) { b.undefined = true }, // contacts and links
		"rows-more":  func(b *behavior) { b.rowsMore = true },
		"rows-short": func(b *behavior) { b.rowsShort = true },
	}
}

// parseBehavior reads a form; what it does not name is normal.
func parseBehavior(form url.Values) (behavior, error) {
	b := normal()
	known := modes()
	for _, names := range form["mode"] {
		for name := range strings.SplitSeq(names, ",") {
			set := known[name]
			if set == nil {
				return b, fmt.Errorf("unknown mode %q: want %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
			}
			set(&b)
		}
	}
	for name, values := range form {
		value := values[0]
		var err error
		switch name {
		case "mode":
		case "customers":
			b.customers, err = strconv.Atoi(value)
		case "delay":
			b.delay, err = time.ParseDuration(value)
		case "fail_from":
			b.failFrom, err = strconv.Atoi(value)
		case "fail_after":
			b.failAfter, err = strconv.Atoi(value)
		case "rate":
			b.rate, err = strconv.Atoi(value)
		case "status":
			b.status, err = strconv.Atoi(value)
		case "redirect":
			b.redirect, err = strconv.Atoi(value)
		case "location":
			b.location = value
		case "missing":
			b.missing, err = value, oneOf(value, "404", "{}", "null", "empty")
		case "avatars":
			b.avatars, err = value, oneOf(value, "png", "svg", "html", "huge", "none", "all")
		case "deleted":
			b.deleted = make(map[string]bool)
			for id := range strings.SplitSeq(value, ",") {
				b.deleted[id] = true
			}
		default:
			err = fmt.Errorf("unknown parameter")
		}
		if err != nil {
			return b, fmt.Errorf("%s=%s: %w", name, value, err)
		}
	}
	return b, nil
}

func oneOf(value string, allowed ...string) error {
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("want one of %s", strings.Join(allowed, ", "))
	}
	return nil
}
