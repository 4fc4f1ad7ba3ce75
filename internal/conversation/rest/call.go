package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
)

const (
	// maxBody limits a response, in bytes.
	maxBody = 1 << 20
	// attempts is how often a read is tried, each time for attemptTimeout.
	attempts       = 4
	attemptTimeout = 15 * time.Second
	// firstDelay is about how long the second attempt waits. It doubles each time.
	firstDelay = 250 * time.Millisecond
	// maxDelay is the longest Retry-After that a read waits for.
	maxDelay = 30 * time.Second
)

// get reads a resource. It tries again within the context while the service is unavailable.
func (c *Client) get(ctx context.Context, p path, query url.Values) (object, error) {
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		o, retryAfter, err := c.call(ctx, http.MethodGet, p, query, noWebhook)
		if !errors.Is(err, conversation.ErrUnavailable) {
			return o, err
		}
		wait := max(delay/2+rand.N(delay/2), retryAfter)
		deadline, limited := ctx.Deadline()
		if attempt == attempts || wait > maxDelay || limited && time.Until(deadline) < wait {
			return nil, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		delay *= 2
	}
}

// write posts a form to a resource, or deletes it without one. It is never repeated.
func (c *Client) write(ctx context.Context, p path, form url.Values, webhook bool) (object, error) {
	method := http.MethodPost
	if form == nil {
		method = http.MethodDelete
	}
	o, _, err := c.call(ctx, method, p, form, webhook)
	return o, err
}

// call makes one request, with values as its query or, of a POST, its form. webhook makes
// the service call the webhooks. call returns also how long the service asks to wait.
func (c *Client) call(ctx context.Context, method string, p path, values url.Values, webhook bool) (object, time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	address, err := c.address(p)
	if err != nil {
		return nil, 0, err
	}
	// unknown is the error when the service may have performed the request.
	unknown, form := conversation.ErrOutcomeUnknown, ""
	switch method {
	case http.MethodGet:
		unknown = conversation.ErrUnavailable
		address += "?" + values.Encode()
	case http.MethodPost:
		form = values.Encode()
	}
	var connecting, connected bool
	attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(attempt, &httptrace.ClientTrace{
		GetConn: func(string) { connecting = true },
		GotConn: func(httptrace.GotConnInfo) { connected = true },
	}), method, address, strings.NewReader(form))
	if err != nil {
		return nil, 0, fmt.Errorf("%w: its address is not a URL", conversation.ErrUnavailable)
	}
	req.SetBasicAuth(c.user, c.password)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Clientele")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if webhook {
		req.Header.Set("X-Twilio-Webhook-Enabled", "true")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if connecting && !connected { // the service surely did not get the request
			unknown = conversation.ErrUnavailable
		}
		if ctx.Err() != nil && unknown == conversation.ErrUnavailable {
			return nil, 0, ctx.Err()
		}
		return nil, 0, fmt.Errorf("%w: %w", unknown, withoutURL(err))
	}
	defer resp.Body.Close()
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	o, err := outcome(resp, unknown)
	return o, time.Duration(seconds) * time.Second, err
}

// outcome returns the object of a response, or its error.
func outcome(resp *http.Response, unknown error) (object, error) {
	status := resp.StatusCode
	if status == http.StatusNoContent {
		return nil, nil
	}
	o, err := decode(io.LimitReader(resp.Body, maxBody))
	switch {
	case status >= 500, status == http.StatusRequestTimeout:
		return nil, fmt.Errorf("%w (status %d)", unknown, status)
	case status == http.StatusTooManyRequests,
		status == http.StatusNotFound && err != nil: // from a tunnel or proxy in between, not from the API
		return nil, fmt.Errorf("%w (status %d)", conversation.ErrUnavailable, status)
	case status == http.StatusNotFound:
		return nil, conversation.ErrNotFound
	case status >= 300:
		return nil, &conversation.RefusedError{Status: status, Code: o.number("code", 0), Message: o.text("message")}
	case err != nil:
		return nil, fmt.Errorf("%w: the response is not JSON, or too large", unknown)
	}
	return o, nil
}

// withoutURL returns an error without the URL: it may hold an address, and errors go to the
// log.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
