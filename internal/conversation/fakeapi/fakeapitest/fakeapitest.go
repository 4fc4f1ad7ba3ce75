// Package fakeapitest is the invented messaging service for tests: package fakeapi behind a
// transport that refuses what the published API does not have, and that fails when told to.
package fakeapitest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
)

// The API key that is accepted besides the account and its auth token.
const (
	APIKey    = "SK00000000000000000000000000000001"
	APISecret = "secret of the key"
)

// API is the invented service. It is an http.RoundTripper that is reached without a network,
// and an http.Handler. It is safe for concurrent use.
type API struct {
	*fakeapi.API
	options    fakeapi.Options
	mux        *http.ServeMux       // knows the patterns of the operations
	operations map[string]operation // by pattern

	mu                sync.Mutex
	faults            []*Fault
	webhookFault      WebhookFault
	initializingUntil time.Time
}

// New returns an API without conversations.
func New(o fakeapi.Options) *API {
	a := &API{mux: http.NewServeMux()}
	o.ServiceSID = cmp.Or(o.ServiceSID, "IS00000000000000000000000000000001")
	o.Change = a.change
	if o.Webhooks != nil {
		o.WebhookURL = "http://webhook.example"
	} else {
		// It keeps no connections, so that the server of a test can close.
		o.Webhooks = &http.Transport{DisableKeepAlives: true}
	}
	a.API, a.options, a.operations = fakeapi.New(o), o, patterns(o.ServiceSID)
	for pattern := range a.operations {
		a.mux.Handle(pattern, http.NotFoundHandler())
	}
	return a
}

// A Webhook, as the Webhooks of the options, gets all events without a network.
type Webhook func(ctx context.Context, event url.Values) (status int, body []byte)

// RoundTrip implements http.RoundTripper.
func (f Webhook) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	status, body := f(r.Context(), r.PostForm)
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// SetAttributes sets the attributes of a participant to any text, or with "" to null.
func (a *API) SetAttributes(sid, participantSID, attributes string) {
	form := url.Values{"Attributes": {attributes}}
	req := httptest.NewRequest(http.MethodPost, "/v1/Conversations/"+sid+"/Participants/"+participantSID, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a.API.RoundTrip(req)
}

// RoundTrip implements http.RoundTripper.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	fault := a.takeFault(r)
	if fault == nil {
		return a.perform(r)
	}
	if fault.Performed {
		if _, err := a.perform(r); err != nil {
			return nil, err
		}
	}
	return fault.respond(r)
}

// perform performs a request that the published API has, and refuses others.
func (a *API) perform(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/v1/Files/") {
		if r.Header.Get("Authorization") != "" {
			return refuse(http.StatusBadRequest, 20001, "The address of a file takes no credentials"), nil
		}
		return a.API.RoundTrip(r)
	}
	user, password, _ := r.BasicAuth()
	if password == "" || (user != a.options.AccountSID || password != a.options.AuthToken) && (user != APIKey || password != APISecret) {
		return refuse(http.StatusUnauthorized, 20003, "Authenticate"), nil
	}
	_, pattern := a.mux.Handler(r)
	op, known := a.operations[pattern]
	initializing := a.initializing()
	if !known || initializing && strings.Contains(r.URL.Path, "/Participants") {
		return refuse(http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found"), nil
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	if problem := op.check(r, string(body)); problem != "" {
		return refuse(http.StatusBadRequest, 20001, "Invalid parameter "+problem), nil
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := a.API.RoundTrip(r)
	if err == nil && initializing {
		body, _ = io.ReadAll(resp.Body)
		body = bytes.ReplaceAll(body, []byte(`"state":"active"`), []byte(`"state":"initializing"`))
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	return resp, err
}

// refuse returns an error of the API.
func refuse(status, code int, message string) *http.Response {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{
		"code": code, "message": message, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code), "status": status,
	})
	return w.Result()
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resp, err := a.RoundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}
