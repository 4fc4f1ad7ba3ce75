package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// A rush is what happens when many workers open their lists at once, in front of a
// service that may be asked little.
type rush struct {
	workers, perSecond, concurrency, serviceRate int
	serviceDelay                                 time.Duration // of the service

	cold, warm                round
	maxInFlight, maxPerSecond int   // as the service saw it: at once, and in a second
	idle, peak                int64 // bytes resident: before, and ever
}

// A round is everybody opening their list once.
type round struct {
	took         time.Duration   // until the last had theirs
	first        []time.Duration // until each had a first answer, in order
	whole        []time.Duration // until each saw customers, in order
	waited       int             // how many saw a waiting page first
	errorSamples []string        // what else they saw; at most a few
	errors       int
}

// serviceDelay is how long the service takes for an answer.
const serviceDelay = 100 * time.Millisecond

// measureRush lets workers open their lists at once, twice, through the real program
// in front of the fake service.
func measureRush(ctx context.Context, o options) (_ *rush, err error) {
	r := &rush{workers: o.workers, perSecond: o.perSecond, concurrency: o.concurrency, serviceRate: o.serviceRate, serviceDelay: serviceDelay}
	service, err := launchService(ctx, o)
	if err != nil {
		return nil, err
	}
	defer service.stop()
	behave := url.Values{"mode": {"slow"}, "delay": {serviceDelay.String()}, "rate": {fmt.Sprint(o.serviceRate)}}
	answer, err := http.PostForm("http://"+service.addr+"/control", behave)
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	file := filepath.Join(o.cache, "rush.db")
	secrets, err := createWorkers(ctx, file, r.workers)
	if err != nil {
		return nil, err
	}
	p, err := launch(ctx, o.binary, "serve", "--addr", "127.0.0.1:0", "--database", file, "--auth-token", authToken,
		"--allow-private-callbacks", "--crm-callback-url", "http://"+service.addr+"/crm",
		"--callback-rate", fmt.Sprint(r.perSecond), "--callback-concurrency", fmt.Sprint(r.concurrency))
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if r.idle, _, err = p.memory(); err != nil {
		return nil, err
	}
	crowd := newBrowsers(p.addr, secrets)
	r.cold = crowd.round(ctx)
	r.warm = crowd.round(ctx)
	if _, r.peak, err = p.memory(); err != nil {
		return nil, err
	}
	r.maxInFlight, r.maxPerSecond, err = serviceLoad(service.addr)
	return r, errors.Join(err, ctx.Err())
}

// launchService starts the fake service of test/externalservice.
func launchService(ctx context.Context, o options) (*process, error) {
	return launch(ctx, o.external, "-addr", "127.0.0.1:0", "-auth-token", authToken)
}

// serviceLoad is the most that the service saw under way at once, and in any second.
func serviceLoad(addr string) (atOnce, inASecond int, err error) {
	answer, err := http.Get("http://" + addr + "/control/log")
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	var log struct{ MaxInFlight, MaxPerSecond int }
	err = json.NewDecoder(answer.Body).Decode(&log)
	return log.MaxInFlight, log.MaxPerSecond, err
}

// createWorkers makes a database of workers who are signed in, and answers the secrets of
// their cookies. (A password each would take an hour of hashing in all.)
func createWorkers(ctx context.Context, file string, n int) (secrets []string, err error) {
	for _, suffix := range []string{"", "-wal", "-shm", ".secret"} {
		if err := os.Remove(file + suffix); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	db, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	people := account.NewService(db.Accounts(), secret.NewPasswords(), nil)
	defer people.Wait()
	for i := range n {
		identity := fmt.Sprintf("worker%04d@example.com", i)
		if err := people.AddPerson(ctx, identity, account.RoleWorker, ""); err != nil {
			return nil, err
		}
		cookie, _, err := people.SignInAs(ctx, identity, "bench")
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, cookie)
	}
	return secrets, nil
}

// A browsers is the workers' browsers, as far as the list needs them.
type browsers struct {
	url     string
	secrets []string
	client  *http.Client
}

func newBrowsers(addr string, secrets []string) *browsers {
	return &browsers{"http://" + addr + "/customers", secrets, &http.Client{Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		MaxIdleConnsPerHost: len(secrets), // as browsers do, each keeps its connection
	}}}
}

// round has everybody open their list at once.
func (c *browsers) round(ctx context.Context) round {
	var r round
	var mu sync.Mutex
	var group sync.WaitGroup
	begun := time.Now()
	for _, cookie := range c.secrets {
		group.Go(func() {
			first, whole, waited, err := c.open(ctx, cookie)
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

// open opens one worker's list, and asks again while a waiting page comes, as often
// as that page would by itself.
func (c *browsers) open(ctx context.Context, cookie string) (first, whole time.Duration, waited bool, err error) {
	begun := time.Now()
	for {
		page, again, err := c.get(ctx, cookie)
		if err != nil {
			return 0, 0, waited, err
		}
		if first == 0 {
			first = time.Since(begun)
		}
		switch {
		case strings.Contains(page, "data-error-code"):
			_, code, _ := strings.Cut(page, `data-error-code="`)
			code, _, _ = strings.Cut(code, `"`)
			return 0, 0, waited, fmt.Errorf("an error page after %v: %s", time.Since(begun).Round(time.Millisecond), code)
		case strings.Contains(page, "data-customer-id="):
			return first, time.Since(begun), waited, nil
		case !strings.Contains(page, "data-pending"):
			return 0, 0, waited, errors.New("neither customers nor a waiting page")
		case time.Since(begun) > longest:
			return 0, 0, true, fmt.Errorf("still waiting after %v", longest)
		}
		waited = true
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return 0, 0, waited, ctx.Err()
		}
	}
}

// get asks once; again is when the page would ask by itself.
func (c *browsers) get(ctx context.Context, cookie string) (page string, again time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return "", 0, err
	}
	request.AddCookie(&http.Cookie{Name: "clientele", Value: cookie})
	answer, err := c.client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	again = 2 * time.Second
	if _, at, ok := strings.Cut(string(body), `http-equiv="refresh" content="`); ok {
		if n, _, ok := strings.Cut(at, `"`); ok {
			n, _, _ = strings.Cut(n, ";")
			if seconds, err := time.ParseDuration(strings.TrimSpace(n) + "s"); err == nil {
				again = seconds
			}
		}
	}
	return string(body), again, err
}
