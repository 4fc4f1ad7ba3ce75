package app

import (
	"errors"
	"html/template"
	"math"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// freshness is the age of the data in a pane. The zero value means current data.
type freshness struct {
	AsOf    template.HTML // "as of 09:14"
	AsOfISO string
	// NewerHref is the address that requests newer data, or "".
	NewerHref string
	// StaleTitle is set when newer data could not be fetched. StaleCode is the error
	// code and Published is set when the page shows it.
	StaleTitle template.HTML
	StaleCode  string
	Published  bool
	// RetryAfter is the number of seconds until the next try.
	RetryAfter int
}

// freshnessOf returns the age of a response. staleTitle is the key of the title for
// data that could not be refreshed.
func freshnessOf(v *viewer, meta frontline.Meta, staleTitle, newerHref string) freshness {
	if meta.AsOf.IsZero() {
		return freshness{}
	}
	at := v.TimeHTML(meta.AsOf)
	f := freshness{AsOf: v.Locale.HTML("list.as_of", "time", at), AsOfISO: meta.AsOf.UTC().Format("2006-01-02T15:04:05Z"), NewerHref: newerHref}
	if meta.Stale != nil {
		kind := classify(meta.Stale)
		f.StaleTitle = v.Locale.HTML(staleTitle, "time", at)
		f.StaleCode, f.Published = kind.Code, kind.Published
		f.RetryAfter = retryAfter(meta.Stale)
	}
	return f
}

// maxStaleRetry is the longest time until the first retry of a page with stale data:
// about when an open circuit breaker lets a request through. Later retries back off.
const maxStaleRetry = 10 * time.Second

// retryAfter returns the number of seconds until the retry after a failure.
func retryAfter(err error) int {
	wait := maxStaleRetry
	var unavailable *frontline.UnavailableError
	if errors.As(err, &unavailable) && unavailable.RetryAfter > 0 {
		wait = min(wait, unavailable.RetryAfter)
	}
	return seconds(wait)
}

// pendingSeconds returns the number of seconds until the retry when err means that the
// response is still being fetched, which is no failure. It is 0 for any other error.
func pendingSeconds(err error) int {
	var unavailable *frontline.UnavailableError
	if !errors.As(err, &unavailable) || !unavailable.Pending {
		return 0
	}
	return max(1, seconds(unavailable.RetryAfter))
}

// seconds returns d in seconds, rounded up.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
