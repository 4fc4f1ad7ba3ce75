package frontline

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ClientOptions is how a client is set up. The zero value calls unsigned, with a
// transport of its own and a budget of CallTimeout.
type ClientOptions struct {
	// AuthToken answers the auth token that requests are signed with. It is
	// asked for every call, from many goroutines. When nil, or when it answers
	// "", requests go unsigned.
	AuthToken func() string
	// Transport carries the requests. When nil, the client makes its own: no
	// proxy is taken from the environment, idle connections are kept.
	Transport http.RoundTripper
	// Timeout is how long a call may take in all, to the last byte of the
	// answer. 0 means CallTimeout.
	Timeout time.Duration
}

// A Client is a [CRM] that calls somebody's callback URL. It is safe for
// concurrent use, and should live as long as the URL is in use: it keeps
// connections.
//
// It sends exactly what the protocol says, and reads liberally: numbers for
// strings, null and wrong types wherever a field is optional, unknown fields, a
// byte order mark, any Content-Type, unusable rows among good ones. What comes
// back is still somebody else's: pages may be larger or smaller than asked,
// repeat, or never end; a text may hold anything.
//
// Its errors:
//   - an [*InvalidRequestError], without a call being made, when the request is
//     not one: no Worker, no CustomerID, a negative PageSize, text that is not
//     UTF-8 or has a NUL;
//   - [ErrNotFound] when the service does not know the customer: status 404, or
//     an answer with nothing usable in it;
//   - a [*CallbackError] when the call failed; Code tells how;
//   - the error of the context, when it was the caller who gave up.
type Client struct {
	url       target
	authToken func() string
	http      http.Client
	timeout   time.Duration
}

// NewClient makes a client of a callback URL. The error is that of
// [CheckCallbackURL], in a *CallbackError with CodeNoCallbackURL: for an empty
// URL and for one that cannot be called alike.
func NewClient(callbackURL string, opts ClientOptions) (*Client, error) {
	if err := CheckCallbackURL(callbackURL); err != nil {
		return nil, &CallbackError{Code: CodeNoCallbackURL, Err: err}
	}
	t, err := parseTarget(callbackURL)
	if err != nil {
		return nil, &CallbackError{Code: CodeNoCallbackURL, Err: err}
	}
	c := &Client{url: t, authToken: opts.AuthToken, timeout: opts.Timeout}
	if c.timeout <= 0 {
		c.timeout = CallTimeout
	}
	c.http.Transport = opts.Transport
	if opts.Transport == nil {
		c.http.Transport = newTransport()
	}
	// A new URL would need a new signature: a redirect is an answer like any
	// other that has no customers in it.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

func newTransport() *http.Transport {
	// The budget of the call ends an attempt to connect; these only see to it
	// that one does not live on for long afterwards.
	const abandon = 2 * CallTimeout
	dialer := &net.Dialer{Timeout: abandon}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    abandon,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: MaxBodyBytes,
	}
}

// CloseIdleConnections closes the connections that are kept for the next call.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// CustomersList asks for a page of the worker's customers. A PageSize above
// MaxPageSize asks for MaxPageSize. On the first page (no anchor, no token) an
// answer without a list is an error; later, an answer with no usable customer is
// the end of the list.
func (c *Client) CustomersList(ctx context.Context, req ListRequest) (ListResponse, error) {
	if req.PageSize < 0 {
		return ListResponse{}, invalid("PageSize must be a positive whole number")
	}
	size := min(req.PageSize, MaxPageSize)
	if size == 0 {
		size = DefaultPageSize
	}
	params := []param{
		{name: "Location", value: LocationCustomersList},
		{name: "Worker", value: req.Worker},
		{name: "PageSize", value: strconv.Itoa(size)},
	}
	switch {
	case req.NextPageToken != "":
		params = append(params, param{name: "NextPageToken", value: req.NextPageToken})
	case req.Anchor != "":
		params = append(params, param{name: "Anchor", value: req.Anchor})
	}
	if req.Query != "" {
		params = append(params, param{name: "Query", value: req.Query})
	}
	body, err := c.ask(ctx, params)
	if err != nil {
		return ListResponse{}, err
	}
	return decodeList(body, req.Anchor == "" && req.NextPageToken == "")
}

// CustomerDetails asks for one customer. One that comes without an ID has the
// requested one.
func (c *Client) CustomerDetails(ctx context.Context, req DetailsRequest) (DetailsResponse, error) {
	if req.CustomerID == "" {
		return DetailsResponse{}, invalid("CustomerId is missing")
	}
	body, err := c.ask(ctx, []param{
		{name: "Location", value: LocationCustomerDetails},
		{name: "Worker", value: req.Worker},
		{name: "CustomerId", value: req.CustomerID},
	})
	var failed *CallbackError
	if errors.As(err, &failed) && failed.Status == http.StatusNotFound {
		return DetailsResponse{}, ErrNotFound
	}
	if err != nil {
		return DetailsResponse{}, err
	}
	return decodeDetails(body, req.CustomerID)
}

// ask checks the parameters and makes one call within the client's time.
func (c *Client) ask(ctx context.Context, params []param) ([]byte, error) {
	for _, p := range params {
		if p.name == "Worker" && p.value == "" {
			return nil, invalid("Worker is missing")
		}
		if !isText(p.value) {
			return nil, invalid(p.name + " must be UTF-8 without NUL")
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	body, refused, err := c.exchange(within, params)
	switch {
	case err == nil:
		return body, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case within.Err() != nil && !refused:
		return nil, &CallbackError{Code: CodeCallbackTimeout, Err: errors.New("no whole answer within " + c.timeout.String())}
	}
	return nil, err
}

// encodeForm writes parameters in the order given, as the reference text does.
func encodeForm(params []param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name)
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.value))
	}
	return b.String()
}
