// Package crm has what the decorators around a company's integration service share:
// the priority of a call, calls as values, the record of a call, and where sealed
// copies are stored.
//
// Each package below it does one thing, as a frontline.CRM around a frontline.CRM, and
// imports only those before it: flight, limit, paging, cache, localsearch, external.
package crm

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// IsFailure reports whether err is the service's own failure (48003 to 48005), for
// which a cached response may stand in. An unknown customer is no failure.
func IsFailure(err error) bool {
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code {
	case frontline.CodeInvalidResponse, frontline.CodeCallbackFailed, frontline.CodeCallbackTimeout:
		return true
	}
	return false
}

// Status returns the HTTP status of a failed call, 0 if there was no response.
func Status(err error) int {
	if errors.Is(err, frontline.ErrNotFound) {
		return http.StatusNotFound
	}
	var failed *frontline.CallbackError
	if errors.As(err, &failed) {
		return failed.Status
	}
	return 0
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
	// DeleteBlobs deletes the blobs of a worker whose names begin with prefix, except
	// the keep of them that expire last.
	DeleteBlobs(ctx context.Context, service, worker, prefix string, keep int) error
}

// A Sealer encrypts values and binds them to a context; *secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	Open(sealed, context string) ([]byte, error)
}
