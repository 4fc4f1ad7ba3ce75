package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
)

// callback posts a signed request to the callback.
func (s *testServer) callback(params url.Values) *httptest.ResponseRecorder {
	return s.callbackAt(CallbackPath, params)
}

func (s *testServer) callbackAt(path string, params url.Values) *httptest.ResponseRecorder {
	target := "http://crm.example.com" + path
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(params.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set(frontline.SignatureHeader, frontline.Sign(s.live.tokens.signing(), target, params))
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func TestCallback_TrailingSlashIsTheSameAddress(t *testing.T) {
	s := newTestServer(t, nil)
	s.add(t, "ada", account.RoleWorker)
	s.put(t, customer.Customer{ID: "1", Name: "Winifred", Workers: []string{"ada"}})
	s.start(t)
	for _, path := range []string{CallbackPath, CallbackPath + "/", CallbackPath + "/?tenant=7"} {
		if w := s.callbackAt(path, url.Values{"Location": {"GetCustomersList"}, "Worker": {"ada"}}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Winifred") {
			t.Errorf("POST %s: status %d, %s, want 200 with the customer", path, w.Code, w.Body)
		}
	}
}

// A deactivated worker gets what a worker gets who has no customers, of no one's.
func TestCallback_DeactivatedWorker(t *testing.T) {
	s := newTestServer(t, nil)
	s.add(t, "Ada@example.com", account.RoleWorker)
	s.put(t, customer.Customer{ID: "1", Name: "Winifred", Workers: []string{"ada@example.com"}}, customer.Customer{ID: "2", Name: "Winston", Workers: []string{customer.Everyone}})
	s.start(t)
	requests := []url.Values{
		{"Location": {"GetCustomersList"}}, {"Location": {"GetCustomersList"}, "Query": {"win"}}, {"Location": {"GetCustomersList"}, "Anchor": {"1"}},
		{"Location": {"GetCustomerDetailsByCustomerId"}, "CustomerId": {"1"}}, {"Location": {"GetCustomerDetailsByCustomerId"}, "CustomerId": {"2"}},
	}
	ask := func(worker string, want func(request url.Values, w *httptest.ResponseRecorder) bool) {
		t.Helper()
		for _, request := range requests {
			request.Set("Worker", worker)
			w := s.callback(request)
			if !want(request, w) || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("POST %s %v: status %d, %v, %s", CallbackPath, request, w.Code, w.Header(), w.Body)
			}
		}
	}
	shown := func(_ url.Values, w *httptest.ResponseRecorder) bool {
		return w.Code == http.StatusOK && strings.Contains(w.Body.String(), "Win")
	}
	nothing := func(request url.Values, w *httptest.ResponseRecorder) bool {
		if request.Has("CustomerId") {
			return w.Code == http.StatusNotFound && w.Body.String() == `{"error":{"message":"customer not found"}}`+"\n"
		}
		return w.Code == http.StatusOK && strings.TrimSpace(w.Body.String()) == `{"objects":{"customers":[],"searchable":true}}`
	}
	ask("ada@example.com", shown)
	if err := s.accounts.Deactivate(t.Context(), "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	ask("ada@example.com", nothing)
	ask("ADA@example.com", nothing)
	if err := s.accounts.Reactivate(t.Context(), "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	ask("ada@example.com", shown)
}

func TestCallback_WorkerWithoutAccount(t *testing.T) {
	s := newTestServer(t, nil)
	s.put(t, customer.Customer{ID: "1", Name: "Winifred", Workers: []string{"elsewhere"}})
	s.start(t)
	if w := s.callback(url.Values{"Location": {"GetCustomersList"}, "Worker": {"elsewhere"}}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Winifred") {
		t.Errorf("POST %s for a worker without an account: status %d, %s, want Winifred", CallbackPath, w.Code, w.Body)
	}
	s.db.Close()
	if w := s.callback(url.Values{"Location": {"GetCustomersList"}, "Worker": {"elsewhere"}}); w.Code != http.StatusServiceUnavailable {
		t.Errorf("POST %s without a database: status %d, want 503", CallbackPath, w.Code)
	}
}
