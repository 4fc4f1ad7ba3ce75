package server

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
)

// The number in all the data of these tests, and one in German notation. Both end in
// 9786, which no other part of a response can contain: a time or a date never has 9
// before 7, as no part of one begins with a seven; base32 has no 8 and no 9; and where
// random text may contain it by chance (sealed handles, tokens, the fingerprints of
// assets, Unix times, SVG, durations) leaks looks for more than these four digits.
const (
	leakNumber = "15550149786"
	leakGerman = "49171349786"
	leakTail   = "9786"
)

// leakForms returns notations of the number by name.
func leakForms() map[string]string {
	other := func(zero rune) string {
		return strings.Map(func(r rune) rune { return zero + r - '0' }, leakNumber)
	}
	each := func(format string) string {
		var b strings.Builder
		for _, c := range []byte("+" + leakNumber) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	return map[string]string{
		"e164": "+" + leakNumber, "plain": leakNumber, "spaced": "+1 555 014 9786", "pairs": "+1 555 014 97 86", "dashes": "1-555-014-9786",
		"dots": "1.555.014.9786", "brackets": "(555) 014-9786", "nbsp": "+1\u00a0555\u202f014\u20119786",
		"arabic": other('٠'), "persian": other('۰'), "devanagari": other('०'), "fullwidth": "＋" + other('０'), "mathematical": other('𝟎'), "double-struck": other('𝟘'),
		"zero-width": "+1555014\u200b97\u200d8\u20606", "soft hyphens": "1555\u00ad0149\u00ad786", "marks": "155501497\u03328\ufe0f6", "bidi": "\u2066+1555014\u200e9786\u2069",
		"raised": "⁺¹⁵⁵⁵⁰¹⁴⁹⁷⁸⁶", "circled": "①⑤⑤⑤⓪①④⑨⑦⑧⑥", "percent": each("%%%02X"), "percent twice": each("%%25%02x"), "entities": each("&#%d;"), "hex entities": each("&#x%x;"),
		"entities in percent": each("%%26%%23%d%%3B"), "two": "5551230000 " + leakNumber, "followed": leakNumber + " 12",
	}
}

// leakCustomers returns more than a page of customers with a number in every field. The
// last ones have it in forms that only a comparison with their channels finds.
func leakCustomers() (all []frontline.Customer) {
	forms := leakForms()
	for _, name := range slices.Sorted(maps.Keys(forms)) { // always the same
		form := forms[name]
		all = append(all, frontline.Customer{
			ID: "id " + form, DisplayName: "Anna " + form + " " + name, Avatar: "http://pictures.invalid/" + leakNumber + "/" + name + ".png",
			Channels: []frontline.Channel{
				{Type: "sms", Value: form}, {Type: "whatsapp", Value: "whatsapp:" + form}, {Type: "email", Value: "anna9786@example.com"}, {Type: "chat", Value: "anna-9786"},
				{Type: "fax", Value: form}, {Type: "pager " + form, Value: "9786"}, {Type: "sms", Value: "+" + leakGerman},
			},
			Links: []frontline.Link{
				{Type: "crm " + form, Value: "https://example.com/" + form, DisplayName: "Profile " + form}, {Type: "wa", Value: "https://wa.me/" + form},
				{Value: "https://example.com/?p=1555014%39786&q=1+555+014+9786"}, {Value: "https://example.com/?n=%2531%2535%2535%2535%2530%2531%2534%2539%2537%2538%2536", DisplayName: "Twice"},
				{Value: "mailto:anna9786@example.com", DisplayName: "Write"}, {Value: "tel:" + form}, {Type: "sms:" + form, Value: "javascript:" + form},
			},
			Details: &frontline.Detail{Title: "Call " + form, Content: form + "\n0171/349786\n0171,34_97:86 and 349 7 ext 86\nends in 9786\n" + strings.Repeat("x ", 100) + form},
		})
	}
	all[0].ID += strings.Repeat("x", frontline.MaxCustomerIDBytes-len(all[0].ID)) // its handle is longer still
	slices.SortFunc(all, func(a, b frontline.Customer) int { return strings.Compare(a.DisplayName, b.DisplayName) })
	for i := range 20 {
		all = append(all, frontline.Customer{
			ID: fmt.Sprintf("plain-%d", i), DisplayName: fmt.Sprintf("Zoe %c", 'A'+i), Avatar: "http://pictures.invalid/" + leakNumber,
			Channels: []frontline.Channel{{Type: "sms", Value: "+" + leakGerman}},
			Details:  &frontline.Detail{Title: "0171/349786", Content: "Tel. 0171/349786"},
		})
	}
	return all
}

// storedCustomers returns them as the built-in CRM stores them.
func storedCustomers(workers ...string) (all []customer.Customer) {
	for _, c := range leakCustomers() {
		kept := customer.Customer{
			ID: c.ID, Name: c.DisplayName, Avatar: c.Avatar, Workers: workers, Details: customer.Detail{Title: c.Details.Title, Content: c.Details.Content},
			Company: "Company " + c.Channels[0].Value, JobTitle: "Job " + c.Channels[0].Value,
		}
		for _, ch := range c.Channels {
			if !slices.Contains([]string{"sms", "whatsapp", "email"}, ch.Type) {
				ch.Type = "chat" // the built-in CRM has no other types
			}
			kept.Channels = append(kept.Channels, customer.Channel{Type: ch.Type, Value: ch.Value})
		}
		for _, l := range c.Links {
			kept.Links = append(kept.Links, customer.Link{Type: l.Type, Value: l.Value, DisplayName: l.DisplayName})
		}
		all = append(all, kept)
	}
	return all
}

// leakService is an external service with these customers. Every response of it contains
// a number.
type leakService struct {
	searchable bool
	// list and details are how it responds: "" normally, "500" with HTML, "json" with
	// broken JSON, "slow" not at all, "moved" with a redirect, "hang up" breaks off.
	list, details atomic.Value
	asked         atomic.Pointer[[]string] // the queries that came
	customers     []frontline.Customer
}

func startLeakService(t *testing.T, searchable bool) (*leakService, string) {
	t.Helper()
	n := &leakService{searchable: searchable, customers: leakCustomers()}
	n.list.Store("")
	n.details.Store("")
	n.asked.Store(new([]string))
	server := httptest.NewServer(n)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return n, server.URL + "/crm?key=" + leakNumber
}

func (n *leakService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("X-Number", leakNumber)
	mode, body := n.list, any(nil)
	if id := r.PostForm.Get("CustomerId"); id != "" {
		mode = n.details
		at := slices.IndexFunc(n.customers, func(c frontline.Customer) bool { return c.ID == id })
		if at < 0 {
			http.Error(w, "nobody has "+id+" or "+leakNumber, http.StatusNotFound)
			return
		}
		body = map[string]any{"customer": n.customers[at], "phone": leakNumber}
	} else {
		body = n.page(r)
	}
	switch mode.Load() {
	case "500":
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, "<h1>"+leakNumber+"</h1><p>&#57;&#55;&#56;&#54; +1 555 014 9786")
		return
	case "json":
		io.WriteString(w, `{"objects": "`+leakNumber+`"`)
		return
	case "slow":
		<-r.Context().Done()
		return
	case "moved":
		http.Redirect(w, r, "/?"+leakNumber, http.StatusFound)
		return
	case "hang up":
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			io.WriteString(c, "HTTP/1.1 "+leakNumber+" +1 555 014 9786\r\nX: \""+leakNumber+"\r\n\r\n")
			c.Close()
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"objects": body, "phone": leakNumber})
}

// page returns a page of the customers whose JSON contains the query.
func (n *leakService) page(r *http.Request) any {
	all := n.customers
	if q := r.PostForm.Get("Query"); q != "" {
		asked := append(slices.Clone(*n.asked.Load()), q)
		n.asked.Store(&asked)
		if n.searchable {
			all = slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool {
				data, _ := json.Marshal(c)
				return !strings.Contains(strings.ToLower(string(data)), strings.ToLower(q))
			})
		}
	}
	from := 0
	if token, ok := strings.CutPrefix(r.PostForm.Get("NextPageToken"), leakNumber+"-"); ok {
		from, _ = strconv.Atoi(token)
	}
	to := min(from+30, len(all))
	response := map[string]any{"customers": all[min(from, to):to], "searchable": n.searchable, "phone": leakNumber}
	if to < len(all) {
		response["next_page_token"] = leakNumber + "-" + strconv.Itoa(to)
	}
	return response
}
