package frontline

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"net/url"
	"slices"
)

// SignatureHeader is the header with a request's signature.
const SignatureHeader = "X-Twilio-Signature"

// signatureLen is the length of a signature: 20 bytes in base64.
const signatureLen = 28

// Sign returns the signature of a request to callbackURL with these body parameters (not
// those of the URL's query): the base64 of the HMAC-SHA1, keyed with authToken, of the
// [CanonicalURL] followed by the name and the value of each parameter in byte order of
// the names. Each distinct value of a repeated name counts, in byte order. The port is
// signed as written.
//
// A callbackURL that is not a URL is signed as it is; see [CheckCallbackURL].
func Sign(authToken, callbackURL string, params url.Values) string {
	message := callbackURL
	if t, err := parseTarget(callbackURL); err == nil {
		message = t.String()
	}
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write(appendValues([]byte(message), params))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify reports whether signature was made with authToken for a request to callbackURL
// with these body parameters. It accepts signatures of the URL with its port, without
// it, or, where the URL has none, with the default port of its scheme; with the host as
// written; and with apostrophes escaped or not. The comparison takes constant time. An
// empty authToken verifies nothing.
func Verify(authToken, callbackURL string, params url.Values, signature string) bool {
	t, err := parseTarget(callbackURL)
	if err != nil {
		return false
	}
	var v verifier
	v.params = appendValues(nil, params)
	return v.verify(authToken, t, signature)
}

// A verifier checks signatures and reuses its buffers.
type verifier struct {
	params  []byte // names and values, as they are signed
	message []byte
	sum     []byte
	mac     hash.Hash
	key     string // of mac
}

// verify reports whether signature is correct for a request to t with v.params.
func (v *verifier) verify(authToken string, t target, signature string) bool {
	if authToken == "" || len(signature) != signatureLen {
		return false
	}
	if v.mac == nil || v.key != authToken {
		v.mac, v.key = hmac.New(sha1.New, []byte(authToken)), authToken
	}
	return v.matches(t, signature) || slices.ContainsFunc(t.readings()[1:], func(other target) bool {
		return v.matches(other, signature)
	})
}

func (v *verifier) matches(t target, signature string) bool {
	v.message = append(t.append(v.message[:0]), v.params...)
	v.mac.Reset()
	v.mac.Write(v.message)
	v.sum = v.mac.Sum(v.sum[:0])
	var want, got [signatureLen]byte
	base64.StdEncoding.Encode(want[:], v.sum)
	copy(got[:], signature)
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// appendValues appends parameters as they are signed.
func appendValues(b []byte, params url.Values) []byte {
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(params[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			b = append(append(b, name...), value...)
		}
	}
	return b
}
