package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/conversation/rest"
)

// The company's account at the messaging service, and its number.
const (
	messagingAccount = "AC0123456789abcdef0123456789abcdef"
	messagingToken   = "the-auth-token-of-the-account"
	companyNumber    = "+15557040100"
)

// messaging is a running program with a messaging service, its workers alice and bob, and an
// administrator.
type messaging struct {
	api      *fakeapitest.API
	srv      *server
	secrets  map[string]string // session cookies by identity
	recorded exchanges
	browsed  *server // srv, for browsers, which records
}

// exchanges are requested URLs and responses.
type exchanges struct {
	mu  sync.Mutex
	all []exchange
}

type exchange struct{ url, response string }

// serveMessaging starts the program with the messaging service, which posts signed webhooks
// to it over HTTP. What has no worker goes to alice.
func serveMessaging(t *testing.T) *messaging {
	t.Helper()
	m := &messaging{api: fakeapitest.New(fakeapi.Options{
		AccountSID: messagingAccount, AuthToken: messagingToken, ProxyAddresses: []string{companyNumber, "whatsapp:" + companyNumber},
	})}
	service := httptest.NewServer(m.api)
	t.Cleanup(service.Close)
	var in installation
	in, m.secrets = staff(t, worker, bob, admin)
	in.importText(t, "customers.csv", `customer_id,display_name,phone,whatsapp,notes
1,Ana Okafor,+15557049137,,
2,Ben Lindqvist,,+15557049268,
3,Cleo Marsh,+15557048351,,
4,Dua Patel,,+15557048472,
unreached,Eli Novak,,,has no number
`)
	m.srv = start(t, "serve", "--database", in.database, "--conversations-api", service.URL, "--conversations-account-sid", messagingAccount,
		"--conversations-auth-token", messagingToken, "--proxy-address-sms", companyNumber, "--proxy-address-whatsapp", companyNumber)
	m.browsed = proxy(t, m.srv, m.record)

	client := rest.New(rest.Options{BaseURL: service.URL, AccountSID: messagingAccount, AuthToken: messagingToken})
	webhook := m.srv.url + "/callbacks/conversations"
	if err := client.SetWebhooks(t.Context(), rest.Webhooks{PreURL: webhook, PostURL: webhook, Method: "POST", Filters: []string{
		"onConversationAdd", "onConversationAdded", "onConversationStateUpdated", "onParticipantAdded", "onParticipantRemoved",
		"onMessageAdded", "onDeliveryUpdated"}}); err != nil {
		t.Fatal(err)
	}
	m.console(t, "/console/conversations", url.Values{"fallback": {"worker"}, "worker": {worker}})
	m.console(t, "/console/templates", url.Values{"do": {"add"}, "category": {"Greetings"}, "text": {"Hello {{customer first name}}, how can I help you?"}})
	return m
}

// console saves a form of the console.
func (m *messaging) console(t *testing.T, path string, form url.Values) {
	t.Helper()
	if got := m.srv.client(t, m.secrets[admin]).post(path, form); got.status != http.StatusSeeOther {
		t.Fatalf("POST %s: status %d\n%s", path, got.status, got.body)
	}
}

// record passes a request on, and keeps its URL and the response.
func (m *messaging) record(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r.Header.Del("Accept-Encoding")
	tee := &teeWriter{ResponseWriter: w}
	next.ServeHTTP(tee, r)
	var header bytes.Buffer
	w.Header().Write(&header)
	m.recorded.mu.Lock()
	defer m.recorded.mu.Unlock()
	m.recorded.all = append(m.recorded.all, exchange{r.URL.RequestURI(), header.String() + "\n" + tee.body.String()})
}

// teeWriter is a response that keeps what is written.
type teeWriter struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (w *teeWriter) Write(b []byte) (int, error) {
	return io.MultiWriter(w.ResponseWriter, &w.body).Write(b)
}

