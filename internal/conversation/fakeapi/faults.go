package fakeapi

import (
	"cmp"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is what goes wrong with requests: the connection is cut, unless Hang or Status says
// otherwise.
type Fault struct {
	// Method and Path select the requests: by method and by a part of the path, "" for any.
	// Times is how many, 0 for one.
	Method, Path string
	Times        int
	// Performed reports whether the request is performed before.
	Performed bool
	// Hang makes the response never come.
	Hang bool
	// Status, Code and RetryAfter are a response; Code 0 is the usual one of the status.
	Status, Code int
	RetryAfter   time.Duration
}

// Fail makes requests fail.
func (a *API) Fail(f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.Times = max(f.Times, 1)
	a.faults = append(a.faults, &f)
}

// response returns the response of a fault, if there is any.
func (f *Fault) response(r *http.Request) response {
	if f.Hang {
		io.Copy(io.Discard, r.Body) // a server does not notice that a client goes before it has the body
		<-r.Context().Done()
	}
	if f.Hang || f.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	resp := refuse(f.Status, cmp.Or(f.Code, 20000+f.Status), "Injected fault")
	resp.retryAfter = f.RetryAfter
	return resp
}

// takeFault returns the fault of a request, nil for none.
func (a *API) takeFault(r *http.Request) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.faults, func(f *Fault) bool {
		return (f.Method == "" || f.Method == r.Method) && strings.Contains(r.URL.Path, f.Path)
	})
	if i < 0 {
		return nil
	}
	f := a.faults[i]
	if f.Times--; f.Times == 0 {
		a.faults = slices.Delete(a.faults, i, i+1)
	}
	return f
}

// SetInitializing makes conversations that begin from now on initialize for so long: their
// participants are not found.
func (a *API) SetInitializing(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.initializing = d
}
