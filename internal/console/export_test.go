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

func TestExport_NeedsPermission(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(3)...)
	f.get("rita", "/console/customers/export").check(t, http.StatusOK, []string{"You don’t have permission to export", `href="/console/people"`, "eve"}, `action="/console/customers/export/file"`)
	for _, who := range []string{"rita", "alice", "gone", ""} {
		a := f.post(who, "/console/customers/export/file", "format", "csv")
		if a.StatusCode == http.StatusOK || strings.Contains(a.body, "Customer 0001") {
			t.Errorf("export by %q: status %d", who, a.StatusCode)
		}
	}
	f.post("rita", "/console/customers/export/file", "format", "csv").check(t, http.StatusForbidden, nil)
	if f.recorded("rita", audit.Exported, "") {
		t.Error("the audit has an export that was refused")
	}
	f.get("eve", "/console/customers/export").check(t, http.StatusOK, []string{"3 customers", "Includes full numbers", `action="/console/customers/export/file"`}, "You don’t have permission to export")
	for format, name := range map[string]string{"csv": `customers-2026-11-22.csv`, "json": `customers-2026-11-22.jsonl`} {
		a := f.post("eve", "/console/customers/export/file", "format", format).check(t, http.StatusOK, []string{"Customer 0000", "Customer 0001", "Customer 0002", "+49301000001"})
		if d := a.Header.Get("Content-Disposition"); d != `attachment; filename="`+name+`"` || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("format %s: Content-Disposition %q, Cache-Control %q", format, d, a.Header.Get("Cache-Control"))
		}
	}
	if !f.recorded("eve", audit.Exported, "") {
		t.Error("the audit lacks the export")
	}
	f.get("eve", "/console/customers/export/file").check(t, http.StatusSeeOther, nil)
}

func TestExport_NeedsAuditEntry(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(3)...)
	f.audit.writeErr = audit.ErrUnavailable
	if a := f.post("eve", "/console/customers/export/file", "format", "csv"); a.StatusCode < 500 || strings.Contains(a.body, "Customer 0001") {
		t.Errorf("export: status %d:\n%.500s", a.StatusCode, a.body)
	}
}

// abortingExport is an Admin whose export fails after some bytes.
type abortingExport struct {
	console.Admin
	after string
}

func (h abortingExport) Export(_ context.Context, _ string, w io.Writer, _ string) (int, error) {
	io.WriteString(w, h.after)
	return 0, errors.New("the disk is gone")
}

func TestExport_AbortsOnError(t *testing.T) {
	f := newCustomersFixture(t, func(o console.Admin) console.Admin { return abortingExport{o, "id,name\n"} })
	server := httptest.NewServer(f.handler)
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
		t.Error("an aborted export looks complete")
	}
	// An error before the first byte is a page.
	f = newCustomersFixture(t, func(o console.Admin) console.Admin { return abortingExport{o, ""} })
	f.post("eve", "/console/customers/export/file", "format", "json").check(t, http.StatusInternalServerError, []string{`data-error-code="internal"`})
}