// Unwrap lets the proxy flush.
func (w *teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// leaks returns what was recorded since the last call and has the end of one of these
// numbers: alone, or after the digits before, however they are written.
func (m *messaging) leaks(t *testing.T, numbers ...string) (found []string) {
	t.Helper()
	m.recorded.mu.Lock()
	defer m.recorded.mu.Unlock()
	for _, number := range numbers {
		end, before := number[len(number)-4:], number[len(number)-7:len(number)-4]
		shown := regexp.MustCompile(`(^|[^0-9A-Za-z])` + end + `($|[^0-9A-Za-z])|` + before + `[^0-9A-Za-z]{0,6}` + end)
		for _, e := range m.recorded.all {
			if text := shown.FindString(e.url + "\n" + e.response); text != "" {
				found = append(found, fmt.Sprintf("GET %s shows %q of %s", e.url, text, number))
			}
		}
	}
	m.recorded.all = nil
	return found
}

// A talk is what one worker sees in one browser of conversations with two customers.
type talk struct {
	*messaging
	*tab
	t *testing.T
	// The customers: one who writes, and one to whom the worker writes.
	id, name, number                string
	startID, startName, startNumber string
	unknown                         string // a number
	masked                          bool
}

// TestApp_Conversations is a worker's day with conversations, on phone and desktop: a
// customer writes, the worker answers; an unknown sender is linked; a conversation begins
// from Customer Details, with a template; one is transferred, one is closed. Then all again
// while numbers are masked, when no byte that the browser gets has one.
func TestApp_Conversations(t *testing.T) {
	needsBrowser(t)
	t.Parallel()
	darkPhone := phone
	darkPhone.dark, darkPhone.contrastOnly = true, true // the desktop has all elements, both panes
	for _, d := range []device{darkPhone, desktop} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			m := serveMessaging(t)
			day := func(tk talk) {
				tk.messaging, tk.tab, tk.t = m, open(t, d), t
				tk.setSession(m.browsed, m.secrets[worker])
				tk.day()
			}
			day(talk{id: "1", name: "Ana Okafor", number: "+15557049137", startID: "2", startName: "Ben Lindqvist", startNumber: "+15557049268", unknown: "+15557047713"})

			if found := m.leaks(t, "+15557049137", "+15557049268", "+15557047713"); len(found) < 3 {
				t.Errorf("of numbers that are not masked, the search finds %q only", found)
			}
			m.console(t, "/console/callbacks", url.Values{"mask_numbers": {"on"}})
			m.leaks(t)
			day(talk{id: "3", name: "Cleo Marsh", number: "+15557048351", startID: "4", startName: "Dua Patel", startNumber: "+15557048472", unknown: "+15557047926", masked: true})
			for _, leak := range m.leaks(t, "+15557048351", "+15557048472", "+15557047926") {
				t.Error(leak)
			}
		})
	}
}

func (tk talk) day() {
	tk.receive()
	tk.reply()
	tk.linkUnknown()
	tk.startFromDetails()
	tk.transfer()
	tk.close()
}

// check checks a screen. Masked screens have the same elements as others.
func (tk talk) check(screen string) {
	tk.t.Helper()
	switch {
	case !tk.masked:
		tk.checkScreen(screen)
	case *saveScreens:
		tk.screenshot(screen + " masked")
	}
}

// receive waits on the list for a message of a known customer, and opens it.
func (tk talk) receive() {
	tk.t.Helper()
	tk.goTo(tk.browsed.url + "/conversations")
	eventually(tk.t, "the page asks for news", func() bool {
		_, requests := tk.wire.total()
		return strings.Contains(requests[len(requests)-1], "/pulse?")
	})
	row := fmt.Sprintf(`[...document.querySelectorAll("[data-conversation]")].find(e => e.innerText.includes(%s))`, quote(tk.name))
	began := time.Now()
	sid := tk.api.Receive(tk.number, companyNumber, "sms", "Order 20418 is late. Call me at 555-704-"+tk.number[8:])
	tk.until("the message shows", `!!`+row)
	took := time.Since(began)
	tk.t.Logf("%s: a message shows after %v", tk.device.name, took)
	if took > 5*time.Second { // one second, were the machine not busy
		tk.t.Errorf("a message shows after %v, want within a second", took)
	}
	tk.until("it is unread", row+`.querySelector(".count")?.dataset.unread == "1" && document.title.startsWith("(1) ") && !document.querySelector("#unread").hidden`)
	if text := eval[string](tk.tab, row+`.innerText`); !strings.Contains(text, "Order 20418") {
		tk.t.Errorf("the row says %q, want the message with its order number", text)
	}
	tk.check("list")
	// One message causes several callbacks, and each of them a request for the list.
	seen := -1
	eventually(tk.t, "the page asks for nothing more", func() bool {
		time.Sleep(300 * time.Millisecond)
		before := seen
		_, requests := tk.wire.total()
		seen = len(requests)
		return seen == before
	})
	tk.pressAndLoad(`[data-conversation="` + sid + `"] a`)
	tk.until("the conversation shows", `location.pathname == "/conversations/`+sid+`" && document.querySelector(".thread .body").innerText.includes("Order 20418")`)
	tk.until("it is read", `!document.title.startsWith("(") && document.querySelector("#unread").hidden`)
	tk.check("conversation")

	tk.pressAndLoad(`.head a[href="/customers/` + tk.id + `"]`)
	tk.until("Customer Details show", `location.pathname == "/customers/`+tk.id+`" && document.querySelector(".who").innerText.trim() == `+quote(tk.name))
	tk.check("details")
	tk.back()
	tk.until("the conversation is back", `location.pathname == "/conversations/`+sid+`" && !!document.querySelector(".thread")`)
}

