package compat

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// rows are a list's rows as a worker sees them: ids, links, pictures and names. What follows
// in a link is where the worker was, with a token that differs each time.
func rows(body string) []string {
	return all(body, `<li data-customer-id="([^"]*)"><a class="row" href="([^"?]*)[^>]*>.*?(?:<img src="([^"]*)"|</span>)[^\n]*?<bdi class="name" dir="auto">(.*?)</bdi>`)
}

// otherService sees that the copies of the other service's lists, which are of a form that
// is not read any more, are dropped with a line in the log: while the service is down there
// is nothing to show, and nothing else fails.
func (o *observer) otherService() {
	const name, line = "other-down.txt", "copies of another version are not read"
	for _, k := range o.m.Kept {
		o.note(name, "# %s: status %d", k.Worker, o.s.get("/customers", o.m.Sessions[k.Worker]).status)
		o.pictures(name, k.Worker, k.Pictures...)
	}
	o.note(name, "log: %d lines", strings.Count(o.s.log.String(), line))
}

// details sees a customer's page.
func (o *observer) details(name, worker, id, href string) {
	body := o.page(href, o.m.Sessions[worker])
	o.note(name, "%s: as of [] %q", id, all(body, `(?:data-title|data-channel|data-handle)="([^"]*)"`))
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

// halfWay sees lists and customers of the other service, while it is up. A link to a later
// page, into a copy that was dropped, is too old; the links to customers are good.
func (o *observer) halfWay() {
	const name = "other-up.txt"
	for _, k := range o.m.Kept {
		cookie := o.m.Sessions[k.Worker]
		first := o.page("/customers", cookie)
		o.note(name, "# %s\n%s", k.Worker, strings.Join(rows(first), "\n"))
		if k.Next != "" {
			o.note(name, "next: status %d", o.s.get(k.Next, cookie).status)
		}
		if next := strings.Join(all(first, `rel="next" href="([^"]+)"`), ""); next != "" {
			o.note(name, "%s", strings.Join(rows(o.page(next, cookie)), "\n"))
		}
		for _, id := range slices.Sorted(maps.Keys(k.Details)) {
			o.details(name, k.Worker, id, k.Details[id])
		}
	}
}
