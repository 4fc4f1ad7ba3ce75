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

// A result is what became of one request.
type result struct {
	status     int
	body       []byte
	retryAfter time.Duration
	// err says that no complete response came. unsent means that the service surely did not
	// get the request.
	err    error
	unsent bool
}

// get reads a resource. It tries again within the context while the service is unavailable.
func (c *Client) get(ctx context.Context, p path, query url.Values) (object, error) {
	suffix, err := p.join()
	if err != nil {
		return nil, err
	}
	if len(query) > 0 {
		suffix += "?" + query.Encode()
	}
	return c.read(ctx, c.base+suffix)
}

func (c *Client) read(ctx context.Context, address string) (object, error) {
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		r := c.exchange(ctx, http.MethodGet, address, nil, false)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		o, err := r.outcome(conversation.ErrUnavailable)
		if !errors.Is(err, conversation.ErrUnavailable) {
			return o, err
		}
		wait := max(delay/2+rand.N(delay/2), r.retryAfter)
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
// webhook makes the service call the webhooks.
func (c *Client) write(ctx context.Context, p path, form url.Values, webhook bool) (object, error) {
	suffix, err := p.join()
	if err != nil {
		return nil, err
	}
	method := http.MethodPost
	if form == nil {
		method = http.MethodDelete
	}
	r := c.exchange(ctx, method, c.base+suffix, form, webhook)
	if r.unsent && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return r.outcome(conversation.ErrOutcomeUnknown)
}

// outcome returns the object of a result, or its error. unknown is the error when the
// service may have performed the request.
func (r result) outcome(unknown error) (object, error) {
	switch {
	case r.unsent:
		return nil, fmt.Errorf("%w: %w", conversation.ErrUnavailable, r.err)
	case r.err != nil:
		return nil, fmt.Errorf("%w: %w", unknown, r.err)
	case r.status == http.StatusNoContent:
		return nil, nil
	}
	o, err := decode(r.body)
	switch {
	case r.status >= 500, r.status == http.StatusRequestTimeout:
		return nil, fmt.Errorf("%w (status %d)", unknown, r.status)
	case r.status == http.StatusTooManyRequests,
		r.status == http.StatusNotFound && err != nil: // from a tunnel or proxy in between, not from the API
		return nil, fmt.Errorf("%w (status %d)", conversation.ErrUnavailable, r.status)
	case r.status == http.StatusNotFound:
		return nil, conversation.ErrNotFound
	case r.status >= 300:
		return nil, &conversation.RefusedError{Status: r.status, Code: o.number("code", 0), Message: o.text("message")}
	case err != nil:
		return nil, fmt.Errorf("%w: the response is not JSON", unknown)
	}
	return o, nil
}

// exchange makes one request, with the credentials.
func (c *Client) exchange(ctx context.Context, method, address string, form url.Values, webhook bool) result {
	if err := ctx.Err(); err != nil {
		return result{err: err, unsent: true}
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	var connecting, connected bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connecting = true },
		GotConn: func(httptrace.GotConnInfo) { connected = true },
	})
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return result{err: errors.New("the address of the messaging service is not a URL"), unsent: true}
	}
	req.SetBasicAuth(c.user, c.password)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Clientele")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	if webhook {
		req.Header.Set("X-Twilio-Webhook-Enabled", "true")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return result{err: withoutURL(err), unsent: connecting && !connected}
	}
	defer resp.Body.Close()
	r := result{status: resp.StatusCode, retryAfter: c.retryAfter(resp.Header.Get("Retry-After"))}
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case r.status >= 300: // the status is enough, even if the body is incomplete
	case err != nil:
		r.err = withoutURL(err)
	case len(r.body) > maxBody:
		r.err = errors.New("the response is too large")
	}
	return r
}

// retryAfter returns how long a header asks to wait.
func (c *Client) retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 16); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return time.Until(at)
	}
	return 0
}

// withoutURL returns an error without the URL: it may hold an address, and errors go to the
// log.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
