package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/settings"
)

// postCallback posts an event that is signed with a token for a URL, unless that is "".
func (s *testServer) postCallback(path, token, signedURL string, header http.Header) int {
	const body = "Location=GetCustomersList&Worker=ada&EventType=onX&ConversationSid=CH1"
	params, _ := url.ParseQuery(body)
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Host = "10.0.0.7:8080"
	for name := range header {
		r.Header.Set(name, header.Get(name))
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if signedURL != "" {
		r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, signedURL, params))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code
}

func TestServer_RecordsWrongSignatures(t *testing.T) {
	t.Parallel()
	const old, token = "old-token-0123456789", "new-token-0123456789"
	start := func(t *testing.T, publicURL string) *testServer {
		s := newTestServer(t, func(c *Config) { c.PublicURL = publicURL })
		long := func() time.Time { return time.Now().Add(-2 * settings.Grace) }
		stored := settings.NewService(s.db.Settings(), s.config.Key.Sealer(settings.SealerPurpose), long)
		for _, token := range []string{old, token} {
			if _, err := stored.SetAuthToken(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		s.start(t)
		return s
	}
	const public, inner = "https://crm.example", "http://10.0.0.7:8080"
	for _, tt := range []struct {
		name, publicURL, path, token, signed string
		header                               http.Header
		want                                 activity.Refusal
	}{
		{name: "unsigned", publicURL: public, path: CallbackPath, want: activity.Refusal{Cause: activity.Unsigned}},
		{name: "another token", publicURL: public, path: CallbackPath, token: "another", signed: public + CallbackPath, want: activity.Refusal{Cause: activity.OtherToken}},
		{name: "a URL of its own", publicURL: public, path: CallbackPath, token: token, signed: "https://else.example/", want: activity.Refusal{Cause: activity.OtherToken}},
		{name: "the previous token", publicURL: public, path: OutgoingPath, token: old, signed: public + OutgoingPath, want: activity.Refusal{Cause: activity.PreviousToken}},
		{name: "http for https", publicURL: public, path: CallbackPath + "?secret=1", token: token, signed: "http://crm.example" + CallbackPath + "?secret=1",
			want: activity.Refusal{Cause: activity.OtherURL, Signed: "http://crm.example" + CallbackPath, Expected: public + CallbackPath}},
		{name: "behind the proxy", publicURL: public, path: TemplatesPath, token: token, signed: inner + TemplatesPath,
			want: activity.Refusal{Cause: activity.OtherURL, Signed: inner + TemplatesPath, Expected: public + TemplatesPath}},
		{name: "no public URL", path: ConversationsPath, token: token, signed: public + ConversationsPath, header: http.Header{"X-Forwarded-Host": {"crm.example, inner"}},
			want: activity.Refusal{Cause: activity.OtherURL, Signed: public + ConversationsPath, Expected: inner + ConversationsPath}},
		{name: "another port", publicURL: public, path: RoutingPath, token: token, signed: public + ":8443" + RoutingPath, header: http.Header{"X-Forwarded-Port": {"8443"}},
			want: activity.Refusal{Cause: activity.OtherURL, Signed: public + ":8443" + RoutingPath, Expected: public + RoutingPath}},
		{name: "a slash at the end", publicURL: public, path: CallbackPath, token: token, signed: public + CallbackPath + "/",
			want: activity.Refusal{Cause: activity.OtherURL, Signed: public + CallbackPath + "/", Expected: public + CallbackPath}},
		{name: "no slash at the end", publicURL: public, path: CallbackPath + "/", token: token, signed: public + CallbackPath,
			want: activity.Refusal{Cause: activity.OtherURL, Signed: public + CallbackPath, Expected: public + CallbackPath + "/"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tt.publicURL)
			if status := s.postCallback(tt.path, tt.token, tt.signed, tt.header); status != http.StatusForbidden {
				t.Errorf("POST %s signed for %q: status %d, want 403", tt.path, tt.signed, status)
			}
			tt.want.Callback = strings.TrimRight(strings.TrimSuffix(tt.path, "?secret=1"), "/")
			if diff := cmp.Diff([]activity.Refusal{tt.want}, s.activity.Refusals(), cmpopts.IgnoreFields(activity.Refusal{}, "When")); diff != "" {
				t.Errorf("POST %s signed for %q: refusals, -want +got:\n%s", tt.path, tt.signed, diff)
			}
		})
	}
}

func TestServer_LimitsDiagnoses(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, func(c *Config) { c.AuthToken = "our token" })
	s.start(t)
	const right = "http://10.0.0.7:8080" + CallbackPath
	if status := s.postCallback(CallbackPath, "our token", right, nil); status != http.StatusOK || len(s.activity.Refusals()) != 0 {
		t.Fatalf("POST with a correct signature: status %d, refusals %v", status, s.activity.Refusals())
	}
	for range diagnosisRate.Burst {
		s.postCallback(CallbackPath, "another token", right, nil)
	}
	s.postCallback(CallbackPath, "", "", nil) // not recorded any more
	s.postCallback(TemplatesPath, "", "", nil)
	var got []string
	for _, r := range s.activity.Refusals() {
		got = append(got, r.Callback+" "+string(r.Cause))
	}
	if diff := cmp.Diff([]string{TemplatesPath + " unsigned", CallbackPath + " token"}, got); diff != "" {
		t.Errorf("refusals after a flood, -want +got:\n%s", diff)
	}
}
