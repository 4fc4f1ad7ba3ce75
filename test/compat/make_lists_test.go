package compat

import (
	"encoding/json"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// builtIn takes pages of the built-in service in hand, then changes customers under them;
// and links that are made while numbers are hidden.
func (m *maker) builtIn() {
	for _, p := range []pageInHand{{Worker: alice}, {Worker: alice, Query: "a"}, {Worker: bob}} {
		got := m.s.callback(m.m.Token, listParams(p, ""))
		var page struct {
			Objects struct {
				Customers []struct {
					ID string `json:"customer_id"`
				} `json:"customers"`
				Next string `json:"next_page_token"`
			} `json:"objects"`
		}
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || page.Objects.Next == "" {
			m.t.Fatalf("no next page for %+v: %v\n%s", p, err, got.body)
		}
		p.Token = page.Objects.Next
		m.m.Pages = append(m.m.Pages, p)
		last := page.Objects.Customers[len(page.Objects.Customers)-1].ID
		switch { // the token follows a customer who was since renamed, deleted or reassigned
		case p.Query != "":
			m.post(m.m.Admin, "/console/customers/chosen", "do", "assign-now", "id", last, "worker", carol)
		case p.Worker == alice:
			m.change(m.m.Admin, last, "name", "Aaron Renamed", "worker", alice)
		default:
			m.post(m.m.Admin, "/console/customers/chosen", "do", "delete-now", "id", last)
		}
	}
	a := m.m.Sessions[alice]
	m.get(a, "/customers/every-channel")
	if got := m.s.get("/customers/not-hers", a); got.status != http.StatusNotFound {
		m.t.Fatalf("an unassigned customer: status %d", got.status)
	}
	m.post(m.m.Admin, "/console/callbacks", "mask_numbers", "on", "mask_numbers_was", "off")
	for _, who := range []struct{ worker, query, id string }{{alice, "agent", "+15557040199"}, {alice, "zo", "every-channel"}} {
		rows := m.get(a, "/customers?q="+who.query)
		l := link{Worker: who.worker, ID: who.id, Href: find(m, rows, `class="row" href="([^"]+)"`), Picture: find(m, rows, `<img src="([^"]+)"`)}
		m.get(a, l.Href)
		m.m.Masked = append(m.m.Masked, l)
	}
	for i := range 6 { // many numbers were searched for
		m.s.get("/customers?q=1555704010"+strconv.Itoa(i), a)
	}
	for _, href := range hrefs(m.get(a, "/customers"))[:16] { // more than are usual
		m.get(a, href)
	}
}

func listParams(p pageInHand, token string) url.Values {
	params := url.Values{"Location": {"GetCustomersList"}, "Worker": {p.Worker}, "PageSize": {"30"}}
	if p.Query != "" {
		params.Set("Query", p.Query)
	}
	if token != "" {
		params.Set("NextPageToken", token)
	}
	return params
}

// rowHref matches the links of a list's rows.
var rowHref = regexp.MustCompile(`class="row" href="([^"]+)"`)

func hrefs(body string) (all []string) {
	for _, found := range rowHref.FindAllStringSubmatch(body, -1) {
		all = append(all, html.UnescapeString(found[1]))
	}
	return all
}

// otherService sets the URL of another service, and has workers read its customers.
func (m *maker) otherService() {
	stop := startOther(m.t, serviceAddr)
	a := m.m.Admin
	m.post(a, "/console/callbacks", "crm_callback_url", "http://"+serviceAddr+"/crm?key=secret",
		"outgoing_callback_url", "https://crm.example.com/outgoing?key=secret", "templates_callback_url", "https://crm.example.com/templates")
	m.post(a, "/console/callbacks/test", "which", "crm", "worker", bob, "question", "list")
	m.post(a, "/console/callbacks/test", "which", "crm", "worker", bob, "question", "details", "customer", "ext-1")
	for _, k := range []keptList{{Worker: bob, Whole: true}, {Worker: carol}} {
		c := m.m.Sessions[k.Worker]
		first := m.get(c, "/customers")
		k.Next, k.Details = find(m, first, `rel="next" href="([^"]+)"`), map[string]string{}
		all := hrefs(first)
		for i, href := range map[string]string{"ext-0": all[0], "+15557041001": all[1], "ext-2": all[2]} {
			k.Details[i] = href
			m.get(c, href)
		}
		for _, found := range regexp.MustCompile(`<img src="([^"]+)"`).FindAllStringSubmatch(first, 2) {
			k.Pictures = append(k.Pictures, html.UnescapeString(found[1]))
		}
		for next := k.Next; k.Whole; {
			found := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(m.get(c, next))
			if found == nil {
				break
			}
			next = html.UnescapeString(found[1])
		}
		m.get(c, "/customers?q=person")
		m.m.Kept = append(m.m.Kept, k)
	}
	stop()
}

// startOther starts an integration service: 75 customers of any worker, by token.
func startOther(t *testing.T, addr string) (stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the fixture's database names an integration service at %s, and something else has that port: %v", addr, err)
	}
	s := &http.Server{Handler: http.HandlerFunc(other)}
	go s.Serve(listener)
	return func() { s.Close() }
}

// otherID is the id of a customer of the other service: every tenth holds a number.
func otherID(i int) string {
	if i%10 == 1 {
		return "+1555704" + strconv.Itoa(1000+i)
	}
	return "ext-" + strconv.Itoa(i)
}

func other(w http.ResponseWriter, r *http.Request) {
	type object = map[string]any
	row := func(i int) object {
		return object{"customer_id": otherID(i), "display_name": "Person " + strconv.Itoa(100+i), "avatar": "https://pictures.example.net/" + strconv.Itoa(i) + ".png"}
	}
	objects := object{}
	switch r.FormValue("Location") {
	case "GetCustomersList":
		from, _ := strconv.Atoi(strings.TrimPrefix(r.FormValue("NextPageToken"), "page-"))
		rows := []object{}
		for i := from; i < min(from+30, 75); i++ {
			rows = append(rows, row(i))
		}
		objects["customers"], objects["searchable"] = rows, true
		if from+30 < 75 {
			objects["next_page_token"] = "page-" + strconv.Itoa(from+30)
		}
	default:
		for i := range 75 {
			if otherID(i) == r.FormValue("CustomerId") {
				c := row(i)
				c["channels"] = []object{{"type": "sms", "value": "+1555704" + strconv.Itoa(2000+i)}, {"type": "email", "value": "p" + strconv.Itoa(i) + "@example.net"}}
				c["details"] = object{"title": "Notes", "content": "Number " + strconv.Itoa(i) + " of 15557043000"}
				objects["customer"] = c
			}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(object{"objects": objects})
}
