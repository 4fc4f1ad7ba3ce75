package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestExternal_Paging follows lists of every kind to their end: each customer comes
// once, in the service's order, however it pages.
func TestExternal_Paging(t *testing.T) {
	t.Parallel()
	modes := []string{
		"anchor", "token", "token-number", "token-null", "token-empty", "token-end-null", "token-end-empty",
		"token-repeated", "token-loop", "token-changing", "token-late", "token-cursor",
		"rows-more", "rows-short", "token,rows-more", "token,rows-short",
		"numbers", "numbers,token-number", "bom", "dirty", "dirty,token",
		"normal&customers=0", "normal&customers=1", "normal&customers=30", "token&customers=60",
		"same-page", "same-page,rows-short",
	}
	name := func(mode string) string {
		return strings.NewReplacer("&", "-", ",", "-", "=", "").Replace(mode) + "@example.com"
	}
	var workers []string
	for _, mode := range modes {
		workers = append(workers, name(mode))
	}
	in, secrets := staff(t, workers...)
	f := startExternal(t, "normal", "-auth-token", authToken)
	srv := in.serveExternal(t, f, "--callback-rate", "1000")
	begun := time.Now()
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			f.behave(t, mode)
			f.clearLog(t)
			v := srv.client(t, secrets[name(mode)])
			want := f.list(t, name(mode))
			if strings.HasPrefix(mode, "same-page") { // it only has its first page
				want = want[:map[bool]int{true: 10, false: 30}[strings.Contains(mode, "short")]]
			}
			v.complete("/customers", want)
			v.complete("/customers", want) // from the cache
			log := f.log(t)
			for _, r := range log.Requests {
				if r.Signature != "ok" || r.Worker != name(mode) || r.PageSize == "" || r.Anchor != "" && r.NextPageToken != "" {
					t.Errorf("the service got %+v", r)
				}
			}
			if len(log.Requests) > 24 {
				t.Errorf("the service got %d requests for %d customers", len(log.Requests), len(want))
			}
		})
	}
	t.Logf("%d kinds of lists, each walked twice, in %v", len(modes), time.Since(begun).Round(time.Millisecond))
}
