package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

var auditEpoch = time.UnixMicro(1_800_000_000_000_000)

func TestAudit_CannotBeChanged(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		if err := d.Audit().AddEntries(ctx, []audit.Entry{{When: auditEpoch, Actor: "ada"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := dbtest.Raw(t, database).Exec("UPDATE audit SET actor = 'bob'"); err == nil {
			t.Error("UPDATE audit succeeded")
		}
		if page, err := d.Audit().FindEntries(ctx, audit.Query{Limit: 5}); err != nil || page.Entries[0].Actor != "ada" {
			t.Errorf("FindEntries() = %+v, %v, want the entry of ada", page, err)
		}
	})
}

func TestAudit_ABatchIsAddedWholeOrNotAtAll(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		if _, err := dbtest.Raw(t, database).Exec("CREATE UNIQUE INDEX once ON audit (actor)"); err != nil {
			t.Fatal(err)
		}
		err := d.Audit().AddEntries(ctx, []audit.Entry{{When: auditEpoch, Actor: "first"}, {When: auditEpoch, Actor: "twice"}, {When: auditEpoch, Actor: "twice"}})
		if !errors.Is(err, audit.ErrUnavailable) {
			t.Errorf("AddEntries() = %v, want ErrUnavailable", err)
		}
		if page, err := d.Audit().FindEntries(ctx, audit.Query{Limit: 5}); err != nil || len(page.Entries) != 0 {
			t.Errorf("FindEntries() = %+v, %v, want none", page, err)
		}
	})
}

func TestAudit_DatabaseErrorsAreUnavailable(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		a := d.Audit()
		if _, err := dbtest.Raw(t, database).Exec("ALTER TABLE audit RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		_, find := a.FindEntries(ctx, audit.Query{Limit: 1})
		_, drop := a.DeleteEntries(ctx, auditEpoch, 1)
		for name, err := range map[string]error{"AddEntries": a.AddEntries(ctx, []audit.Entry{{}}), "FindEntries": find, "DropEntries": drop} {
			if !errors.Is(err, audit.ErrUnavailable) {
				t.Errorf("%s() = %v, want ErrUnavailable", name, err)
			}
		}
	})
}
