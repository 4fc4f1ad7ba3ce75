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

// emptyStore is a store without customers.
type emptyStore struct{ customer.Store }

func (emptyStore) All(context.Context) iter.Seq2[customer.Customer, error] {
	return func(func(customer.Customer, error) bool) {}
}
func (emptyStore) Get(context.Context, string) (customer.Customer, error) {
	return customer.Customer{}, customer.ErrNotFound
}
func (emptyStore) GetAll(context.Context, []string) ([]customer.Customer, error) { return nil, nil }
func (emptyStore) FindByContact(context.Context, []string) ([]string, error)     { return nil, nil }
func (emptyStore) FindDeletion(context.Context, string, []string) (customer.Deletion, bool, error) {
	return customer.Deletion{}, false, nil
}
func (emptyStore) Totals(context.Context) (customer.Totals, error)             { return customer.Totals{}, nil }
func (emptyStore) OwnerCount(context.Context, string) (int, error)             { return 0, nil }
func (emptyStore) OwnerMatches(context.Context) ([]customer.OwnerMatch, error) { return nil, nil }
func (emptyStore) DuplicateGroup(context.Context, string) (customer.DuplicateGroup, error) {
	return customer.DuplicateGroup{}, customer.ErrNotFound
}

// noAccounts is an Options.HasAccount without people.
func noAccounts(context.Context, ...string) (func(string) bool, error) {
	return func(string) bool { return false }, nil
}

type discardAudit struct{}

func (discardAudit) Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error {
	_, err := act(ctx)
	return err
}

func (discardAudit) Write(context.Context, audit.Entry) error { return nil }

func TestService_RemovesUploadsAfterADay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Store: emptyStore{}, Reader: emptyStore{}, Dir: dir, Audit: discardAudit{}, HasAccount: noAccounts})
		defer s.Close()
		i, err := s.Upload(t.Context(), "ann", "x.csv", strings.NewReader("id,name,owner\n1,Anna,bob\n2,,bob\n"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(23 * time.Hour)
		if i, _ = s.Import(i.ID); i.State != Ready || !i.HasFile || !i.HasRejects {
			t.Errorf("Import() after 23 hours = %+v, want Ready", i)
		}
		time.Sleep(61 * time.Minute)
		if i, _ = s.Import(i.ID); i.State != Canceled || i.HasFile || i.HasRejects || i.Problem == "" || i.Ended.IsZero() {
			t.Errorf("Import() after a day = %+v, want Canceled", i)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("files left: %v", left)
		}
		if _, _, err := s.Rejects(i.ID); err == nil {
			t.Error("Rejects() succeeded after a day")
		}
	})
	os.Remove(dir)
}
