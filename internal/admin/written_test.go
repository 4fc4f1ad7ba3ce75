package admin_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// nosy looks at what the audit has when the first byte is written.
type nosy struct {
	bytes.Buffer
	diary *diary
	told  []string
}

func (n *nosy) Write(p []byte) (int, error) {
	if n.told == nil {
		n.told = n.diary.told()
	}
	return n.Buffer.Write(p)
}

func TestAnExportIsKeptInTheAuditBeforeItsFirstByte(t *testing.T) {
	h := newHouse(t)
	h.put(customer.Customer{ID: "1", Name: "=Anna"}, customer.Customer{ID: "2", Name: "Bert"})
	want := h.dump()
	for _, format := range []string{admin.CSV, admin.JSON} {
		w := &nosy{diary: h.diary}
		if n, err := h.Export(admin.WithAddress(t.Context(), "192.0.2.7"), "ann", w, format); n != 2 || err != nil {
			t.Fatalf("%d written: %v", n, err)
		}
		if last := w.told[len(w.told)-1]; last != fmt.Sprintf(`ann export "" %q 2`, format) {
			t.Errorf("the audit says %s", last)
		}
		other := newHouse(t)
		if i := other.bring(w.String(), admin.ImportOptions{}); i.Report.Created != 2 || other.dump() != want {
			t.Errorf("%s is imported as %+v:\n%s", format, i.Report, other.dump())
		}
	}
	if e := h.diary.entries[0]; e.Address != "192.0.2.7" || e.Via != "console" || e.Action != audit.Exported {
		t.Errorf("kept is %+v", e)
	}
	h.diary.fail(errBroken)
	w := &nosy{diary: h.diary}
	if _, err := h.Export(t.Context(), "ann", w, admin.CSV); !errors.Is(err, admin.ErrAuditFailed) || w.Len() > 0 {
		t.Errorf("%d bytes without the audit: %v", w.Len(), err)
	}
	h.diary.fail(nil)
	if _, err := h.Export(t.Context(), "ann", w, "xlsx"); err == nil || w.Len() > 0 {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestWhatIsDoneAndCannotBeKeptIsTold(t *testing.T) {
	h := newHouse(t)
	h.put(customer.Customer{ID: "1", Name: "Anna"}, customer.Customer{ID: "2", Name: "Bert"}, customer.Customer{ID: "3", Name: "Carl"})
	h.diary.fail(errBroken)
	_, assign := h.Assign(t.Context(), "ann", []string{"1"}, []string{"bob"})
	_, remove := h.Delete(t.Context(), "ann", "1")
	for what, err := range map[string]error{
		"saving": h.Save(t.Context(), "ann", customer.Customer{Name: "New"}, ""), "assigning": assign, "deleting": remove,
		"restoring": h.Restore(t.Context(), "ann", "1"), "merging": h.Merge(t.Context(), "ann", "2", "3"),
	} {
		if !errors.Is(err, admin.ErrAuditFailed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
