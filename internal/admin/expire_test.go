package admin

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// nobody is a store without customers.
type nobody struct{ customer.Store }

func (nobody) All(context.Context) iter.Seq2[customer.Customer, error] {
	return func(func(customer.Customer, error) bool) {}
}
func (nobody) Get(context.Context, string) (customer.Customer, error) {
	return customer.Customer{}, customer.ErrNotFound
}
func (nobody) FindByContact(context.Context, []string) ([]string, error) { return nil, nil }
func (nobody) FindRemoved(context.Context, string, []string) (customer.Removal, bool, error) {
	return customer.Removal{}, false, nil
}
func (nobody) Totals(context.Context) (customer.Totals, error) { return customer.Totals{}, nil }
func (nobody) OwnerCount(context.Context, string) (int, error) { return 0, nil }

type unwritten struct{}

func (unwritten) Write(context.Context, audit.Entry) error { return nil }

func TestAFileWaitsForADay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := New(Options{Store: nobody{}, Reader: nobody{}, Dir: dir, Audit: unwritten{}})
		defer o.Close()
		i, err := o.Stage(t.Context(), "ann", "x.csv", strings.NewReader("id,name,owner\n1,Anna,bob\n2,,bob\n"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(23 * time.Hour)
		if i, _ = o.Import(i.ID); i.State != Ready || !i.Kept || !i.HasRejects {
			t.Errorf("after 23 hours it is %+v", i)
		}
		time.Sleep(61 * time.Minute)
		if i, _ = o.Import(i.ID); i.State != Cancelled || i.Kept || i.HasRejects || i.Problem == "" || i.Ended.IsZero() {
			t.Errorf("after a day it is %+v", i)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("left are %v", left)
		}
		if _, _, err := o.Rejects(i.ID); err == nil {
			t.Error("its rejects are still there")
		}
	})
	os.Remove(dir)
}
