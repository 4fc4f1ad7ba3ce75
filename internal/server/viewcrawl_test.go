package server

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// viewCrawl requests pages and collects the views that the audit must have.
type viewCrawl struct {
	*testing.T
	*testServer
	requests int
	// want says, by administrator and customer, which answer held the customer's note.
	want map[[2]string]string
	// met are the forms and pages that held a note, by path.
	met map[string]bool
}

// planted finds the ids of the customers whose notes are in a page.
var planted = regexp.MustCompile(`planted note of (c-[0-9]+)`)

// ask makes a request as an administrator who has viewed nothing yet.
func (c *viewCrawl) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	c.Helper()
	c.requests++
	who := fmt.Sprintf("root-%d", c.requests)
	c.add(c, who, account.RoleAdmin)
	w := c.do(who, method, target, form)
	for _, m := range planted.FindAllStringSubmatch(html.UnescapeString(w.Body.String()), -1) {
		path, _, _ := strings.Cut(target, "?")
		c.met[method+" "+path] = true
		c.want[[2]string{who, m[1]}] = method + " " + target
	}
	return w
}

var (
	postForm = regexp.MustCompile(`(?s)<form method="post" action="(/console/customers[^"]*)".*?</form>`)
	control  = regexp.MustCompile(`(?s)<(input|button|option|textarea)\b([^>]*)>([^<]*)`)
	selected = regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)".*?value="([^"]*)"( selected)?.*?</select>`)
)

func attribute(tag, name string) string {
	if m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// forms returns what the forms of a page post, once for each button.
func forms(page string) (all []struct {
	action string
	values url.Values
}) {
	for _, form := range postForm.FindAllStringSubmatch(page, -1) {
		values := url.Values{}
		for _, m := range selected.FindAllStringSubmatch(form[0], -1) {
			values.Add(m[1], m[2])
		}
		var buttons []string
		for _, m := range control.FindAllStringSubmatch(form[0], -1) {
			name := attribute(m[2], "name")
			switch {
			case m[1] == "button":
				buttons = append(buttons, m[2])
			case name == "" || m[1] == "option" || strings.Contains(m[2], `type="checkbox"`) && !strings.Contains(m[2], " checked"):
			case m[1] == "textarea":
				values.Add(name, html.UnescapeString(strings.TrimPrefix(m[3], "\n")))
			default:
				values.Add(name, attribute(m[2], "value"))
			}
		}
		for _, button := range buttons {
			posted := url.Values{}
			for name, v := range values {
				posted[name] = v
			}
			if name := attribute(button, "name"); name != "" {
				posted.Set(name, attribute(button, "value"))
			}
			all = append(all, struct {
				action string
				values url.Values
			}{html.UnescapeString(form[1]), posted})
		}
	}
	return all
}

// follow requests every page of both sites that can be reached, and posts their forms, but
// confirms nothing.
func (c *viewCrawl) follow(from ...string) {
	known := make(map[string]bool)
	for queue := from; len(queue) > 0 && c.requests < 400; queue = queue[1:] {
		target := queue[0]
		if known[target] || strings.HasPrefix(target, "/sign") || strings.HasPrefix(target, "/avatars/") || strings.Contains(target, "assets/") {
			continue
		}
		known[target] = true
		page := c.ask(http.MethodGet, target, nil).Body.String()
		for next := range references(page) {
			next, _, _ = strings.Cut(html.UnescapeString(next), "#")
			queue = append(queue, next)
		}
		for _, form := range slices.Backward(forms(page)) { // merges come after what ends a group
			if key := form.action + "?" + form.values.Encode(); !known[key] {
				known[key] = true
				w := c.ask(http.MethodPost, form.action, form.values)
				if w.Code == http.StatusSeeOther {
					queue = append(queue, w.Header().Get("Location"))
				}
			}
		}
	}
}

// Every answer with a customer's notes leaves a view of that customer, whatever the page.
func TestAudit_RecordsEveryWholeCustomer(t *testing.T) {
	t.Parallel()
	c := &viewCrawl{T: t, testServer: newTestServer(t, nil), want: make(map[[2]string]string), met: make(map[string]bool)}
	for i := range 12 {
		c.put(t, customer.Customer{
			ID: fmt.Sprintf("c-%d", i), Name: fmt.Sprintf("Customer %d", i), Workers: []string{customer.Everyone},
			Channels: []customer.Channel{{Type: customer.Email, Value: fmt.Sprintf("shared-%d@example.com", min(i/2, 3))}},
			Details:  customer.Detail{Title: "Notes", Content: fmt.Sprintf("planted note of c-%d", i)},
		})
	}
	c.start(t)
	const one, duplicates = "/console/customers/one", "/console/customers/duplicates"
	// What no page offers.
	c.ask(http.MethodPost, one, url.Values{"id": {"c-1"}, "was": {"older"}, "name": {"Other"}})
	c.ask(http.MethodPost, "/console/callbacks/test", url.Values{"which": {"crm"}, "worker": {"ada"}, "question": {"details"}, "customer": {"c-2"}})
	page := c.ask(http.MethodGet, duplicates, nil).Body.String()
	key := attribute(page[strings.Index(page, ` name="key"`)-20:], "value")
	for _, key := range []string{"", "nonsense", key} {
		form := url.Values{"do": {"merge"}, "keep": {"c-0"}, "key": {key}, "id": {"c-0", "c-1", "c-2", "c-3", "c-4", "c-5", "c-6", "c-7", "c-8", "c-9"}}
		if w := c.ask(http.MethodPost, duplicates, form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != duplicates+"?done=gone" {
			t.Errorf("POST %s of customers who are no group, key %q: status %d to %q, want 303 to the group's absence", duplicates, key, w.Code, w.Header().Get("Location"))
		}
	}
	c.follow("/customers", "/console", duplicates)

	for _, where := range []string{"GET /customers/c-1", "GET " + one, "POST " + one, "GET " + duplicates, "POST " + duplicates, "POST /console/callbacks/test"} {
		if !c.met[where] {
			t.Errorf("%s has shown no note, so it was not tested", where)
		}
	}
	c.audit.Viewed("last", "last", "", "")
	got := make(map[[2]string]bool)
	eventually(t, "the audit has all views", func() bool {
		for e, err := range c.audit.All(t.Context(), audit.Query{Actions: []audit.Action{audit.Viewed}}) {
			if err != nil {
				t.Fatal(err)
			}
			got[[2]string{e.Actor, e.Subject}] = true
		}
		return got[[2]string{"last", "last"}]
	})
	for view, where := range c.want {
		if !got[view] {
			t.Errorf("%s showed the notes of %s without a view in the audit", where, view[1])
		}
	}
}
