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

// ClientOptions configures a Client. The zero value makes unsigned calls over a transport
// of the client's own, within CallTimeout.
type ClientOptions struct {
	// AuthToken returns the auth token that signs requests. It is called for every
	// request, from many goroutines. If it is nil or returns "", requests are unsigned.
	AuthToken func() string
	// Transport sends the requests. If nil, the client makes its own, which uses no
	// proxy and keeps idle connections.
	Transport http.RoundTripper
	// Timeout bounds a call, up to the last byte of the response. 0 means CallTimeout, and
	// RouteTimeout for Route.
	Timeout time.Duration
}

// A Client is a [CRM] that calls a callback URL, and so it is an [Outgoing], [Templates],
// a [Router] and [Conversations] that call the URL of their callback. It is safe for
// concurrent use. It keeps connections, so it should live as long as the URL is in use.
//
// It sends exactly what the protocol says, and reads liberally: it accepts numbers for
// strings, null and wrong types in optional fields, unknown fields, a byte order mark,
// any Content-Type, and unusable rows among good ones. The content is not to be trusted:
// pages may be larger or smaller than requested, repeat, or never end, and a text may
// hold anything.
//
// Its errors are
//   - an [*InvalidRequestError], without a call, for an invalid request: no Worker, no
//     CustomerID, a negative PageSize, text that is not UTF-8 or has a NUL, and so on;
//   - [ErrNotFound], but not from CustomersList, if the service does not know the
//     customer: status 404 without HTML, or details without any usable field;
//   - [ErrForbidden], from ProxyAddress only: status 403;
//   - a [*CallbackError] if the call failed; Code says how;
//   - the error of the context, if the caller canceled it.
type Client struct {
	url       target
	authToken func() string
	http      http.Client
	timeout   time.Duration
}

// NewClient returns a client of a callback URL. The error is that of [CheckCallbackURL],
// in a *CallbackError with CodeNoCallbackURL, both for an empty URL and for an invalid
// one.
func NewClient(callbackURL string, opts ClientOptions) (*Client, error) {
	if err := CheckCallbackURL(callbackURL); err != nil {
		return nil, &CallbackError{Code: CodeNoCallbackURL, Err: err}
	}
	t, err := parseTarget(callbackURL)
	if err != nil {
		return nil, &CallbackError{Code: CodeNoCallbackURL, Err: err}
	}
	c := &Client{url: t, authToken: opts.AuthToken, timeout: opts.Timeout}
	c.http.Transport = opts.Transport
	if opts.Transport == nil {
		c.http.Transport = newTransport()
	}
	// A new URL would need a new signature, so redirects are not followed.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

func newTransport() *http.Transport {
	// The timeout of the call ends an attempt to connect. These limits end attempts
	// that the transport continues afterwards.
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

// CloseIdleConnections closes the connections kept for the next call.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// CustomersList requests a page of the worker's customers, at most MaxPageSize. For the
// first page (no anchor, no token) a response without a list, or with rows of which none
// has an ID, is an error. A later page may be without customers: it ends the list, unless
// it has a token that was not used before. (Services that filter after paging send such
// pages.) A customer may be without a DisplayName.
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
	body, err := c.call(ctx, CallTimeout, params)
	if err != nil {
		return ListResponse{}, err
	}
	return decodeList(body, req.Anchor == "" && req.NextPageToken == "")
}

// CustomerDetails requests one customer, who gets the requested ID. A response about
// another customer has CodeInvalidResponse. As one ID count a number and its text, and the
// forms of a Salesforce ID with 15 and with 18 characters.
//
// Channels without a digit or an @ in their value, and links without a value, are left
// out. The words undefined and null are no value and no name.
func (c *Client) CustomerDetails(ctx context.Context, req DetailsRequest) (DetailsResponse, error) {
	body, err := c.callFor(ctx, LocationCustomerDetails, req.Worker, req.CustomerID)
	if err != nil {
		return DetailsResponse{}, err
	}
	return decodeDetails(body, req.CustomerID)
}

// callFor makes a call about a customer, whom the service may not know.
func (c *Client) callFor(ctx context.Context, location, worker, customerID string, more ...param) ([]byte, error) {
	if customerID == "" {
		return nil, invalid("CustomerId is missing")
	}
	body, err := c.call(ctx, CallTimeout, append([]param{
		{name: "Location", value: location},
		{name: "Worker", value: worker},
		{name: "CustomerId", value: customerID},
	}, more...))
	if isUnknown(body, err) {
		return nil, ErrNotFound
	}
	return body, err
}

// call checks the parameters and makes one call within the client's timeout, or limit if
// it has none. With status 404 it returns the beginning of the body as well.
func (c *Client) call(ctx context.Context, limit time.Duration, params []param) ([]byte, error) {
	if c.timeout > 0 {
		limit = c.timeout
	}
	for _, p := range params {
		if p.name == "Worker" && p.value == "" {
			return nil, invalid("Worker is missing")
		}
		if !isText(p.name) || !isText(p.value) {
			return nil, invalid(p.name + " must be UTF-8 without NUL")
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	body, refused, err := c.post(within, params)
	switch {
	case err == nil:
		return body, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case within.Err() != nil && !refused:
		return nil, &CallbackError{Code: CodeCallbackTimeout, Err: errors.New("no complete response within " + limit.String())}
	}
	return body, err
}

// encodeForm encodes parameters in the given order, as the reference text does. A blank is
// %20: some services do not read a plus sign.
func encodeForm(params []param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.value))
	}
	return strings.ReplaceAll(b.String(), "+", "%20")
}
