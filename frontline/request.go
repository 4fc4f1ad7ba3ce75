package frontline

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// read reads the parameters of r into b, in signing order, and checks the signature. ok is
// false if their encoding is broken.
func (h *handler) read(b *buffers, r *http.Request) (ok bool, err error) {
	if r.Method != http.MethodPost {
		return false, errNotPost
	}
	if !isForm(r.Header) {
		return false, errNotForm
	}
	if err := b.readBody(r); err != nil {
		return false, err
	}
	signature := r.Header.Get(SignatureHeader)
	unsigned := signature == "" && h.opts.AllowUnsigned != nil && h.opts.AllowUnsigned(r)
	if !unsigned && len(signature) != signatureLen {
		return false, h.wrongSignature(b, r, signature) // without the cost of parsing the body
	}
	b.params, ok = parseForm(b.params[:0], string(b.body))
	sortParams(b.params)
	if unsigned || h.signed(b, r, signature, b.params) {
		return ok, nil
	}
	// A broken body is refused in any case, but its sender should learn why. They signed
	// the parameters as they are, or, if their decoder skips broken ones, without those.
	if !ok && h.signed(b, r, signature, intact(b.params)) {
		return false, nil
	}
	return false, h.wrongSignature(b, r, signature)
}

// wrongSignature reports a request with parameters b.verifier.params, and returns its refusal.
func (h *handler) wrongSignature(b *buffers, r *http.Request, signature string) error {
	if h.opts.WrongSignature != nil {
		h.opts.WrongSignature(r, func(authToken, callbackURL string) bool {
			t, err := parseTarget(callbackURL)
			return err == nil && b.verify(authToken, t, signature)
		})
	}
	return errSignature
}

// intact returns the parameters without the broken ones.
func intact(params []param) []param {
	return slices.DeleteFunc(slices.Clone(params), func(p param) bool { return p.broken })
}

// isForm reports whether a body is form-encoded, under either name: the reference text
// uses the second one.
func isForm(header http.Header) bool {
	if e := header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false
	}
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	return strings.EqualFold(kind, "application/x-www-form-urlencoded") ||
		strings.EqualFold(kind, "application/x-www-urlencoded")
}

// readBody reads the body, and at most one byte more than allowed.
func (b *buffers) readBody(r *http.Request) error {
	b.body = b.body[:0]
	if r.ContentLength > MaxBodyBytes {
		return errTooLong
	}
	if r.Body == nil {
		return nil
	}
	for {
		b.body = slices.Grow(b.body, 512)
		free := b.body[len(b.body):min(cap(b.body), MaxBodyBytes+1)]
		n, err := r.Body.Read(free)
		b.body = b.body[:len(b.body)+n]
		switch {
		case len(b.body) > MaxBodyBytes:
			return errTooLong
		case err == io.EOF:
			return nil
		case err != nil:
			var limit *http.MaxBytesError // set by the server around us
			if errors.As(err, &limit) {
				return errTooLong
			}
			return errCutShort
		}
	}
}

// signed reports whether the request, with these sorted parameters, is signed with one of
// the tokens.
func (h *handler) signed(b *buffers, r *http.Request, signature string, sorted []param) bool {
	b.verifier.params = appendParams(b.verifier.params[:0], sorted)
	if h.opts.AuthTokens == nil {
		return false
	}
	t := h.callerURL(r)
	for _, token := range h.opts.AuthTokens() {
		if b.verify(token, t, signature) {
			return true
		}
	}
	return false
}

// callerURL returns the URL that the caller used, as far as it is known.
func (h *handler) callerURL(r *http.Request) target {
	// Only the request line has the path as it was sent: a mux may have removed a
	// prefix from r.URL.
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
	t.setHost(r.Host)
	return t
}
