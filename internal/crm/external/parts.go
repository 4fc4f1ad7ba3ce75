package external

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Lists is what the walk offers to the wrappers around it, beside being a CRM.
// *Walk is one.
type Lists interface {
	frontline.CRM
	// Book answers what is held of the worker's list, read from the Keeper when it
	// is not in memory; never nil.
	Book(ctx context.Context, worker string) *Book
	// Begin asks the service for the first page and makes it the newest version of
	// the worker's book. Identical calls at the same time are one.
	Begin(ctx context.Context, worker string) (*Version, error)
	// Fill walks on until v has at least n rows or its end is reached. When it
	// fails, what was had stays, and the next call goes on from there. Calls for one
	// version at the same time are one walk.
	Fill(ctx context.Context, worker string, v *Version, n int) error
	// Forget drops what is held of a worker's list, here and in the Keeper.
	Forget(ctx context.Context, worker string) error
}

// Pages are Lists that make pages of their versions. *Walk is one.
type Pages interface {
	Lists
	// Page answers at most size rows of v from index from on, walking on for them,
	// with the token of those after. It fails only when it has none to answer.
	Page(ctx context.Context, worker string, v *Version, from, size int) (frontline.ListResponse, error)
	// Held is Page of the rows that v has already, at once.
	Held(worker string, v *Version, from, size int) frontline.ListResponse
}

// A BlobStore keeps sealed copies where they outlive the process. Each belongs to a
// service (a digest of its callback URL), a worker (text.IdentityKey of it) and a
// name within those. Losing any of it loses no customer.
type BlobStore interface {
	// Blob answers what is kept under name, nil when there is nothing or it has
	// expired at now.
	Blob(ctx context.Context, service, worker, name string, now time.Time) ([]byte, error)
	// PutBlob keeps data until expires, in place of what was there. It may keep
	// nothing for somebody who is no person (any more); worker "" is nobody's.
	PutBlob(ctx context.Context, service, worker, name string, data []byte, expires time.Time) error
	// DeleteBlob forgets one.
	DeleteBlob(ctx context.Context, service, worker, name string) error
	// DeleteWorkerBlobs forgets all that is kept for a worker, of every service.
	DeleteWorkerBlobs(ctx context.Context, worker string) error
	// DeleteOtherServices forgets every service but this one ("" forgets all), and
	// DeleteExpired what has expired.
	DeleteOtherServices(ctx context.Context, service string) error
	DeleteExpired(ctx context.Context, now time.Time) error
}

// A Sealer encrypts and binds to a context; *secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	Open(sealed, context string) ([]byte, error)
}

// Priority says who waits for a call; the Gate lets the more urgent go first.
type Priority uint8

// The urgencies. The zero value is a worker who waits.
const (
	Waiting    Priority = iota // a worker looks at an empty place
	Refreshing                 // a worker reads the old answer meanwhile
	Crawling                   // nobody waits
)

type urgencyKey struct{}

// WithPriority says how urgent the calls made with this context are, whatever was
// said before.
func WithPriority(ctx context.Context, u Priority) context.Context {
	return context.WithValue(ctx, urgencyKey{}, u)
}

// PriorityOf tells how urgent calls with this context are.
func PriorityOf(ctx context.Context) Priority {
	switch u := ctx.Value(urgencyKey{}).(type) {
	case Priority:
		return u
	case *rising:
		return u.now()
	}
	return Waiting
}

// A Call is one call that was really made, or would have been.
type Call struct {
	When     time.Time
	Took     time.Duration // from connecting to the last byte received; 0 for a cache hit
	Queued   time.Duration // how long it waited its turn before
	Location string        // frontline.LocationCustomersList or LocationCustomerDetails
	Search   bool          // the request had a Query
	Worker   string
	Bytes    int64 // of the answer's body as it was read (decompressed), 0 when not known
	Status   int   // HTTP status, 0 when none came
	// Code is the published code of the failure, 0 when it went well (a customer
	// that is unknown is no failure).
	Code frontline.Code
	// NotFound tells that the customer was unknown to the service.
	NotFound bool
	// Hit tells that no call was made: the answer came from the held copy.
	Hit bool
	// Crawl tells that nobody waited for it.
	Crawl bool
	// BuiltIn tells that our own integration service answered.
	BuiltIn bool
}

// A Recorder notes calls; it must be quick and safe for concurrent use.
type Recorder interface{ Record(Call) }
