package fakeapitest

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is what goes wrong with requests: the connection is cut, unless Hang or Status says
// otherwise.
type Fault struct {
	// Method and Path select the requests: by method and by a part of the path, "" for any.
	// Times is how many, 0 for one.
	Method, Path string
	Times        int
	// Performed reports whether the request is performed before.
	Performed bool
	// Hang makes the response never come.
	Hang bool
	// Status, Code and RetryAfter are a response; Code 0 is the usual one of the status.
	Status, Code int
	RetryAfter   time.Duration
}

// Fail makes requests fail.
func (a *API) Fail(f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.Times = max(f.Times, 1)
	a.faults = append(a.faults, &f)
}

// takeFault returns the fault of a request, nil for none.
func (a *API) takeFault(r *http.Request) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.faults, func(f *Fault) bool {
		return (f.Method == "" || f.Method == r.Method) && strings.Contains(r.URL.Path, f.Path)
	})
	if i < 0 {
		return nil
	}
	f := a.faults[i]
	if f.Times--; f.Times == 0 {
		a.faults = slices.Delete(a.faults, i, i+1)
	}
	return f
}

// respond returns the response of a fault, if there is any.
func (f *Fault) respond(r *http.Request) (*http.Response, error) {
	if f.Hang {
		if r.Body != nil {
			io.Copy(io.Discard, r.Body) // a server does not notice that a client goes before it has the body
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if f.Status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	resp := refuse(f.Status, cmp.Or(f.Code, 20000+f.Status), "Injected fault")
	if f.RetryAfter > 0 {
		resp.Header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	return resp, nil
}

// SetInitializing makes all conversations initialize for some time: their participants are
// not found.
func (a *API) SetInitializing(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.initializingUntil = time.Now().Add(d)
}

func (a *API) initializing() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Before(a.initializingUntil)
}

// WebhookFault is what goes wrong with events that already took effect.
type WebhookFault int

// The faults of webhooks.
const (
	WebhooksInOrder  WebhookFault = iota // nothing goes wrong
	WebhooksTwice                        // each comes twice
	WebhooksReversed                     // those of one act come in the wrong order
	WebhooksLost                         // none comes
)

// SetWebhookFault sets what goes wrong with events from now on.
func (a *API) SetWebhookFault(f WebhookFault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.webhookFault = f
}

// change returns the events of one act with the fault.
func (a *API) change(events []url.Values) []url.Values {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch a.webhookFault {
	case WebhooksTwice:
		var twice []url.Values
		for _, e := range events {
			twice = append(twice, e, e)
		}
		return twice
	case WebhooksReversed:
		slices.Reverse(events)
	case WebhooksLost:
		return nil
	}
	return events
}
