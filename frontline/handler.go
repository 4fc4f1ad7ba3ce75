package frontline

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// HandlerOptions is how a handler is set up. With the zero value every request
// is refused, for want of a token to check its signature with.
type HandlerOptions struct {
	// AuthTokens answers the auth tokens that a request may be signed with, most
	// likely first; several are good while a new one takes over from an old one.
	// It is asked for every request, from many goroutines. Empty tokens sign
	// nothing. May be nil.
	AuthTokens func() []string
	// PublicURL is the URL at which callers reach the root of this server when
	// that is not what the process sees, behind a proxy for one: such as
	// https://example.com, or https://example.com/crm when the proxy removes
	// /crm. The path and query of a request are added to it to know the URL that
	// the caller signed. When empty, the request's own Host is believed. See
	// [CheckPublicURL].
	PublicURL string
	// AllowUnsigned tells whether a request without a signature is to be
	// answered nonetheless. When nil, none is. A request that has a signature
	// must have a right one in any case.
	AllowUnsigned func(*http.Request) bool
	// Logger is told why a request could not be answered (at level Error) or was
	// refused (at level Debug). Nothing of a request or an answer is in what it
	// is told, save for what the CRM's own errors say. Nil: nothing is logged.
	Logger *slog.Logger
}

// NewHandler makes an integration service of a CRM: the callee of the CRM
// callback. Mount it wherever the callback URL leads; it looks at the body of a
// request only, never at its path.
//
// The first line that applies decides how a request is answered:
//
//	405  not POST
//	415  not application/x-www-form-urlencoded (nor x-www-urlencoded)
//	413  a body over MaxBodyBytes
//	403  no signature, or a wrong one
//	422  Location is missing or unknown
//	400  Worker or CustomerId is missing; PageSize is not a positive whole number;
//	     a token is over MaxTokenBytes; invalid UTF-8, NUL or percent-encoding
//	     anywhere; a parameter of the protocol comes twice; the CRM returned an
//	     *InvalidRequestError
//	404  the CRM returned ErrNotFound
//	503  the CRM returned an *UnavailableError or a *CallbackError, or ran out of
//	     time; with Retry-After
//	500  the CRM returned any other error, or an answer that cannot be sent: a
//	     single customer over MaxBodyBytes, or a token over MaxTokenBytes
//	200  well-formed
//
// Empty parameters count as absent, unknown ones are ignored. The CRM is asked
// with a PageSize from 1 to MaxPageSize, and with a token or an anchor, never
// with both. An answer is always smaller than MaxBodyBytes: when a page would be
// larger, the CRM is asked again for fewer customers. The rows of a list carry
// ID, DisplayName and Avatar only, and a row without an ID is left out.
//
// NewHandler panics when opts.PublicURL is one that [CheckPublicURL] refuses.
func NewHandler(crm CRM, opts HandlerOptions) http.Handler {
	h := &handler{crm: crm, opts: opts, log: opts.Logger}
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

type handler struct {
	crm    CRM
	opts   HandlerOptions
	public target // zero when the request tells the URL
	log    *slog.Logger
	pool   sync.Pool // of *exchange
}

// exchange is what answering one request needs, kept for the next request.
type exchange struct {
	body   []byte
	params []param
	verifier
	out []byte
}

// How large buffers may be to be kept for the next request.
const (
	keptBytes  = 2 * MaxBodyBytes
	keptParams = 1 << 10
)

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, _ := h.pool.Get().(*exchange)
	if x == nil {
		x = new(exchange)
	}
	status := http.StatusOK
	if err := h.answer(x, r); err != nil {
		status = h.refuse(x, w, r, err)
	}
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(len(x.out))}
	w.WriteHeader(status)
	w.Write(x.out)

	clear(x.params) // they hold on to the body
	if cap(x.out) <= keptBytes && cap(x.message) <= keptBytes && cap(x.params) <= keptParams {
		h.pool.Put(x)
	}
}

// jsonType is shared by all answers; whoever adds to it gets a copy.
var jsonType = slices.Clip([]string{"application/json"})

// answer leaves the answer to r in x.out, or tells why there is none.
func (h *handler) answer(x *exchange, r *http.Request) error {
	ok, err := h.read(x, r)
	if err != nil {
		return err
	}
	q, err := parseQuestion(x.params, ok)
	if err != nil {
		return err
	}
	if q.location == LocationCustomersList {
		return h.list(x, r, q)
	}
	return h.details(x, r, q)
}
