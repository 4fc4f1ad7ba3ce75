// Package fakeapi is an invented messaging service: the REST API of conversations in
// memory, with its webhooks, for the demo. It trusts its caller. Tests use it through
// package fakeapitest, which refuses what the published API does not have.
package fakeapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options configures an API.
type Options struct {
	// AccountSID is the account, AuthToken signs its webhooks, and ServiceSID is its only
	// service, which is its default one.
	AccountSID, AuthToken, ServiceSID string
	// ProxyAddresses are the company's addresses at which a message begins a conversation,
	// as the API writes them.
	ProxyAddresses []string
	// StepEvery, unless 0, advances each message of a worker automatically: sent, delivered,
	// read, one step at each interval.
	StepEvery time.Duration
	// Answer is what a customer answers to the first of these messages, "" for nothing.
	Answer string
	// Webhooks posts the webhooks; nil is http.DefaultTransport.
	Webhooks http.RoundTripper
	// Change, unless nil, changes the events of one act before they are posted.
	Change func(events []url.Values) []url.Values
}

// API is the invented service, as an http.RoundTripper: it is reached without a network, at
// any address. It is safe for concurrent use.
type API struct {
	options Options
	mux     *http.ServeMux
	client  *http.Client // posts webhooks

	mu            sync.Mutex
	conversations []*conversation
	media         map[string]Media  // by SID
	receipts      map[string]object // by the SID of the message
	addresses     []object          // of the company
	webhooks      map[string]object // by the SID of a service, "" for the account
	events        []url.Values      // to be posted
	posting       bool
}

// New returns an API without conversations.
func New(o Options) *API {
	a := &API{
		options: o, mux: http.NewServeMux(), client: &http.Client{Transport: o.Webhooks, Timeout: webhookTimeout},
		media: map[string]Media{}, receipts: map[string]object{}, webhooks: map[string]object{},
	}
	for _, service := range []string{"", o.ServiceSID} {
		a.webhooks[service] = a.newWebhooks(service)
	}
	for _, proxy := range o.ProxyAddresses {
		a.addAddress(proxy)["auto_creation"] = object{"enabled": true, "type": "default", "conversation_service_sid": nil}
	}
	for pattern, perform := range operations {
		for _, prefix := range []string{"/v1/", "/v1/Services/{IS}/"} {
			a.mux.HandleFunc(strings.Replace(pattern, "/", prefix, 1), func(w http.ResponseWriter, r *http.Request) {
				a.serve(w, r, perform)
			})
		}
	}
	a.mux.HandleFunc("GET "+contentPath+"{ME}", a.content)
	return a
}

// operations are those that package rest uses. Without a method, an operation is both the
// reading and the changing of one resource.
var operations = map[string]func(*API, *request) (status int, body any){
	"/Configuration":                               (*API).configuration,
	"/Configuration/Webhooks":                      (*API).configureWebhooks,
	"GET /Configuration/Addresses":                 (*API).listAddresses,
	"POST /Configuration/Addresses":                (*API).createAddress,
	"/Configuration/Addresses/{IG}":                (*API).update,
	"/ConversationWithParticipants":                (*API).createConversation,
	"/ParticipantConversations":                    (*API).participantConversations,
	"/Conversations":                               (*API).listConversations,
	"/Conversations/{CH}":                          (*API).update,
	"GET /Conversations/{CH}/Participants":         (*API).listParticipants,
	"POST /Conversations/{CH}/Participants":        (*API).createParticipant,
	"/Conversations/{CH}/Participants/{MB}":        (*API).update,
	"DELETE /Conversations/{CH}/Participants/{MB}": (*API).deleteParticipant,
	"GET /Conversations/{CH}/Messages":             (*API).listMessages,
	"POST /Conversations/{CH}/Messages":            (*API).createMessage,
	"/Conversations/{CH}/Messages/{IM}":            (*API).update,
	"/Conversations/{CH}/Messages/{IM}/Receipts":   (*API).listReceipts,
	"/Media/{ME}":                                  (*API).mediaDetails,
}

// A request is one to perform.
type request struct {
	*http.Request
	// c is the conversation that the path names, without fields for none. target is what
	// the path names, in the conversation or elsewhere.
	c      *conversation
	target object
	// source is that of the events that the request causes, "" when it is to cause none.
	source string
}

// serve performs a request.
func (a *API) serve(w http.ResponseWriter, r *http.Request, perform func(*API, *request) (int, any)) {
	r.ParseForm() // what is no form has no parameters
	req := &request{Request: r, c: &conversation{}}
	if r.Header.Get("X-Twilio-Webhook-Enabled") == "true" {
		req.source = "API"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	status, body := a.resolve(req)
	if status == http.StatusOK {
		status, body = perform(a, req)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		json.NewEncoder(w).Encode(body) // maps of strings and numbers
	}
}

// RoundTrip implements http.RoundTripper.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	w := &recorder{header: http.Header{}}
	a.mux.ServeHTTP(w, r.Clone(r.Context()))
	return &http.Response{StatusCode: w.status, ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
}

// A recorder is an http.ResponseWriter that keeps the response.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }
