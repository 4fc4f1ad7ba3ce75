// Package rest is a conversation.Backend over the REST API of the messaging service, and
// what the console reads and sets of that service's configuration.
package rest

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/clientele-project/clientele/internal/conversation"
)

// The public addresses of the API.
const (
	DefaultBaseURL  = "https://conversations.twilio.com"
	DefaultMediaURL = "https://mcs.us1.twilio.com"
)

// Options configures a Client.
type Options struct {
	// BaseURL is the address of the API, "" for DefaultBaseURL. Another one also has the
	// media.
	BaseURL string
	// AccountSID and AuthToken are the credentials, unless there is an APIKey.
	AccountSID, AuthToken string
	APIKey, APISecret     string
	// ServiceSID is the service whose conversations are used, "" for the account's default.
	ServiceSID string
	// Transport makes the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// A Client calls the API. It is safe for concurrent use.
type Client struct {
	base           string
	user, password string
	service        string
	http           *http.Client
	// defaultService is the account's, "" until it is needed.
	defaultService atomic.Value
}

var _ conversation.Backend = (*Client)(nil)

// New returns a client.
func New(o Options) *Client {
	c := &Client{
		base:     strings.TrimSuffix(cmp.Or(o.BaseURL, DefaultBaseURL), "/"),
		user:     o.AccountSID,
		password: o.AuthToken,
		service:  o.ServiceSID,
		// A redirect would need the credentials at another address.
		http: &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
	}
	if o.APIKey != "" {
		c.user, c.password = o.APIKey, o.APISecret
	}
	return c
}

// A path is a resource: collection names and SIDs alternate.
type path []string

// scoped returns the path of a resource of a service, "" for none.
func scoped(service string, p ...string) path {
	if service == "" {
		return p
	}
	return append(path{"Services", service}, p...)
}

func (c *Client) scoped(p ...string) path { return scoped(c.service, p...) }

var sidPattern = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)

// address returns the URL of a resource. SIDs may come from a worker's browser: what is none
// is not found, and cannot lead to another resource.
func (c *Client) address(p path) (string, error) {
	for i := 1; i < len(p); i += 2 {
		if !sidPattern.MatchString(p[i]) {
			return "", conversation.ErrNotFound
		}
	}
	base := c.base
	if base == DefaultBaseURL && slices.Contains(p, "Media") {
		base = DefaultMediaURL
	}
	return base + "/v1/" + strings.Join(p, "/"), nil
}
