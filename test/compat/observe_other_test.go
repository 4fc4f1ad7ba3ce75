package compat

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// rows are a list's rows as a worker sees them: ids, links, pictures and names. What follows
// in a link is where the worker was, with a token that differs each time.
func rows(body string) []string {
	return all(body, `<li data-customer-id="([^"]*)"><a class="row" href="([^"?]*)[^>]*>.*?(?:<img src="([^"]*)"|</span>)[^\n]*?<bdi class="name" dir="auto">(.*?)</bdi>`)
}

// asOf is the time of what a page shows from the copies, as it was before times were shifted.
func (o *observer) asOf(body string) string {
	var found []string
	for _, at := range all(body, `data-as-of="([^"]*)"`) {
		when, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			o.t.Errorf("the time of an old page: %v", err)
		}
		found = append(found, when.Add(-o.by).UTC().Format(time.RFC3339Nano))
	}
	return fmt.Sprintf("as of %v", slices.Compact(sorted(found)))
}

// otherService sees what is kept of the other service, while that is down.
func (o *observer) otherService() {
	const name = "other-down.txt"
	for _, k := range o.m.Kept {
		cookie := o.m.Sessions[k.Worker]
		first := o.page("/customers", cookie)
		o.note(name, "# %s: %s\n%s", k.Worker, o.asOf(first), strings.Join(rows(first), "\n"))
		for next := k.Next; next != ""; {
			got := o.s.get(next, cookie)
			if got.status != 200 { // where the copy ends; how the service failed is not of the fixture
				o.note(name, "next: a failure")
				break
			}
			o.note(name, "next: %s\n%s", o.asOf(got.body), strings.Join(rows(got.body), "\n"))
			next = strings.Join(all(got.body, `rel="next" href="([^"]+)"`), "")
		}
		for _, id := range slices.Sorted(maps.Keys(k.Details)) {
			o.details(name, k.Worker, id, k.Details[id])
		}
		o.pictures(name, k.Worker, k.Pictures...)
	}
}

// details sees a customer's page.
func (o *observer) details(name, worker, id, href string) {
	body := o.page(href, o.m.Sessions[worker])
	o.note(name, "%s: %s %q", id, o.asOf(body), all(body, `(?:data-title|data-channel|data-handle)="([^"]*)"`))
	o.note(name, "%q", all(body, `(?s)<bdi class="value" dir="auto">(.*?)</bdi>`))
}

// pictures sees that pictures are their worker's alone. None can be had here.
func (o *observer) pictures(name, worker string, paths ...string) {
	for _, path := range paths {
		for _, who := range []string{worker, admin} {
			got := o.s.get(path, o.m.Sessions[who])
			o.note(name, "%s of %s for %s: status %d %s", path, worker, who, got.status, got.header.Get("Content-Type"))
		}
	}
}

// withoutOtherService checks links to customers of the built-in service, which is used again
// when no other one is set.
func (o *observer) withoutOtherService() {
	got := o.s.post("/console/callbacks", o.m.Admin, url.Values{"crm_callback_url": {""}})
	if got.status != 303 {
		o.t.Errorf("taking the other service's URL away: status %d\n%s", got.status, got.body)
	}
	const name = "masked.txt"
	for _, l := range o.m.Masked {
		o.details(name, l.Worker, l.ID, l.Href)
		o.pictures(name, l.Worker, l.Picture)
		o.note(name, "for another: status %d", o.s.get(l.Href, o.m.Sessions[carol]).status)
	}
}

// halfWay sees lists of the other service go on where they were left, while it is up.
func (o *observer) halfWay() {
	for _, k := range o.m.Kept {
		body := o.page(k.Next, o.m.Sessions[k.Worker])
		o.note("other-up.txt", "# %s\n%s", k.Worker, strings.Join(rows(body), "\n"))
	}
}
