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
func (emptyCustomers) FindByContact(context.Context, []string) ([]string, error) { return nil, nil }
func (emptyCustomers) FindRemoved(context.Context, string, []string) (customer.Removal, bool, error) {
	return customer.Removal{}, false, nil
}
func (emptyCustomers) Totals(context.Context) (customer.Totals, error)            { return customer.Totals{}, nil }
func (emptyCustomers) OwnerCounts(context.Context) ([]customer.OwnerCount, error) { return nil, nil }
func (emptyCustomers) OwnerCount(context.Context, string) (int, error)            { return 0, nil }
func (emptyCustomers) Add(context.Context, string, customer.Customer) (string, error) {
	return "new", nil
}
func (emptyCustomers) Save(context.Context, string, customer.Customer, string) error { return nil }
func (emptyCustomers) Restore(context.Context, string, string) error                 { return customer.ErrNotFound }
func (emptyCustomers) Merge(context.Context, string, string, ...string) error        { return nil }
func (emptyCustomers) KeepApart(context.Context, string, string) error               { return nil }
func (emptyCustomers) Imports() []admin.Import                                       { return nil }
func (emptyCustomers) Cancel(context.Context, string) error                          { return admin.ErrNoImport }
func (emptyCustomers) Jobs() []admin.Job                                             { return nil }
func (emptyCustomers) CancelJob(context.Context, string) error                       { return admin.ErrNoJob }
func (emptyCustomers) Job(string) (admin.Job, error)                                 { return admin.Job{}, admin.ErrNoJob }
func (emptyCustomers) Import(string) (admin.Import, error)                           { return admin.Import{}, admin.ErrNoImport }
func (emptyCustomers) Duplicates(context.Context, customer.DuplicateQuery) (customer.DuplicatePage, error) {
	return customer.DuplicatePage{}, nil
}
func (emptyCustomers) Removed(context.Context, customer.RemovedQuery) (customer.RemovedPage, error) {
	return customer.RemovedPage{}, nil
}
func (emptyCustomers) Assign(context.Context, string, []string, []string) (int, error) { return 0, nil }
func (emptyCustomers) Delete(context.Context, string, ...string) (int, error)          { return 0, nil }
func (emptyCustomers) Export(context.Context, string, io.Writer, string) (int, error)  { return 0, nil }
func (emptyCustomers) Stage(context.Context, string, string, io.Reader) (admin.Import, error) {
	return admin.Import{}, nil
}
func (emptyCustomers) Choose(context.Context, string, admin.ImportOptions) (admin.Import, error) {
	return admin.Import{}, admin.ErrNoImport
}
func (emptyCustomers) Run(context.Context, string, string) (admin.Import, error) {
	return admin.Import{}, admin.ErrNoImport
}
func (emptyCustomers) Rejects(string) (io.ReadCloser, string, error) {
	return nil, "", admin.ErrNoImport
}
func (emptyCustomers) Reassign(context.Context, string, string, string) (admin.Job, error) {
	return admin.Job{}, nil
}
