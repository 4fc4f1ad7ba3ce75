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
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	domain "github.com/clientele-project/clientele/internal/conversation"
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
	// WebhookURL gets all events, "" for none. The API can configure others.
	WebhookURL string
	// Webhooks posts the webhooks; nil is http.DefaultTransport.
	Webhooks http.RoundTripper
	// Change, unless nil, changes the events of one act before they are posted.
	Change func(events []url.Values) []url.Values
}

// API is the invented service, as an http.RoundTripper: it is reached without a network, at
// any address. It is safe for concurrent use.
type API struct {
	options Options
	client  *http.Client // posts webhooks

	mu            sync.Mutex
	conversations []*conversation
	receipts      map[string][]object // by the SID of the message
	media         map[string]Media    // by SID
	addresses     []object            // of the company
	webhooks      map[string]object   // by the SID of a service, "" for the account
	events        []url.Values        // to be posted
	posting       bool
}

// New returns an API without conversations.
func New(o Options) *API {
	a := &API{
		options: o, client: &http.Client{Transport: o.Webhooks, Timeout: webhookTimeout},
		receipts: map[string][]object{}, media: map[string]Media{}, webhooks: map[string]object{},
	}
	a.webhooks[""] = a.newWebhooks("", "")
	a.webhooks[o.ServiceSID] = a.newWebhooks(o.ServiceSID, o.WebhookURL)
	for _, proxy := range o.ProxyAddresses {
		a.addAddress(object{"address": proxy, "auto_creation": object{"enabled": true, "type": "default", "conversation_service_sid": nil}})
	}
	return a
}

// operations are those that package rest uses, by method and path: below the version and
// the service, with the kinds of SIDs.
var operations = map[string]func(*API, *request) (status int, body any){
	"GET Configuration":               (*API).configuration,
	"GET Configuration/Webhooks":      (*API).configureWebhooks,
	"POST Configuration/Webhooks":     (*API).configureWebhooks,
	"GET Configuration/Addresses":     (*API).listAddresses,
	"POST Configuration/Addresses":    (*API).createAddress,
	"POST Configuration/Addresses/IG": (*API).update,

	"POST ConversationWithParticipants": (*API).createConversation,
	"GET ParticipantConversations":      (*API).participantConversations,
	"GET Conversations":                 (*API).listConversations,
	"GET Conversations/CH":              (*API).update,
	"POST Conversations/CH":             (*API).update,

	"GET Conversations/CH/Participants":         (*API).listParticipants,
	"POST Conversations/CH/Participants":        (*API).createParticipant,
	"GET Conversations/CH/Participants/MB":      (*API).update,
	"POST Conversations/CH/Participants/MB":     (*API).update,
	"DELETE Conversations/CH/Participants/MB":   (*API).deleteParticipant,
	"GET Conversations/CH/Messages":             (*API).listMessages,
	"POST Conversations/CH/Messages":            (*API).createMessage,
	"GET Conversations/CH/Messages/IM":          (*API).update,
	"GET Conversations/CH/Messages/IM/Receipts": (*API).listReceipts,

	"GET Media/ME": (*API).mediaDetails,
	"GET Files/ME": (*API).file,
}

// A request is one to perform.
type request struct {
	*http.Request
	// sids are those in the path, by kind.
	sids map[string]string
	// c is the conversation that the path names, without fields for none. target is what
	// the path names, in the conversation or elsewhere.
	c      *conversation
	target object
	// source is that of the events that the request causes, "" when it is to cause none.
	source string
}

var sidPattern = regexp.MustCompile(`\b[A-Z]{2}[0-9a-f]{32}\b`)

// RoundTrip implements http.RoundTripper.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	req := &request{Request: r.Clone(r.Context()), sids: map[string]string{}, c: &conversation{}}
	req.ParseForm() // what is no form has no parameters
	if r.Header.Get("X-Twilio-Webhook-Enabled") == "true" {
		req.source = "API"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	status, body := a.perform(req)
	file, isFile := body.(Media)
	if !isFile {
		content, _ := json.Marshal(body) // maps of strings and numbers
		file = Media{ContentType: "application/json", Content: content}
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {file.ContentType}},
		Body: io.NopCloser(bytes.NewReader(file.Content)), ContentLength: int64(len(file.Content)), Request: r,
	}, nil
}

// perform performs a request. A conversation that is closed cannot be changed.
func (a *API) perform(r *request) (status int, body any) {
	path := sidPattern.ReplaceAllStringFunc(strings.TrimPrefix(r.URL.Path, "/v1/"), func(sid string) string {
		r.sids[sid[:2]] = sid
		return sid[:2]
	})
	operation := operations[r.Method+" "+strings.TrimPrefix(path, "Services/IS/")]
	if operation == nil {
		return notFound(r)
	}
	if sid := r.sids["CH"]; sid != "" {
		i := slices.IndexFunc(a.conversations, func(c *conversation) bool { return c.fields["sid"] == sid })
		if i < 0 {
			return notFound(r)
		}
		r.c = a.conversations[i]
		r.target = r.c.fields
		if r.c.closed() && r.Method != http.MethodGet {
			return refuse(http.StatusBadRequest, domain.CodeClosed, "Conversation "+sid+" is closed")
		}
	}
	for kind, all := range map[string][]object{"MB": r.c.participants, "IM": r.c.messages, "IG": a.addresses} {
		if sid := r.sids[kind]; sid != "" {
			if r.target = find(all, sid); r.target == nil {
				return notFound(r)
			}
		}
	}
	return operation(a, r)
}