// reply answers, and sees that the answer arrives.
func (tk talk) reply() {
	tk.t.Helper()
	tk.do(chromedp.Evaluate(`window.stays = true`, nil))
	message := tk.send("It left this morning.")
	for _, status := range []string{"sent", "delivered"} {
		tk.api.Deliver(message, status, 0)
		tk.until("the message is "+status, fmt.Sprintf(`document.querySelector('[data-message="%s"]').innerText.toLowerCase().includes(%q)`, message, status))
	}
	if !eval[bool](tk.tab, `!!window.stays`) {
		tk.t.Error("the page was loaded again")
	}
}

// send writes a message in the open conversation, and returns its SID.
func (tk talk) send(body string) string {
	tk.t.Helper()
	tk.write(`#body`, body)
	if tk.device.noScripts {
		tk.pressAndLoad(`.composer .send`)
	} else {
		tk.press(`.composer .send`)
	}
	return tk.sent(body)
}

// sent waits for a message of the worker, and returns its SID.
func (tk talk) sent(body string) string {
	tk.t.Helper()
	mine := fmt.Sprintf(`[...document.querySelectorAll(".by-me[data-message]")].find(e => e.innerText.includes(%s))`, quote(body))
	tk.until("the message is there", `!!`+mine)
	return eval[string](tk.tab, mine+`.dataset.message`)
}

// linkUnknown gets a message of an unknown sender, and links it to a customer.
func (tk talk) linkUnknown() {
	tk.t.Helper()
	sid := tk.api.Receive(tk.unknown, companyNumber, "sms", "Hello, it's me.")
	tk.goTo(tk.browsed.url + "/conversations")
	tk.until("the message shows", `!!document.querySelector('[data-conversation="`+sid+`"] [data-unread="1"]')`)
	tk.pressAndLoad(`[data-conversation="` + sid + `"] a`)
	tk.until("the sender is unknown", `!!document.querySelector(".head .notice a") && !document.querySelector(".head a[href^='/customers/']")`)
	tk.check("unknown sender")
	tk.pressAndLoad(`.head .notice a`)
	tk.until("customers show", `document.querySelectorAll(".options button").length == 5`)
	tk.check("choose customer")
	tk.pressAndLoad(`.options button[value="unreached"]`)
	tk.until("it is Eli's conversation", `location.pathname == "/conversations/`+sid+`" && document.querySelector(".head a[href='/customers/unreached'] h1").innerText == "Eli Novak"`)
}

// startFromDetails begins a conversation with a template.
func (tk talk) startFromDetails() {
	tk.t.Helper()
	tk.goTo(tk.browsed.url + "/customers/" + tk.startID)
	tk.pressAndLoad(`[data-action=whatsapp]`)
	tk.until("a conversation begins", `location.pathname.startsWith("/conversations/CH") && document.querySelector(".head h1").innerText == `+quote(tk.startName))
	tk.check("new conversation")
	tk.api.Receive(tk.startNumber, companyNumber, "whatsapp", "Hi!")
	tk.until("the customer writes", `[...document.querySelectorAll(".by-customer .body")].some(e => e.innerText == "Hi!") && !!document.querySelector(".composer")`)
	tk.pressAndLoad(`.composer a.tool`)
	tk.check("templates")
	tk.pressAndLoad(`a.link[href$="?t=0"]`)
	text := "Hello " + strings.Fields(tk.startName)[0] + ", how can I help you?"
	tk.waitForText(text)
	tk.check("template")
	tk.pressAndLoad(`.person form .main`)
	tk.sent(text)
}

