package integration

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/outbound"
)

// diagnosis returns what failed and what to do about it.
func (t *serviceTest) diagnosis(loc *locale.Locale) string {
	var invalid *frontline.InvalidRequestError
	switch {
	case errors.Is(t.err, frontline.ErrNotFound):
		return loc.Text("console.fix.unknown")
	case errors.As(t.err, &invalid):
		return loc.Text("console.fix.invalid")
	case t.url == "":
		return loc.Text("console.fix.nourl")
	case t.method == "": // no request was sent
		return urlProblem(t.url, frontline.CheckCallbackURL(t.url), loc)
	case t.code() == frontline.CodeCallbackTimeout:
		return loc.Text(t.timeoutKey(), "seconds", int(t.timeout.Seconds()+0.5))
	case t.code() == frontline.CodeInvalidResponse:
		return loc.Text(t.invalidResponseKey(), "kib", frontline.MaxBodyBytes>>10)
	case t.responded && t.readErr != nil && t.status/100 == 2:
		return loc.Text("console.fix.truncated")
	case t.responded:
		return loc.Text(t.statusKey(), "status", t.status, "url", view.Line(t.responseHeader.Get("Location"), view.MaxValue))
	}
	return t.connectionProblem(loc)
}

// timeoutKey returns the message for a call that took too long, by how far it got.
func (t *serviceTest) timeoutKey() string {
	switch {
	case t.responded:
		return "console.fix.late.body"
	case t.connected > 0 || t.builtIn:
		return "console.fix.late.response"
	}
	return "console.fix.late.connect"
}

// invalidResponseKey returns the message for an invalid response with a success status.
func (t *serviceTest) invalidResponseKey() string {
	content := bytes.TrimSpace(bytes.TrimPrefix(t.responseBody, []byte("\uFEFF")))
	objects := members(members(content)["objects"])
	switch {
	case t.tooLarge:
		return "console.fix.large"
	case len(content) == 0:
		return "console.fix.empty"
	case content[0] == '<':
		return "console.fix.html"
	case !json.Valid(content):
		return "console.fix.json"
	case t.callback == outgoing:
		return "console.fix.proxy"
	case t.callback == templates:
		return "console.fix.templates"
	case t.Request == requestDetails:
		return "console.fix.another"
	case len(elements(objects["customers"])) > 0:
		return "console.fix.rows"
	}
	return "console.fix.list"
}

// statusKey returns the message for an error status.
func (t *serviceTest) statusKey() string {
	switch s := t.status; {
	case s >= 300 && s < 400:
		return "console.fix.redirect"
	case s == http.StatusForbidden && t.callback == outgoing:
		return "console.fix.403.outgoing"
	case s == http.StatusForbidden:
		return "console.fix.403"
	case s == http.StatusUnauthorized:
		return "console.fix.401"
	case s == http.StatusBadRequest:
		return "console.fix.400"
	case s == http.StatusNotFound || s == http.StatusGone:
		return "console.fix.404"
	case s == http.StatusMethodNotAllowed:
		return "console.fix.405"
	case s == http.StatusUnsupportedMediaType:
		return "console.fix.415"
	case s == http.StatusUnprocessableEntity:
		return "console.fix.422"
	case s == http.StatusTooManyRequests:
		return "console.fix.429"
	case s >= 500:
		return "console.fix.500"
	}
	return "console.fix.status"
}

// connectionProblem returns the message for a call without any response.
func (t *serviceTest) connectionProblem(loc *locale.Locale) string {
	var refused *outbound.RefusedError
	if errors.As(t.err, &refused) {
		where := ""
		if refused.Addr.IsValid() {
			where = refused.Addr.String()
		}
		if refused.Private {
			return loc.Text("console.fix.private", "address", where, "flag", "--allow-private-callbacks")
		}
		return loc.Text("console.fix.never", "address", where)
	}
	if key := tlsKey(t.err); key != "" {
		return loc.Text(key)
	}
	var name *net.DNSError
	switch {
	case errors.As(t.err, &name):
		return loc.Text("console.fix.dns")
	case errors.Is(t.err, syscall.ECONNREFUSED):
		return loc.Text("console.fix.refused")
	case errors.Is(t.err, syscall.EHOSTUNREACH), errors.Is(t.err, syscall.ENETUNREACH):
		return loc.Text("console.fix.unreachable")
	case t.connected > 0, errors.Is(t.err, io.EOF), errors.Is(t.err, io.ErrUnexpectedEOF), errors.Is(t.err, syscall.ECONNRESET):
		return loc.Text("console.fix.broken")
	}
	reason := t.err
	var failed *frontline.CallbackError
	if errors.As(t.err, &failed) && failed.Err != nil {
		reason = failed.Err
	}
	return loc.Text("console.fix.else", "reason", view.Line(reason.Error(), view.MaxValue))
}

// tlsKey returns the message for a TLS error, "" for any other error.
func tlsKey(err error) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var other *tls.CertificateVerificationError
	var alert tls.AlertError
	switch {
	case errors.As(err, &authority):
		return "console.fix.tls.authority"
	case errors.As(err, &name):
		return "console.fix.tls.name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "console.fix.tls.expired"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "console.fix.tls.plain"
	case errors.As(err, &invalid), errors.As(err, &other), errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return "console.fix.tls"
	}
	return ""
}
