package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clientele-project/clientele/internal/web"
)

func TestInstrument(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /customers/{id}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "here") })
	mux.HandleFunc("POST /gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("GET /silent", func(http.ResponseWriter, *http.Request) {})
	logged := web.Log(slog.New(slog.DiscardHandler))(mux)
	var got []web.Request
	observed := web.Instrument(func(req web.Request) {
		if req.Took < 0 {
			t.Errorf("Took = %v", req.Took)
		}
		got = append(got, req)
	})(logged)
	for _, c := range []struct{ method, path string }{
		{"GET", "/customers/4711"}, {"POST", "/gone"}, {"GET", "/silent"}, {"M3THOD", "/p4th"},
	} {
		observed.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, c.path, nil))
		logged.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(c.method, c.path, nil)) // without observer
	}
	want := []web.Request{
		{Method: "GET", Route: "GET /customers/{id}", Status: 200},
		{Method: "POST", Route: "POST /gone", Status: 410},
		{Method: "GET", Route: "GET /silent", Status: 0},
		{Method: "other", Route: "none", Status: 404},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(web.Request{}, "Took")); diff != "" {
		t.Errorf("observed requests (-want +got):\n%s", diff)
	}
}
