package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
)

// A rush holds the figures of many workers who open their lists at once, in front of an
// external service with a low rate limit.
type rush struct {
	options
	cold, warm                round
	maxInFlight, maxPerSecond int // as counted by the service
	before, after             memory
}

// A round is each worker opening their list once.
type round struct {
	took         time.Duration   // until the last had theirs
	first        []time.Duration // until each got a first response, sorted
	whole        []time.Duration // until each got customers, sorted
	waited       int             // workers who got a waiting page first
	errorSamples []string        // the first few errors
	errors       int
}

// serviceDelay is the response time of the external service.
const serviceDelay = 100 * time.Millisecond

// measureRush opens all workers' lists at once, twice, in the real program in front of
// the fake external service.
func measureRush(ctx context.Context, o options) (_ *rush, err error) {
	r := &rush{options: o}
	service, err := launch(ctx, nil, "", o.external, "-addr", "127.0.0.1:0", "-auth-token", authToken)
	if err != nil {
		return nil, err
	}
	defer service.stop()
	behave := url.Values{"mode": {"slow"}, "delay": {serviceDelay.String()}, "rate": {fmt.Sprint(o.serviceRate)}}
	resp, err := http.PostForm("http://"+service.addr+"/control", behave)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	file := filepath.Join(o.cache, "rush.db")
	if err := removeDatabase(file); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		return nil, err
	}
	workers := make([]string, r.workers)
	for i := range workers {
		workers[i] = fmt.Sprintf("worker%04d@example.com", i)
	}
	cookies, err := signIn(ctx, db, workers)
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	p, err := serve(ctx, o, database{name: file}, "--allow-private-callbacks", "--crm-callback-url", "http://"+service.addr+"/crm",
		"--callback-rate", fmt.Sprint(r.perSecond), "--callback-concurrency", fmt.Sprint(r.concurrency))
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if r.before, err = p.memory(); err != nil {
		return nil, err
	}
	crowd := newBrowsers(p.addr, cookies)
	r.cold = crowd.round(ctx)
	r.warm = crowd.round(ctx)
	if r.after, err = p.memory(); err != nil {
		return nil, err
	}
	r.maxInFlight, r.maxPerSecond, err = serviceLoad(service.addr)
	return r, errors.Join(err, ctx.Err())
}

// serviceLoad returns the most requests that the service had at once and in any second.
func serviceLoad(addr string) (atOnce, inASecond int, err error) {
	resp, err := http.Get("http://" + addr + "/control/log")
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	var log struct{ MaxInFlight, MaxPerSecond int }
	err = json.NewDecoder(resp.Body).Decode(&log)
	return log.MaxInFlight, log.MaxPerSecond, err
}

// signIn signs workers in, and returns their session cookies. It sets no passwords, since
// hashing them would take an hour.
func signIn(ctx context.Context, db *store.DB, workers []string) (cookies map[string]string, err error) {
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	defer people.Wait()
	cookies = map[string]string{}
	for _, identity := range workers {
		if err := people.AddPerson(ctx, identity, account.RoleWorker, ""); err != nil && !errors.Is(err, account.ErrExists) {
			return nil, err
		}
		if cookies[identity], _, err = people.SignInAs(ctx, identity, "bench"); err != nil {
			return nil, err
		}
	}
	return cookies, nil
}

// browsers are the workers' browsers, as far as the list needs them.
type browsers struct {
	url     string
	cookies map[string]string // of each worker
	client  *http.Client
}

func newBrowsers(addr string, cookies map[string]string) *browsers {
	return &browsers{"http://" + addr + "/customers", cookies, &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		MaxIdleConnsPerHost: len(cookies), // each browser reuses its connection
	}}}
}

// round opens all lists at once.
func (b *browsers) round(ctx context.Context) round {
	var r round
	var mu sync.Mutex
	var group sync.WaitGroup
	begun := time.Now()
	for _, cookie := range b.cookies {
		group.Go(func() {
			first, whole, waited, err := b.open(ctx, cookie)
			mu.Lock()
			defer mu.Unlock()
			if waited {
				r.waited++
			}
			if err != nil {
				if r.errors++; len(r.errorSamples) < 5 {
					r.errorSamples = append(r.errorSamples, err.Error())
				}
				return
			}
			r.first, r.whole = append(r.first, first), append(r.whole, whole)
		})
	}
	group.Wait()
	r.took = time.Since(begun)
	slices.Sort(r.first)
	slices.Sort(r.whole)
	return r
}

// longest is how long a worker waits for a list before giving up.
const longest = 10 * time.Minute

// open opens one worker's list, and repeats the request while it gets a waiting page, as
// often as that page reloads itself.
func (b *browsers) open(ctx context.Context, cookie string) (first, whole time.Duration, waited bool, err error) {
	for begun := time.Now(); ; waited = true {
		page, again, err := b.get(ctx, cookie)
		whole = time.Since(begun)
		first = cmp.Or(first, whole)
		switch _, code, failed := strings.Cut(page, `data-error-code="`); {
		case err != nil:
			return first, whole, waited, err
		case failed:
			code, _, _ = strings.Cut(code, `"`)
			return first, whole, waited, fmt.Errorf("an error page after %v: %s", whole.Round(time.Millisecond), code)
		case strings.Contains(page, "data-customer-id="):
			return first, whole, waited, nil
		case !strings.Contains(page, "data-pending"):
			return first, whole, waited, errors.New("neither customers nor a waiting page")
		case whole > longest:
			return first, whole, true, fmt.Errorf("still waiting after %v", longest)
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return first, whole, true, ctx.Err()
		}
	}
}

// reload matches how many seconds after which a page reloads itself.
var reload = regexp.MustCompile(`http-equiv="refresh" content="(\d+)`)

// get requests the list once; again is when the page would reload itself.
func (b *browsers) get(ctx context.Context, cookie string) (page string, again time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url, nil)
	if err != nil {
		return "", 0, err
	}
	request.AddCookie(&http.Cookie{Name: "clientele", Value: cookie})
	resp, err := b.client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", 0, err
	}
	again = 2 * time.Second
	if m := reload.FindSubmatch(body); m != nil {
		again, err = time.ParseDuration(string(m[1]) + "s")
	}
	return string(body), again, err
}
