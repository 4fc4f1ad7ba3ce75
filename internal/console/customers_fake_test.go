package console_test

import (
	"context"
	"io"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
)

// noCustomers is a register and an office without anybody in them.
type noCustomers struct{}

func (noCustomers) ListAll(context.Context, customer.AdminQuery) (customer.AdminPage, error) {
	return customer.AdminPage{}, nil
}
func (noCustomers) Get(context.Context, string) (customer.Customer, error) {
	return customer.Customer{}, customer.ErrNotFound
}
func (noCustomers) FindByContact(context.Context, []string) ([]string, error) { return nil, nil }
func (noCustomers) FindRemoved(context.Context, string, []string) (customer.Removal, bool, error) {
	return customer.Removal{}, false, nil
}
func (noCustomers) Totals(context.Context) (customer.Totals, error)                { return customer.Totals{}, nil }
func (noCustomers) OwnerCounts(context.Context) ([]customer.OwnerCount, error)     { return nil, nil }
func (noCustomers) OwnerCount(context.Context, string) (int, error)                { return 0, nil }
func (noCustomers) Add(context.Context, string, customer.Customer) (string, error) { return "new", nil }
func (noCustomers) Save(context.Context, string, customer.Customer, string) error  { return nil }
func (noCustomers) Restore(context.Context, string, string) error                  { return customer.ErrNotFound }
func (noCustomers) Merge(context.Context, string, string, ...string) error         { return nil }
func (noCustomers) KeepApart(context.Context, string, string) error                { return nil }
func (noCustomers) Imports() []admin.Import                                        { return nil }
func (noCustomers) Cancel(context.Context, string) error                           { return admin.ErrNoImport }
func (noCustomers) Jobs() []admin.Job                                              { return nil }
func (noCustomers) CancelJob(context.Context, string) error                        { return admin.ErrNoJob }
func (noCustomers) Job(string) (admin.Job, error)                                  { return admin.Job{}, admin.ErrNoJob }
func (noCustomers) Import(string) (admin.Import, error)                            { return admin.Import{}, admin.ErrNoImport }
func (noCustomers) Duplicates(context.Context, customer.DuplicateQuery) (customer.DuplicatePage, error) {
	return customer.DuplicatePage{}, nil
}
func (noCustomers) Removed(context.Context, customer.RemovedQuery) (customer.RemovedPage, error) {
	return customer.RemovedPage{}, nil
}
func (noCustomers) Assign(context.Context, string, []string, []string) (int, error) { return 0, nil }
func (noCustomers) Delete(context.Context, string, ...string) (int, error)          { return 0, nil }
func (noCustomers) Export(context.Context, string, io.Writer, string) (int, error)  { return 0, nil }
func (noCustomers) Stage(context.Context, string, string, io.Reader) (admin.Import, error) {
	return admin.Import{}, nil
}
func (noCustomers) Choose(context.Context, string, admin.ImportOptions) (admin.Import, error) {
	return admin.Import{}, admin.ErrNoImport
}
func (noCustomers) Run(context.Context, string, string) (admin.Import, error) {
	return admin.Import{}, admin.ErrNoImport
}
func (noCustomers) Rejects(string) (io.ReadCloser, string, error) { return nil, "", admin.ErrNoImport }
func (noCustomers) Reassign(context.Context, string, string, string) (admin.Job, error) {
	return admin.Job{}, nil
}
