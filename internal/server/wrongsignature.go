package server

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/web"
)

// diagnosisRate is how many refused requests to one callback are diagnosed. Anyone can send
// them, and each may take some tens of milliseconds.
var diagnosisRate = web.Rate{Burst: 5, Interval: 12 * time.Second}

// maxDiagnosed is more than there are callbacks.
const maxDiagnosed = 16

// callbackOptions returns the options of a built-in callback whose requests are signed with
// one of these tokens. Wrong signatures are recorded with their likely cause.
func (s *Server) callbackOptions(tokens func() []string) frontline.HandlerOptions {
	return frontline.HandlerOptions{
		AuthTokens: tokens, PublicURL: s.config.PublicURL, AllowUnsigned: s.config.AllowUnsigned, Logger: s.config.Logger,
		WrongSignature: func(r *http.Request, verify func(token, url string) bool) {
			if wait, _ := s.diagnoses.Take(r.Context(), web.Bucket{Key: r.Pattern, Rate: diagnosisRate}); wait == 0 {
				s.activity.RecordRefusal(s.diagnose(r, tokens(), verify))
			}
		},
	}
}

// diagnose returns why the signature of a request was refused, as far as trying others
// tells. verify reports whether the signature is that of a token and a URL.
func (s *Server) diagnose(r *http.Request, tokens []string, verify func(token, url string) bool) activity.Refusal {
	refusal := activity.Refusal{When: time.Now(), Callback: r.Pattern, Cause: activity.OtherToken}
	if r.Header.Get(frontline.SignatureHeader) == "" {
		refusal.Cause = activity.Unsigned
		return refusal
	}
	query := ""
	if r.URL.RawQuery != "" {
		query = "?" + r.URL.RawQuery
	}
	urls := likelyURLs(r, s.config.PublicURL)
	// At the zero time, no token has expired.
	if stored, _ := s.live.settings.Tokens(r.Context(), time.Time{}); verify(stored.Previous, urls[0]+query) {
		refusal.Cause = activity.PreviousToken
	}
	for _, u := range urls {
		if slices.ContainsFunc(tokens, func(token string) bool { return verify(token, u+query) }) {
			refusal.Cause, refusal.Signed, refusal.Expected = activity.OtherURL, u, urls[0]
			break
		}
	}
	return refusal
}

// likelyURLs returns what the caller of a request may take for its URL, without the query:
// first the right one, then those with another scheme, with the host or port that the
// request or a proxy says, and with or without a slash at the end.
func likelyURLs(r *http.Request, publicURL string) (all []string) {
	scheme, other := "http", "https"
	if r.TLS != nil || strings.HasPrefix(publicURL, "https:") {
		scheme, other = other, scheme
	}
	host := cmp.Or(strings.TrimPrefix(publicURL, scheme+"://"), r.Host)
	name, _, _ := strings.Cut(host, ":")
	forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Host"), ",")
	for _, scheme := range []string{scheme, other} {
		for _, host := range []string{host, r.Host, forwarded, name + ":" + r.Header.Get("X-Forwarded-Port")} {
			for _, path := range []string{r.URL.Path, r.Pattern, r.Pattern + "/"} {
				if u := scheme + "://" + host + path; !slices.Contains(all, u) {
					all = append(all, u)
				}
			}
		}
	}
	return all
}
