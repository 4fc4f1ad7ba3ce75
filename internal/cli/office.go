package cli

import (
	"context"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// uploadsSuffix names the directory of uploaded files, which is beside the database:
// there is room for customers, and nobody else reads it.
const uploadsSuffix = ".uploads"

// uploadCacheKiB is the page cache of the connection that imports an upload: more
// makes large imports faster, but the program serves workers meanwhile.
const uploadCacheKiB = 24 << 10

// newOffice makes what administrators do with the customers of the built-in service.
func (h *house) newOffice() *admin.Service {
	customers := h.db.Customers()
	return admin.New(admin.Options{
		Store: customers, Reader: customers, Bulk: h.bulk, Dir: h.db.File() + uploadsSuffix,
		Audit: h.audit, Logger: h.journal.Logger,
	})
}

// bulk opens the customers for one import, beside those that serve workers.
func (h *house) bulk(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
	db, err := sqlite.Open(ctx, h.db.File(), sqlite.Options{Bulk: true, Readers: 1, WriterCacheKiB: uploadCacheKiB})
	if err != nil {
		return nil, nil, nil, err
	}
	return db.Customers(), db.Customers().Compact, db.Close, nil
}