// transfer gives the open conversation to bob.
func (tk talk) transfer() {
	tk.t.Helper()
	path := eval[string](tk.tab, `location.pathname`)
	tk.press(`.menu summary`)
	tk.check("menu")
	tk.pressAndLoad(`.menu a[href$="/transfer"]`)
	tk.check("choose worker")
	tk.pressAndLoad(`.options button[value="` + bob + `"]`)
	tk.until("it left the list", `location.pathname == "/conversations" && document.querySelectorAll("[data-conversation]").length > 0`+
		` && !document.querySelector("[data-conversation='`+strings.TrimPrefix(path, "/conversations/")+`']")`)
	for _, page := range []string{"/conversations", path} {
		if got := tk.browsed.client(tk.t, tk.secrets[bob]).get(page); got.status != http.StatusOK || !strings.Contains(got.body, path) {
			tk.t.Errorf("GET %s by the other worker: status %d, has the conversation: %v", page, got.status, strings.Contains(got.body, path))
		}
	}
	tk.wire.allow(path) // the browser complains of every 404
	tk.goTo(tk.browsed.url + path)
	if got := tk.browsed.client(tk.t, tk.secrets[worker]).get(path); got.status != http.StatusNotFound {
		tk.t.Errorf("GET %s by the first worker: status %d, want 404", path, got.status)
	}
	tk.until("there is no conversation, but a way back", `!document.querySelector(".thread") && !!document.querySelector(".detail a[href='/conversations']")`)
	tk.check("another's conversation")
}

// close closes the customer's conversation.
func (tk talk) close() {
	tk.t.Helper()
	tk.goTo(tk.browsed.url + "/conversations?q=" + url.QueryEscape(tk.name))
	tk.until("the search finds one", `document.querySelectorAll("[data-conversation]").length == 1`)
	tk.pressAndLoad(`[data-conversation] a`)
	tk.press(`.menu summary`)
	tk.pressAndLoad(`.menu .danger`)
	tk.until("the conversation is closed", `!!document.querySelector(".thread") && !document.querySelector(".composer, .menu .danger")`)
	tk.check("closed")
	tk.goTo(tk.browsed.url + "/conversations?closed=1")
	tk.until("it is among the closed ones", `document.querySelector("[data-conversation]").innerText.includes(`+quote(tk.name)+`)`)
}

// TestApp_ConversationsWithoutScripts lists, opens and answers by links and forms.
func TestApp_ConversationsWithoutScripts(t *testing.T) {
	t.Parallel()
	d := phone
	d.noScripts = true
	tk := talk{messaging: serveMessaging(t), tab: open(t, d), t: t}
	tk.setSession(tk.browsed, tk.secrets[worker])
	sid := tk.api.Receive("+15557049137", companyNumber, "sms", "Are you open on Monday?")
	eventually(t, "the conversation has a worker", func() bool {
		return strings.Contains(tk.srv.client(t, tk.secrets[worker]).get("/conversations").body, sid)
	})
	tk.goTo(tk.browsed.url + "/conversations")
	tk.checkScreen("list")
	tk.pressAndLoad(`[data-conversation="` + sid + `"] a`)
	tk.until("the message shows", `document.querySelector(".by-customer .body").innerText == "Are you open on Monday?"`)
	tk.checkScreen("conversation")
	message := tk.send("Yes, from nine.")
	tk.api.Deliver(message, "failed", 30003)
	eventually(t, "the failure shows after a reload", func() bool {
		tk.goTo(tk.browsed.url + "/conversations/" + sid)
		return eval[bool](tk.tab, fmt.Sprintf(`!!document.querySelector('[data-message="%s"].failed')`, message))
	})
	tk.checkScreen("failed")
}
