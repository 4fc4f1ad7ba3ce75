// Package external makes a company's own integration service reliable for workers.
// [New] wraps a client of the service in decorators, each a frontline.CRM around a
// frontline.CRM, here with the outermost first:
//
//	deadline       returns within a second; a call that takes longer is Pending
//	owned          requests details only of customers that this worker's list brought
//	localSearch    searches the cached list when the service does not search
//	lastGood       returns the last good list or details at once, and on failure
//	walk           turns any way of paging into sealed tokens over a cached list
//	shared         joins identical calls
//	backoff        slows down for a service that answers 429
//	breaker        stops calls to a service that is down; counts failures below the queue
//	queue          limits calls at once and calls a second, workers first
//	retry          limits a call to 6 s and repeats it once if no connection was made
//	rotatingToken  repeats a call with the previous auth token while tokens change
//	Instrumented   records every call that was made
//
// The innermost is a *frontline.Client.
//
// walk, lastGood, localSearch and owned share the cached lists: a shelf holds a book
// of list versions for each worker, within a bound of memory, and writes them, sealed,
// to a BlobStore.
package external
