package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/crm/builtin"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// views holds what recording a view costs a page of details.
type views struct {
	customers int
	with      time.Duration // of a page, the median
	without   time.Duration
	ratio     float64 // the median of the rounds' ratios of means
	written   int     // entries, all of them
	seen      int     // pages
}

// viewRounds is how often the apps with and without the audit log alternate, and
// viewsPerRound how many pages each shows in a round.
const (
	viewRounds    = 40
	viewsPerRound = 250
)

// measureViews shows details to the pool's worker, with and without the audit log.
func measureViews(ctx context.Context, o options, d database) (_ *views, err error) {
	db, err := sqlite.Open(ctx, d.file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	cookies, err := signIn(ctx, db, []string{pool})
	if err != nil {
		return nil, err
	}
	log := audit.Open(db.Audit(), audit.Options{Rules: func() audit.Rules { return audit.Rules(settings.DefaultAuditRules()) }})
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, log.Close(ctx))
		}
		people.Wait()
	}()
	pages := make([]http.Handler, 2)
	for i, auditLog := range []app.Audit{nil, log} {
		pages[i], err = app.New(app.Options{CRM: builtin.New(db.Customers(), secret.NewKey().Sealer("pages")), Accounts: people,
			Audit: auditLog, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return nil, err
		}
	}
	before, err := countEntries(ctx, log)
	if err != nil {
		return nil, err
	}
	v := &views{customers: d.n}
	rng := rand.New(rand.NewPCG(seed, 7))
	var took [2][]time.Duration
	var ratios []float64
	for round := range viewRounds {
		ids := make([]string, o.times(viewsPerRound))
		for i := range ids {
			ids[i] = d.customerOf(pool, rng)
		}
		var sums [2]time.Duration
		for which := range 2 {
			which = (which + round) % 2 // neither is always second
			for _, id := range ids {
				one, err := showDetails(ctx, pages[which], cookies[pool], id)
				if err != nil {
					return nil, err
				}
				took[which] = append(took[which], one)
				sums[which] += one
			}
		}
		ratios = append(ratios, float64(sums[1])/float64(sums[0]))
		v.seen += len(ids)
	}
	closed = true
	if err := log.Close(ctx); err != nil {
		return nil, err
	}
	after, err := countEntries(ctx, log)
	if err != nil {
		return nil, err
	}
	v.written = after - before
	for _, t := range took {
		slices.Sort(t)
	}
	slices.Sort(ratios)
	v.without, v.with, v.ratio = quantile(took[0], 0.5), quantile(took[1], 0.5), ratios[len(ratios)/2]
	return v, nil
}

// showDetails requests a page and returns how long it took.
func showDetails(ctx context.Context, h http.Handler, session, id string) (time.Duration, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/customers/"+url.PathEscape(id), nil)
	r.AddCookie(&http.Cookie{Name: "clientele", Value: session})
	w := httptest.NewRecorder()
	began := time.Now()
	h.ServeHTTP(w, r)
	took := time.Since(began)
	if w.Code != http.StatusOK {
		return 0, fmt.Errorf("details of %s: status %d", id, w.Code)
	}
	return took, nil
}

func countEntries(ctx context.Context, log *audit.Log) (n int, err error) {
	for _, err := range log.All(ctx, audit.Query{Actions: []audit.Action{audit.Viewed}}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// table returns the figures of recorded views.
func (v *views) table() *table {
	t := &table{title: fmt.Sprintf("Details in the app with %s customers, one after the other, microseconds (median)", thousands(v.customers)),
		head: []string{"without the audit log", "with it", "ratio per round", "pages viewed", "views recorded"}}
	t.add(micros(v.without), micros(v.with), fmt.Sprintf("%.3f", v.ratio), thousands(v.seen), thousands(v.written))
	return t
}
