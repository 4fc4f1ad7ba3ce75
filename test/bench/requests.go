package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/store"
)

// A request is ready to be sent. The floor has its response under the key.
type request struct {
	key string
	raw []byte
}

// A kind is a row of the table of whole requests: requests with random parameters, and the
// goals for them with a million customers.
type kind struct {
	name        string
	many        bool // over options.many connections
	mixed       bool // a part of the mixed requests that memory is measured after
	sqlite      bool // not measured on PostgreSQL, where it says nothing new
	different   int  // how many are prepared, 0 for the usual number
	share, rate float64
	onPostgres  float64 // the goal for share there
	p99         time.Duration
	draw        func(d *drawer) request
}

// different is how many requests of a kind are prepared.
const different = 10_000

var kinds = []kind{
	{name: "list", mixed: true, share: 0.55, p99: 8 * time.Millisecond, draw: func(d *drawer) request { return d.list(d.anyone()) }},
	{name: "anchored list", mixed: true, share: 0.5, onPostgres: 0.15, p99: 8 * time.Millisecond, draw: func(d *drawer) request { return d.anchoredList(d.anyone()) }},
	{name: "details", mixed: true, share: 0.65, onPostgres: 0.2, p99: 8 * time.Millisecond, draw: func(d *drawer) request { return d.details(d.anyone()) }},
	{name: "search", mixed: true, draw: func(d *drawer) request { return d.search(d.anyone()) }},
	{name: "list, half of them the pool's", sqlite: true, draw: func(d *drawer) request { return d.list(d.halfPool()) }},
	{name: "anchored list, half of them the pool's", sqlite: true, draw: func(d *drawer) request { return d.anchoredList(d.halfPool()) }},
	{name: "details, half of them the pool's", sqlite: true, draw: func(d *drawer) request { return d.details(d.halfPool()) }},
	{name: "search of the pool", mixed: true, different: 200, draw: func(d *drawer) request { return d.search(pool) }},
	{name: "anchored list", many: true, p99: 250 * time.Millisecond, draw: func(d *drawer) request { return d.anchoredList(d.anyone()) }},
	{name: "app: list page", different: 3000, rate: 3000, draw: func(d *drawer) request { return d.page("/customers", d.anyone(), "identity") }},
	{name: "app: list page, compressed", sqlite: true, different: 3000, draw: func(d *drawer) request { return d.page("/customers", d.anyone(), "gzip") }},
	{name: "app: details page", different: 3000, draw: func(d *drawer) request {
		worker := d.anyone()
		return d.page("/customers/"+d.customerOf(worker, d.rng), worker, "identity")
	}},
}

// A kindRun is a kind with the requests that were prepared.
type kindRun struct {
	kind
	requests []request
}

// A drawer draws parameters of requests.
type drawer struct {
	database
	ctx     context.Context
	rng     *rand.Rand
	db      *store.DB
	cookies map[string]string // of workers' sessions
	err     error             // the first one
}

// drawRequests returns the requests of each kind. Workers' names, customers and queries
// are of the database, and the workers are signed in.
func drawRequests(ctx context.Context, o options, d database) (all []kindRun, err error) {
	db, err := store.Open(ctx, d.name, store.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	workers := []string{pool}
	for i := range d.workers() {
		workers = append(workers, d.owner(2*i))
	}
	cookies, err := signIn(ctx, db, workers)
	if err != nil {
		return nil, err
	}
	for i, k := range kinds {
		if k.sqlite && d.postgres != nil {
			continue
		}
		run := kindRun{kind: k}
		draw := &drawer{database: d, ctx: ctx, rng: rand.New(rand.NewPCG(seed, uint64(i))), db: db, cookies: cookies}
		for range o.times(cmp.Or(k.different, different)) {
			run.requests = append(run.requests, k.draw(draw))
		}
		if draw.err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, draw.err)
		}
		all = append(all, run)
	}
	return all, nil
}

// anyone draws one of all workers; the pool's is one of them.
func (d *drawer) anyone() string {
	if d.rng.IntN(d.workers()+1) == 0 {
		return pool
	}
	return d.worker(d.rng)
}

// halfPool draws the pool's worker half of the time.
func (d *drawer) halfPool() string {
	if d.rng.IntN(2) == 0 {
		return pool
	}
	return d.worker(d.rng)
}

func (d *drawer) list(worker string) request { return callback(listForm(worker)) }

func (d *drawer) anchoredList(worker string) request {
	form := listForm(worker)
	form.Set("Anchor", d.customerOf(worker, d.rng))
	return callback(form)
}

func (d *drawer) details(worker string) request {
	return callback(url.Values{"Location": {frontline.LocationCustomerDetails}, "Worker": {worker},
		"CustomerId": {d.customerOf(worker, d.rng)}})
}

// search searches for one of the worker's customers.
func (d *drawer) search(worker string) request {
	c, err := d.db.Customers().Get(d.ctx, d.customerOf(worker, d.rng))
	if err != nil {
		if d.err == nil {
			d.err = err
		}
		return request{}
	}
	form := listForm(worker)
	form.Set("Query", queryFor(c, d.rng))
	return callback(form)
}

func listForm(worker string) url.Values {
	return url.Values{"Location": {frontline.LocationCustomersList}, "Worker": {worker}, "PageSize": {strconv.Itoa(pageSize)}}
}

// host is what both servers get as their name, so that one signature serves both.
const host = "crm.example.com"

// callback returns a signed callback.
func callback(form url.Values) request {
	body := form.Encode()
	signature := frontline.Sign(authToken, "http://"+host+callbackPath, form)
	return request{signature, rawRequest("POST", callbackPath, fmt.Sprintf("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n%s: %s\r\n",
		len(body), signatureHeader, signature), body)}
}

// page returns a request for a page of the app.
func (d *drawer) page(path, worker, encoding string) request {
	cookie := (&http.Cookie{Name: "clientele", Value: d.cookies[worker]}).String()
	return request{path + cookie, rawRequest("GET", path, "Cookie: "+cookie+"\r\nAccept-Encoding: "+encoding+"\r\n", "")}
}

func rawRequest(method, path, header, body string) []byte {
	return []byte(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: clientele-bench\r\nAccept: */*\r\n" + header + "\r\n" + body)
}
