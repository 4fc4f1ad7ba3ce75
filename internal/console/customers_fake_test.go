package console_test

import (
	"context"
	"io"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

// emptyCustomers is an AdminReader and Admin without customers.
type emptyCustomers struct{}

func (emptyCustomers) ListAll(context.Context, customer.AdminQuery) (customer.AdminPage, error) {
	return customer.AdminPage{}, nil
}
func (emptyCustomers) Get(context.Context, string) (customer.Customer, error) {
	return customer.Customer{}, customer.ErrNotFound
}
func (emptyCustomers) GetAll(context.Context, []string) ([]customer.Customer, error) { return nil, nil }
func (emptyCustomers) FindByContact(context.Context, []string) ([]string, error)     { return nil, nil }
func (emptyCustomers) FindDeletion(context.Context, string, []string) (customer.Deletion, bool, error) {
	return customer.Deletion{}, false, nil
}
func (emptyCustomers) Totals(context.Context) (customer.Totals, error)            { return customer.Totals{}, nil }
func (emptyCustomers) OwnerCounts(context.Context) ([]customer.OwnerCount, error) { return nil, nil }
func (emptyCustomers) OwnerCount(context.Context, string) (int, error)            { return 0, nil }
func (emptyCustomers) OwnerMatches(context.Context) ([]customer.OwnerMatch, error) {
	return nil, nil
}
func (emptyCustomers) MatchOwner(context.Context, string, string, string) (admin.Reassignment, error) {
	return admin.Reassignment{State: admin.Done}, nil
}
func (emptyCustomers) UnmatchOwner(context.Context, string, string) error { return nil }
func (emptyCustomers) Add(context.Context, string, customer.Customer) (string, error) {
	return "new", nil
}
func (emptyCustomers) Save(context.Context, string, customer.Customer, string) error  { return nil }
func (emptyCustomers) AllowImport(context.Context, string, string) error              { return customer.ErrNotFound }
func (emptyCustomers) Merge(context.Context, string, string, string, ...string) error { return nil }
func (emptyCustomers) KeepApart(context.Context, string, string) error                { return nil }
func (emptyCustomers) Imports() []admin.Import                                        { return nil }
func (emptyCustomers) Cancel(context.Context, string) error                           { return admin.ErrNoImport }
func (emptyCustomers) Reassignments() []admin.Reassignment                            { return nil }
func (emptyCustomers) CancelReassignment(context.Context, string) error {
	return admin.ErrNoReassignment
}
func (emptyCustomers) Reassignment(string) (admin.Reassignment, error) {
	return admin.Reassignment{}, admin.ErrNoReassignment
}
func (emptyCustomers) Import(string) (admin.Import, error) { return admin.Import{}, admin.ErrNoImport }
func (emptyCustomers) Duplicates(context.Context, customer.DuplicateQuery) (customer.DuplicatePage, error) {
	return customer.DuplicatePage{}, nil
}
func (emptyCustomers) DuplicateGroup(context.Context, string) (customer.DuplicateGroup, error) {
	return customer.DuplicateGroup{}, customer.ErrNotFound
}
func (emptyCustomers) Deletions(context.Context, customer.DeletionQuery) (customer.DeletionPage, error) {
	return customer.DeletionPage{}, nil
}
func (emptyCustomers) Assign(context.Context, string, []string, []string) (int, error) { return 0, nil }
func (emptyCustomers) Delete(context.Context, string, ...string) (int, error)          { return 0, nil }
func (emptyCustomers) Export(context.Context, string, io.Writer, string) (int, error)  { return 0, nil }
func (emptyCustomers) Upload(context.Context, string, string, io.Reader) (admin.Import, error) {
	return admin.Import{}, nil
}
func (emptyCustomers) SetOptions(context.Context, string, admin.ImportOptions) (admin.Import, error) {
	return admin.Import{}, admin.ErrNoImport
}
func (emptyCustomers) Run(context.Context, string, string) (admin.Import, error) {
	return admin.Import{}, admin.ErrNoImport
}
func (emptyCustomers) Problems(string) (io.ReadCloser, string, error) {
	return nil, "", admin.ErrNoImport
}
func (emptyCustomers) Rejects(string) (io.ReadCloser, string, error) {
	return nil, "", admin.ErrNoImport
}
func (emptyCustomers) Reassign(context.Context, string, string, string) (admin.Reassignment, error) {
	return admin.Reassignment{}, nil
}
