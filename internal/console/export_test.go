package console_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
)

func TestOnlyWhoMayExportDoes(t *testing.T) {
	s := newShop(t, nil, some(3)...)
	s.get("root", "/console/customers/export").must(t, http.StatusOK, []string{"You don’t have permission to export", `href="/console/people"`, "eve"}, `action="/console/customers/export/file"`)
	for _, who := range []string{"root", "alice", "gone", ""} {
		a := s.post(who, "/console/customers/export/file", "format", "csv")
		if a.StatusCode == http.StatusOK || strings.Contains(a.body, "Customer 0001") {
			t.Errorf("%q gets status %d", who, a.StatusCode)
		}
	}
	s.post("root", "/console/customers/export/file", "format", "csv").must(t, http.StatusForbidden, nil)
	if s.did("root", audit.Exported, "") {
		t.Error("what was refused is in the audit as done")
	}
	s.get("eve", "/console/customers/export").must(t, http.StatusOK, []string{"3 customers", "Includes full numbers", `action="/console/customers/export/file"`}, "You don’t have permission to export")
	for format, name := range map[string]string{"csv": `customers-2026-11-22.csv`, "json": `customers-2026-11-22.jsonl`} {
		a := s.post("eve", "/console/customers/export/file", "format", format).must(t, http.StatusOK, []string{"Customer 0000", "Customer 0001", "Customer 0002", "+49301000001"})
		if d := a.Header.Get("Content-Disposition"); d != `attachment; filename="`+name+`"` || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s comes as %q, %q", format, d, a.Header.Get("Cache-Control"))
		}
	}
	if !s.did("eve", audit.Exported, "") {
		t.Error("the audit does not tell")
	}
	s.get("eve", "/console/customers/export/file").must(t, http.StatusSeeOther, nil)
}

func TestNothingIsExportedThatIsNotWrittenDown(t *testing.T) {
	s := newShop(t, nil, some(3)...)
	s.trail.keep = audit.ErrUnavailable
	if a := s.post("eve", "/console/customers/export/file", "format", "csv"); a.StatusCode < 500 || strings.Contains(a.body, "Customer 0001") {
		t.Errorf("status %d:\n%.500s", a.StatusCode, a.body)
	}
}

// halting is an office whose export breaks off, after so many bytes.
type halting struct {
	console.Admin
	after string
}

func (h halting) Export(_ context.Context, _ string, w io.Writer, _ string) (int, error) {
	io.WriteString(w, h.after)
	return 0, errors.New("the disk is gone")
}

func TestHalfAnExportIsNoWholeOne(t *testing.T) {
	s := newShop(t, func(o console.Admin) console.Admin { return halting{o, "id,name\n"} })
	server := httptest.NewServer(s.handler)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/console/customers/export/file", strings.NewReader("format=csv"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "clientele", Value: "eve"})
	answer, err := http.DefaultClient.Do(r)
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("half a file looks like a whole one")
	}
	// Before the first byte it is a page.
	s = newShop(t, func(o console.Admin) console.Admin { return halting{o, ""} })
	s.post("eve", "/console/customers/export/file", "format", "json").must(t, http.StatusInternalServerError, []string{`data-error-code="internal"`})
}
