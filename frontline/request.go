package frontline

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// read takes in the parameters of r and checks who sent them. They are in x, in
// the order of signing; ok is false when their encoding is broken.
func (h *handler) read(x *exchange, r *http.Request) (ok bool, err error) {
	if r.Method != http.MethodPost {
		return false, errNotPost
	}
	if !isForm(r.Header) {
		return false, errNotForm
	}
	if err := x.readBody(r); err != nil {
		return false, err
	}
	signature := r.Header.Get(SignatureHeader)
	unsigned := signature == "" && h.opts.AllowUnsigned != nil && h.opts.AllowUnsigned(r)
	if !unsigned && len(signature) != signatureLen {
		return false, errSignature // without the cost of looking at the body
	}
	x.params, ok = parseForm(x.params[:0], string(x.body))
	sortParams(x.params)
	if unsigned || h.signed(x, r, signature, x.params) {
		return ok, nil
	}
	// A broken body is refused in any case, but the caller should hear why. Its
	// parameters were signed as they stand, or, by callers whose decoder skips
	// what it cannot read, without the broken ones.
	if !ok && h.signed(x, r, signature, sound(x.params)) {
		return false, nil
	}
	return false, errSignature
}

// sound answers the parameters whose encoding is.
func sound(params []param) []param {
	return slices.DeleteFunc(slices.Clone(params), func(p param) bool { return p.broken })
}

// isForm tells whether a body is form-encoded, under either name: the reference
// text writes the second one.
func isForm(header http.Header) bool {
	if e := header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false
	}
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	return strings.EqualFold(kind, "application/x-www-form-urlencoded") ||
		strings.EqualFold(kind, "application/x-www-urlencoded")
}

// readBody reads the whole body, and not a byte more than it must to know that
// it is too long.
func (x *exchange) readBody(r *http.Request) error {
	x.body = x.body[:0]
	if r.ContentLength > MaxBodyBytes {
		return errTooLong
	}
	if r.Body == nil {
		return nil
	}
	for {
		x.body = slices.Grow(x.body, 512)
		room := x.body[len(x.body):min(cap(x.body), MaxBodyBytes+1)]
		n, err := r.Body.Read(room)
		x.body = x.body[:len(x.body)+n]
		switch {
		case len(x.body) > MaxBodyBytes:
			return errTooLong
		case err == io.EOF:
			return nil
		case err != nil:
			var limit *http.MaxBytesError // of a server that has its own
			if errors.As(err, &limit) {
				return errTooLong
			}
			return errCutShort
		}
	}
}

// signed tells whether the request, with these sorted parameters, was signed
// with one of our tokens.
func (h *handler) signed(x *exchange, r *http.Request, signature string, sorted []param) bool {
	if h.opts.AuthTokens == nil {
		return false
	}
	x.verifier.params = appendParams(x.verifier.params[:0], sorted)
	t := h.calledAs(r)
	for _, token := range h.opts.AuthTokens() {
		if x.verify(token, t, signature) {
			return true
		}
	}
	return false
}

// calledAs answers the URL that the caller used, as far as can be told.
func (h *handler) calledAs(r *http.Request) target {
	// The request line is the only place that has the path as it was sent: a mux
	// may have taken a prefix from r.URL.
	path := r.RequestURI
	if !strings.HasPrefix(path, "/") {
		path = r.URL.RequestURI()
	}
	if h.public.host != "" {
		t := h.public
		t.rest += path
		return t
	}
	t := target{scheme: "http", rest: path}
	if r.TLS != nil {
		t.scheme = "https"
	}
	t.host, t.port = splitHost(r.Host)
	return t
}
