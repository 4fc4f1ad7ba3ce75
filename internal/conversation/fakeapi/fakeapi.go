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
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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
	// StepEvery makes each message of a worker sent, delivered and read by itself, a step
	// at a time. 0 is not by itself.
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
	a := &API{options: o, now: o.Now, media: map[string]*media{},
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
	status int
	header http.Header
	body   []byte
}

func respond(status int, body any) response {
	b, _ := json.Marshal(body) // maps of strings and numbers
	return response{status, http.Header{"Content-Type": {"application/json"}}, b}
}

// Error codes that have no name in package conversation.
const (
	codeInvalid      = 20001
	codeUnauthorized = 20003
	codeNoMethod     = 20004
	codeNotFound     = 20404
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

// errCut is the error of a connection that breaks.
var errCut = errors.New("the connection was cut")

// serve performs a request, or the fault that is set for it.
func (a *API) serve(r *http.Request, base string) (response, error) {
	fault := a.takeFault(r)
	if fault == nil {
		return a.perform(r, base), nil
	}
	if fault.Performed {
		a.perform(r, base)
	}
	switch {
	case fault.Hang:
		<-r.Context().Done()
		return response{}, r.Context().Err()
	case fault.Status == 0:
		return response{}, errCut
	}
	resp := refuse(fault.Status, cmp.Or(fault.Code, 20000+fault.Status), "A fault of the test")
	if fault.RetryAfter > 0 {
		resp.header.Set("Retry-After", strconv.Itoa(int(fault.RetryAfter.Seconds())))
	}
	return resp, nil
}

// perform performs a request. base is the scheme and the host of URLs.
func (a *API) perform(r *http.Request, base string) response {
	if strings.HasPrefix(r.URL.Path, contentPath) {
		return a.content(r)
	}
	if !a.authorized(r) {
		return refuse(http.StatusUnauthorized, codeUnauthorized, "Authenticate")
	}
	if sid, ok := a.mediaPath(r.URL.Path); ok && r.Method == http.MethodGet {
		return a.mediaDetails(r, base, sid)
	}
	req, op, refused := a.parse(r, base)
	if op == nil {
		return refused
	}
	if op.beforehand != "" && req.notify {
		if !a.askBefore(req, op.beforehand) {
			return refuse(http.StatusForbidden, 50303, "The webhook refused the request")
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if refused := a.resolve(req, op.path); refused != nil {
		return *refused
	}
	return op.perform(a, req)
}

func (a *API) authorized(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	o := a.options
	return user != "" && password != "" && (user == o.AccountSID && password == o.AuthToken || user == o.APIKey && password == o.APISecret)
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	resp, err := a.serve(r, scheme+r.Host)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range resp.header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.status)
	w.Write(resp.body)
}

// RoundTrip implements http.RoundTripper.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	resp, err := a.serve(r.Clone(r.Context()), r.URL.Scheme+"://"+r.URL.Host)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(resp.status), StatusCode: resp.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: resp.header, Body: io.NopCloser(bytes.NewReader(resp.body)), ContentLength: int64(len(resp.body)), Request: r,
	}, nil
}
