package app

import (
	"errors"
	"html/template"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// freshness is what a pane says of an answer that is not of now; its zero value is one
// that is.
type freshness struct {
	AsOf    template.HTML // "as of 09:14"
	AsOfISO string
	// NewerHref is the address that asks for something newer, "" when there is none.
	NewerHref string
	// StaleTitle is set when nothing newer could be had; StaleCode is why, as
	// data-error-code would say it, and Published that it is worth telling.
	StaleTitle template.HTML
	StaleCode  string
	Published  bool
	// RetryAfter is in how many seconds to ask again for what could not be had.
	RetryAfter int
}

// freshnessOf says how old an answer is; staleTitle is the message that tells so when
// nothing newer could be had, again the address to look again at.
func freshnessOf(v *viewer, meta frontline.Meta, staleTitle, newerHref string) freshness {
	if meta.AsOf.IsZero() {
		return freshness{}
	}
	at := v.TimeHTML(meta.AsOf)
	f := freshness{AsOf: v.Locale.HTML("list.asof", "time", at), AsOfISO: meta.AsOf.UTC().Format("2006-01-02T15:04:05Z"), NewerHref: newerHref}
	if meta.Stale != nil {
		kind := classify(meta.Stale)
		f.StaleTitle = v.Locale.HTML(staleTitle, "time", at)
		f.StaleCode, f.Published = kind.Code, kind.Published
		f.RetryAfter = retryAfter(meta.Stale)
	}
	return f
}

// maxStaleRetry is when a page first asks again for what could not be had: about when a
// service that was left alone is tried again. From then on it asks more and more seldom.
const maxStaleRetry = 10 * time.Second

// retryAfter is in how many seconds to ask again after a failure, maxStaleRetry at most.
func retryAfter(err error) int {
	wait := maxStaleRetry
	var unavailable *frontline.UnavailableError
	if errors.As(err, &unavailable) && unavailable.RetryAfter > 0 {
		wait = min(wait, unavailable.RetryAfter)
	}
	return seconds(wait)
}

// pendingSeconds is in how many seconds to ask again for an answer that is being fetched,
// 0 when err does not tell of one. That is no failure.
func pendingSeconds(err error) int {
	var unavailable *frontline.UnavailableError
	if !errors.As(err, &unavailable) || !unavailable.Pending {
		return 0
	}
	return max(1, seconds(unavailable.RetryAfter))
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
