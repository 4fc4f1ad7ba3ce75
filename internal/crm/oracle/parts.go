package external

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// lists is what the walk offers to the wrappers around it, beside being a CRM.
// *walk is one.
type lists interface {
	frontline.CRM
	// Book answers what is held of the worker's list, read from the BlobStore when it
	// is not in memory; never nil.
	Book(ctx context.Context, worker string) *book
	// Begin asks the service for the first page and makes it the newest version of
	// the worker's book. Identical calls at the same time are one.
	Begin(ctx context.Context, worker string) (*version, error)
	// Fill walks on until v has at least n rows or its end is reached. When it
	// fails, what was had stays, and the next call goes on from there. Calls for one
	// version at the same time are one walk.
	Fill(ctx context.Context, worker string, v *version, n int) error
	// Forget drops what is held of a worker's list, here and in the BlobStore.
	Forget(ctx context.Context, worker string) error
}

// pages are lists that make pages of their versions. *walk is one.
type pages interface {
	lists
	// Page answers at most size rows of v from index from on, walking on for them,
	// with the token of those after. It fails only when it has none to answer.
	Page(ctx context.Context, worker string, v *version, from, size int) (frontline.ListResponse, error)
	// Held is Page of the rows that v has already, at once.
	Held(worker string, v *version, from, size int) frontline.ListResponse
}

// A BlobStore stores sealed copies beyond the process. Each is stored under a service
// (a digest of its callback URL), a worker (its text.IdentityKey) and a name. It is a
// cache: losing a blob loses no customer.
type BlobStore interface {
	// Blob returns the blob under name, or nil if there is none or it has expired at
	// now.
	Blob(ctx context.Context, service, worker, name string, now time.Time) ([]byte, error)
	// PutBlob stores data until expires and replaces an earlier blob. It may drop data
	// of a worker who has no account; worker "" is for data of no worker.
	PutBlob(ctx context.Context, service, worker, name string, data []byte, expires time.Time) error
	// DeleteBlob deletes one blob.
	DeleteBlob(ctx context.Context, service, worker, name string) error
	// DeleteOtherServices deletes the blobs of every service but this one; of all when
	// service is "".
	DeleteOtherServices(ctx context.Context, service string) error
	// DeleteExpired deletes the blobs that have expired at now.
	DeleteExpired(ctx context.Context, now time.Time) error
}

// A Sealer encrypts values and binds them to a context; *secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	Open(sealed, context string) ([]byte, error)
}

// priority is the order in which the queue makes calls.
type priority uint8

const (
	waiting    priority = iota // a worker waits for the result
	refreshing                 // a worker sees an older result meanwhile
	crawling                   // background work
)

type priorityKey struct{}

// withPriority returns a context whose calls have a priority.
func withPriority(ctx context.Context, u priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, u)
}

// priorityOf returns the priority of calls with this context.
func priorityOf(ctx context.Context) priority {
	switch u := ctx.Value(priorityKey{}).(type) {
	case priority:
		return u
	case *rising:
		return u.now()
	}
	return waiting
}

// A Call describes a call to a service, or a response from the cache.
type Call struct {
	When     time.Time
	Took     time.Duration // from connecting to the last byte received; 0 for a cache hit
	Queued   time.Duration // time in the queue before
	Location string        // frontline.LocationCustomersList or LocationCustomerDetails
	Search   bool          // the request had a Query
	Worker   string
	Bytes    int64 // of the response body, decompressed; 0 if unknown
	Status   int   // HTTP status, 0 if there was no response
	// Code is the published code of the failure, 0 on success. An unknown customer is
	// no failure.
	Code     frontline.Code
	NotFound bool // the service does not know the customer
	Hit      bool // no call was made: the response came from the cache
	Crawl    bool // background work
	BuiltIn  bool // the call went to the built-in service
}

// A Recorder records calls; it must be fast and safe for concurrent use.
type Recorder interface{ Record(Call) }
