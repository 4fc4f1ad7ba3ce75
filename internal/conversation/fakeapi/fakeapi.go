// Package fakeapi is an invented messaging service: the REST API of conversations in
// memory, for the demo and for tests. It refuses what the published API does not have, and
// calls webhooks as the real service does.
package fakeapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Options configures an API.
type Options struct {
	// AccountSID, AuthToken, APIKey and APISecret are the credentials that are accepted.
	AccountSID, AuthToken string
	APIKey, APISecret     string
	// ServiceSID is the account's only service, which is its default one; "" makes one up.
	ServiceSID string
	// ProxyAddresses are the company's addresses at which a message begins a conversation,
	// those of WhatsApp with "whatsapp:".
	ProxyAddresses []string
	// Webhook gets all events. Without it they are posted to the URLs that are configured
	// through the API, as far as the filters have them, signed with AuthToken.
	Webhook func(ctx context.Context, event url.Values) (status int, body []byte)
	// StepEvery, unless 0, advances each message of a worker automatically: sent, delivered,
	// read, one step at each interval.
	StepEvery time.Duration
	// Answer returns the customer's answer to the first message that becomes read by itself
	// in a conversation, "" for none.
	Answer func(body string) string
	// Now returns the time; nil is time.Now.
	Now func() time.Time
}

// API is the invented service. It is an http.Handler, and an http.RoundTripper that reaches
// it without a network, at any address. It is safe for concurrent use.
type API struct {
	options Options
	now     func() time.Time
	mux     *http.ServeMux

	mu            sync.Mutex
	conversations []*conversation
	media         map[string]*media
	addresses     []*addressConfig
	account       webhooks // of the account
	service       webhooks // of the service
	faults        []*Fault
	initializing  time.Duration

	events       []event
	delivering   bool
	webhookFault WebhookFault
	client       *http.Client // posts webhooks
}

// New returns an API without conversations.
func New(o Options) *API {
	if o.ServiceSID == "" {
		o.ServiceSID = newSID("IS")
	}
	a := &API{options: o, now: o.Now, mux: http.NewServeMux(), media: map[string]*media{},
		// It keeps no connections, so that the server of a test can close.
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	if a.now == nil {
		a.now = time.Now
	}
	for _, proxy := range o.ProxyAddresses {
		a.addresses = append(a.addresses, &addressConfig{
			sid: newSID("IG"), kind: channelOf(proxy), address: proxy, enabled: true, creation: "default", created: a.now(),
		})
	}
	a.routes()
	a.mux.HandleFunc("GET "+contentPath+"{ME}", a.content)
	return a
}

// newSID returns a new SID of a kind, such as CH.
func newSID(kind string) string {
	var b [16]byte
	rand.Read(b[:])
	return kind + hex.EncodeToString(b[:])
}

// A response is a response to a request.
type response struct {
	status      int
	contentType string
	body        []byte
	retryAfter  time.Duration
}

func respond(status int, body any) response {
	b, _ := json.Marshal(body) // maps of strings and numbers
	return response{status: status, contentType: "application/json", body: b}
}

func (resp response) write(w http.ResponseWriter) {
	if resp.contentType != "" {
		w.Header().Set("Content-Type", resp.contentType)
	}
	if resp.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(resp.retryAfter.Seconds())))
	}
	w.WriteHeader(resp.status)
	w.Write(resp.body)
}

// Error codes that have no name in package conversation.
const (
	codeInvalid      = 20001
	codeUnauthorized = 20003
	codeNotFound     = 20404
	codeRefused      = 50303
)

func refuse(status, code int, message string) response {
	return respond(status, map[string]any{
		"code": code, "message": message, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code), "status": status,
	})
}

func invalid(what string) response {
	return refuse(http.StatusBadRequest, codeInvalid, "Invalid parameter "+what)
}

func notFound(r *http.Request) response {
	return refuse(http.StatusNotFound, codeNotFound, "The requested resource "+r.URL.Path+" was not found")
}

// handle serves the requests of a pattern with the credentials, unless a fault is set for
// them. base is the scheme and the host of URLs.
func (a *API) handle(pattern string, respond func(r *http.Request, base string) response) {
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		scheme := cmp.Or(r.URL.Scheme, "http") // has none over a network
		fault := a.takeFault(r)
		var resp response
		switch {
		case fault != nil && !fault.Performed:
		case !a.authorized(r):
			resp = refuse(http.StatusUnauthorized, codeUnauthorized, "Authenticate")
		default:
			resp = respond(r, scheme+"://"+r.Host)
		}
		if fault != nil {
			resp = fault.response(r)
		}
		resp.write(w)
	})
}

func (a *API) authorized(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	o := a.options
	return password != "" && (user == o.AccountSID && password == o.AuthToken || user == o.APIKey && password == o.APISecret)
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// RoundTrip implements http.RoundTripper.
func (a *API) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			err = cmp.Or(r.Context().Err(), io.ErrUnexpectedEOF)
		default:
			panic(p)
		}
	}()
	req := r.Clone(r.Context())
	req.Host, req.RequestURI = r.URL.Host, r.URL.RequestURI()
	if req.Body == nil {
		req.Body = http.NoBody
	}
	defer req.Body.Close()
	a.ServeHTTP(w, req)
	return &http.Response{StatusCode: w.status, ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
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
