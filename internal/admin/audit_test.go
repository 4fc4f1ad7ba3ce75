package admin_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// exportWriter keeps the audit's lines as of the first byte written.
type exportWriter struct {
	bytes.Buffer
	audit            *auditRecorder
	linesAtFirstByte []string
}

func (n *exportWriter) Write(p []byte) (int, error) {
	if n.linesAtFirstByte == nil {
		n.linesAtFirstByte = n.audit.lines()
	}
	return n.Buffer.Write(p)
}

func TestService_Export_AuditsBeforeTheFirstByte(t *testing.T) {
	ts := newTestService(t)
	ts.put(customer.Customer{ID: "1", Name: "=Anna"}, customer.Customer{ID: "2", Name: "Bert"})
	want := ts.dump()
	for _, format := range []string{admin.CSV, admin.JSON} {
		w := &exportWriter{audit: ts.audit}
		if n, err := ts.Export(admin.WithAddress(t.Context(), "192.0.2.7"), "ann", w, format); n != 2 || err != nil {
			t.Fatalf("Export(%s) = %d, %v, want 2", format, n, err)
		}
		if last := w.linesAtFirstByte[len(w.linesAtFirstByte)-1]; last != fmt.Sprintf(`ann export "" %q 2`, "format="+format) {
			t.Errorf("audit at the first byte = %s", last)
		}
		other := newTestService(t)
		if i := other.importText(w.String(), admin.ImportOptions{}); i.Report.Created != 2 || other.dump() != want {
			t.Errorf("import of the %s export = %+v:\n%s", format, i.Report, other.dump())
		}
	}
	if e := ts.audit.entries[0]; e.Address != "192.0.2.7" || e.Via != "console" || e.Action != audit.Exported {
		t.Errorf("audit entry = %+v", e)
	}
	ts.audit.fail(errBroken)
	w := &exportWriter{audit: ts.audit}
	if _, err := ts.Export(t.Context(), "ann", w, admin.CSV); err == nil || w.Len() > 0 {
		t.Errorf("Export() with a broken audit = %v, want its error and 0 bytes, not %d", err, w.Len())
	}
	ts.audit.fail(nil)
	if _, err := ts.Export(t.Context(), "ann", w, "xlsx"); err == nil || w.Len() > 0 {
		t.Errorf("Export(xlsx) = %v, want an error", err)
	}
}

// What cannot be recorded is not done.
func TestService_DoesNothingUnrecorded(t *testing.T) {
	ts := newTestService(t)
	mail := []customer.Channel{{Type: "email", Value: "a@example.com"}}
	ts.put(customer.Customer{ID: "1", Name: "Anna", Channels: mail}, customer.Customer{ID: "2", Name: "Bert", Channels: mail}, customer.Customer{ID: "3", Name: "Carl"})
	group := ts.onlyGroup()
	if _, err := ts.Delete(t.Context(), "ann", "3"); err != nil {
		t.Fatal(err)
	}
	was := ts.dump()
	ts.audit.fail(errBroken)
	_, assign := ts.Assign(t.Context(), "ann", []string{"1"}, []string{"bob"})
	_, remove := ts.Delete(t.Context(), "ann", "1")
	for name, err := range map[string]error{
		"Save": ts.Save(t.Context(), "ann", customer.Customer{Name: "New"}, ""), "Assign": assign, "Delete": remove,
		"AllowImport": ts.AllowImport(t.Context(), "ann", "3"), "Merge": ts.Merge(t.Context(), "ann", group, "1", "2"),
	} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s() = %v, want the audit's error", name, err)
		}
	}
	if got := ts.dump(); got != was {
		t.Errorf("customers after failed entries:\n%s\nwant\n%s", got, was)
	}
	ts.audit.fail(nil)
	if err := ts.AllowImport(t.Context(), "ann", "3"); err != nil {
		t.Errorf("AllowImport() after a failed one = %v", err)
	}
}

func TestService_Save_AuditsNewOwners(t *testing.T) {
	ts := newTestService(t)
	c := customer.Customer{ID: "1", Name: "Ada", Workers: []string{"bob"}}
	ts.put(c)
	for _, change := range []func(){
		func() { c.Company = "Acme" },
		func() { c.Workers = []string{"zoe"} },
		func() { c.Workers = nil },
	} {
		was := admin.Revision(c)
		change()
		if err := ts.Save(t.Context(), "ann", c, was); err != nil {
			t.Fatal(err)
		}
	}
	want := `ann customer-changed "1" "" 0|ann customer-changed "1" "owners=zoe" 0|ann customer-changed "1" "owners=" 0`
	if got := strings.Join(ts.audit.lines(), "|"); got != want {
		t.Errorf("audit = %s, want %s", got, want)
	}
}
