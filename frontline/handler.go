package frontline

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// HandlerOptions configures a handler. The zero value refuses every request, because it
// has no token to check signatures with.
type HandlerOptions struct {
	// AuthTokens returns the auth tokens that may sign a request, the most likely first;
	// there are several while a new one replaces an old one. It is called for every
	// request, from many goroutines. Empty tokens are ignored. May be nil.
	AuthTokens func() []string
	// PublicURL is the URL under which callers reach the root of this server, where the
	// process sees another one, for example behind a proxy: https://example.com, or
	// https://example.com/crm if the proxy removes /crm. With the path and query of a
	// request it makes the URL that the caller signed. If it is empty, the request's
	// Host is used. See [CheckPublicURL].
	PublicURL string
	// AllowUnsigned reports whether a request without a signature is accepted. If nil,
	// none is. A request with a signature needs a correct one in any case.
	AllowUnsigned func(*http.Request) bool
	// WrongSignature is called when a request is refused because its signature is missing or
	// wrong, from many goroutines, to find out why: verify is [Verify] with the parameters
	// and the signature of the request. It is valid during the call only. May be nil.
	WrongSignature func(r *http.Request, verify func(authToken, callbackURL string) bool)
	// Logger logs why a request failed (at level Error) or was refused (at level Debug).
	// It logs nothing of requests and responses beyond the errors of the CRM, or of the
	// interface that the handler serves. If nil, nothing is logged.
	Logger *slog.Logger
}

// NewHandler returns an integration service over a CRM. Mount it at the path of the
// callback URL; it reads the body of a request only, not its path.
//
// The first line that applies decides the status:
//
//	405  not POST
//	415  not application/x-www-form-urlencoded (nor x-www-urlencoded)
//	413  a body over MaxBodyBytes
//	403  no signature, or a wrong one
//	422  Location is missing or unknown
//	400  Worker or CustomerId is missing; PageSize is not a positive whole number;
//	     a token is over MaxTokenBytes; invalid UTF-8, NUL or percent-encoding
//	     anywhere; a parameter of the protocol comes twice; unknown parameters contain
//	     the name of a known one, which the signature cannot tell from it; the CRM
//	     returned an *InvalidRequestError
//	404  the CRM returned ErrNotFound
//	503  the CRM returned an *UnavailableError or a *CallbackError, or timed out;
//	     with Retry-After
//	500  the CRM returned any other error, or a response that cannot be sent: a single
//	     customer over MaxBodyBytes, or a token over MaxTokenBytes
//	200  well-formed
//
// Empty parameters count as missing, unknown ones are ignored. The CRM is called with a
// PageSize from 1 to MaxPageSize, and with a token or an anchor, never both. A response
// is always smaller than MaxBodyBytes: if a page is larger, the CRM is called again for
// fewer customers. The rows of a list have ID, DisplayName and Avatar only, and rows
// without an ID are left out.
//
// NewHandler panics if [CheckPublicURL] refuses opts.PublicURL.
func NewHandler(crm CRM, opts HandlerOptions) http.Handler {
	h := &crmHandler{crm: crm}
	h.handler = newHandler("CRM callback", opts, h.write)
	return h
}

// newHandler returns a handler of the callback with this name.
func newHandler(name string, opts HandlerOptions, respond respondFunc) *handler {
	h := &handler{name: name, respond: respond, opts: opts, log: opts.Logger}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if err := CheckPublicURL(opts.PublicURL); err != nil {
		panic("frontline: HandlerOptions.PublicURL: " + err.Error())
	}
	if opts.PublicURL != "" {
		h.public, _ = parseTarget(opts.PublicURL)
		h.public.rest = strings.TrimRight(h.public.rest, "/")
	}
	return h
}

// handler is what the handlers of all callbacks have in common.
type handler struct {
	name    string // for the log
	respond respondFunc
	opts    HandlerOptions
	public  target // zero without a PublicURL
	log     *slog.Logger
	pool    sync.Pool // of *buffers
}

// A respondFunc writes the response to a request with a valid signature to b.out, or returns
// an error. b.params are in signing order; encoded reports whether their encoding is intact.
type respondFunc func(b *buffers, r *http.Request, encoded bool) error

type crmHandler struct {
	*handler
	crm CRM
}

// buffers holds the buffers of one request, reused for the next.
type buffers struct {
	body   []byte
	params []param
	verifier
	out []byte
}

// Larger buffers are not reused.
const (
	maxReusedBytes  = 2 * MaxBodyBytes
	maxReusedParams = 1 << 10
)

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := h.pool.Get().(*buffers)
	if b == nil {
		b = new(buffers)
	}
	status := http.StatusOK
	encoded, err := h.read(b, r)
	if err == nil {
		err = h.respond(b, r, encoded)
	}
	if err != nil {
		status = h.refuse(b, w, r, err)
	}
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(len(b.out))}
	w.WriteHeader(status)
	w.Write(b.out)

	clear(b.params) // they reference the body
	if cap(b.out) <= maxReusedBytes && cap(b.message) <= maxReusedBytes && cap(b.params) <= maxReusedParams {
		h.pool.Put(b)
	}
}

// jsonType is shared by all responses; appending to it copies it.
var jsonType = slices.Clip([]string{"application/json"})

func (h *crmHandler) write(b *buffers, r *http.Request, encoded bool) error {
	f, err := parseFields(b.params, encoded, LocationCustomersList, LocationCustomerDetails)
	if err != nil {
		return err
	}
	if f.location == LocationCustomersList {
		return h.list(b, r, f)
	}
	return h.details(b, r, f)
}
