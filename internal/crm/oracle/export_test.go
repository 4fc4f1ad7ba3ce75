package external

import (
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// The fakes of this package's tests, for the black-box tests.

// PageFunc is how a fake service pages; see manner.
type PageFunc func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error)

func (f PageFunc) page(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	return f(all, req, nth)
}

// Ways of paging, of pages of size rows, or as many as requested if size is 0.
func ByToken(size int) PageFunc          { return byToken{size}.page }
func ByAnchor(size int) PageFunc         { return byAnchor{size}.page }
func SamePage(size int) PageFunc         { return samePage{size}.page }
func Wraps(size int) PageFunc            { return wraps{size}.page }
func Inclusive(size int) PageFunc        { return inclusive{size}.page }
func Strict(size int) PageFunc           { return strict{size}.page }
func Mute(size int) PageFunc             { return mute{size}.page }
func TokenThenNothing(size int) PageFunc { return tokenThenNothing{size}.page }
func LateToken(size int) PageFunc        { return lateToken{size}.page }
func TokenLoop(size int) PageFunc        { return tokenLoop{size}.page }
func Cycle(size int) PageFunc            { return cycle{size}.page }
func SameToken(size int) PageFunc        { return sameToken{size, new(int)}.page }
func StuckToken(size int) PageFunc       { return stuckToken{size}.page }
func FreshTokens(size int) PageFunc      { return freshTokens{size}.page }
func Overlapping(size, back int) PageFunc {
	return overlapping{size, back}.page
}
func Forgetful(tokens bool, on ...int) PageFunc { return forgetful{tokens: tokens, on: on}.page }

var (
	PlaceOf    = placeOf
	AnchorPage = anchorPage
	People     = people
	IDs        = ids
	Pending    = pending
)

// Failures of a service.
var (
	ErrBadAnswer = errBadAnswer
	ErrStatus500 = errStatus500
	ErrStatus403 = errStatus403
	ErrStatus404 = errStatus404
	ErrStatus400 = errStatus400
	ErrTimeout   = errTimeout
	ErrNoURL     = errNoURL
)

// Fake is a fake service.
type Fake = fakeService

// NewFake returns a fake service where alice has n customers.
func NewFake(page PageFunc, n int) *Fake { return newFake(page, n) }

func (f *fakeService) Set(worker string, list []frontline.Customer) { f.set(worker, list) }
func (f *fakeService) Fail(err error)                               { f.breakDown(err) }
func (f *fakeService) FailOn(next int, err error)                   { f.failOn(next, err) }
func (f *fakeService) ListRequests() []frontline.ListRequest        { return f.asked() }
func (f *fakeService) DetailsRequests() []frontline.DetailsRequest  { return f.askedDetails() }
func (f *fakeService) SetDelay(d time.Duration)                     { f.slow = d }
func (f *fakeService) SetSearchable(s frontline.Searchable, finds bool) {
	f.searchable, f.searches = s, finds
}

// NewMemoryBlobs returns a BlobStore in memory.
var NewMemoryBlobs = newMemoryKeeper

// All returns the stored blobs by service, worker and name.
func (k *memoryKeeper) All() map[[3]string]keptCopy { return k.copies }

// add is append with the lock.
func (v *version) add(rows []row) (fresh int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.append(rows)
}

// end marks the list as whole.
func (v *version) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done = true
}
