package main

import (
	"bufio"
	"context"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// rounds is how often the program and the floor alternate. The median of the rounds'
// ratios counts, so that other load of the machine does not.
const rounds = 5

// A ratio is the program's throughput beside the floor's.
type ratio struct {
	name             string
	perSecond, floor float64
	ofFloor          float64 // the median of the rounds' ratios
	bytes            int     // of a response, on average
}

// A kind of request, with random parameters.
type kind struct {
	name string
	// different is how many requests are prepared.
	different int
	form      func(d database, rng *rand.Rand) url.Values
}

var kinds = []kind{
	{"list", 4000, func(d database, rng *rand.Rand) url.Values { return listForm(d.anyWorker(rng)) }},
	{"anchored list", 4000, func(d database, rng *rand.Rand) url.Values {
		worker := d.anyWorker(rng)
		form := listForm(worker)
		form.Set("Anchor", d.customerOf(worker, rng))
		return form
	}},
	{"details", 4000, func(d database, rng *rand.Rand) url.Values {
		worker := d.anyWorker(rng)
		return url.Values{"Location": {frontline.LocationCustomerDetails}, "Worker": {worker},
			"CustomerId": {d.customerOf(worker, rng)}}
	}},
	{"search, 1,000 workers", 4000, func(d database, rng *rand.Rand) url.Values {
		form := listForm(d.worker(rng))
		form.Set("Query", queries[rng.IntN(len(queries))].text)
		return form
	}},
	{"search, the pool", 200, func(d database, rng *rand.Rand) url.Values {
		form := listForm(pool)
		form.Set("Query", queries[rng.IntN(len(queries))].text)
		return form
	}},
}

func listForm(worker string) url.Values {
	return url.Values{"Location": {frontline.LocationCustomersList}, "Worker": {worker}, "PageSize": {strconv.Itoa(pageSize)}}
}

// anyWorker draws a worker: half of the time the pool's.
func (d database) anyWorker(rng *rand.Rand) string {
	if rng.IntN(2) == 0 {
		return pool
	}
	return d.worker(rng)
}

// host is the host in the requests to the program and to the floor, so that one signature
// serves both.
const host = "crm.example.com"

// measureWire loads the program and the floor in turn with the same requests.
func measureWire(ctx context.Context, o options, d database) ([]ratio, error) {
	people, err := signIn(ctx, d)
	if err != nil {
		return nil, err
	}
	p, err := serve(ctx, o, d)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	var ratios []ratio
	measure := func(name string, different int, request func(rng *rand.Rand) (request []byte, signature string)) error {
		rng := rand.New(rand.NewPCG(seed, uint64(len(name))))
		var requests [][]byte
		var signatures []string
		for range o.times(different) {
			request, signature := request(rng)
			requests, signatures = append(requests, request), append(signatures, signature)
		}
		r, err := compare(ctx, o, p, requests, signatures)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.name = name
		ratios = append(ratios, r)
		return nil
	}
	for _, k := range kinds {
		err := measure(k.name, k.different, func(rng *rand.Rand) ([]byte, string) {
			form := k.form(d, rng)
			signature := frontline.Sign(authToken, "http://"+host+callbackPath, form)
			return rawRequest(host, form.Encode(), signature), signature
		})
		if err != nil {
			return nil, err
		}
	}
	for _, page := range pages {
		err := measure(page.name, 4000, func(rng *rand.Rand) ([]byte, string) { return page.request(d, people, rng) })
		if err != nil {
			return nil, err
		}
	}
	return ratios, nil
}

// compare returns the throughput of the program and of the floor. The signatures tell the
// floor the requests apart.
func compare(ctx context.Context, o options, p *process, requests [][]byte, signatures []string) (ratio, error) {
	responses, size, err := collectResponses(p.addr, requests, signatures)
	if err != nil {
		return ratio{}, err
	}
	floor, err := launchFloor(ctx, o, responses)
	if err != nil {
		return ratio{}, err
	}
	defer floor.stop()
	var ours, theirs, ratios []float64
	for round := range rounds {
		for _, end := range []struct {
			addr string
			to   *[]float64
		}{{p.addr, &ours}, {floor.addr, &theirs}} {
			// A short warm-up first.
			if _, err := load(ctx, end.addr, requests, o.each/10); err != nil {
				return ratio{}, err
			}
			perSecond, err := load(ctx, end.addr, requests, o.each/2)
			if err != nil {
				return ratio{}, err
			}
			*end.to = append(*end.to, perSecond)
		}
		ratios = append(ratios, ours[round]/theirs[round])
	}
	return ratio{perSecond: median(ours), floor: median(theirs), ofFloor: median(ratios), bytes: size}, nil
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// collectResponses sends every request once and returns the responses by signature.
func collectResponses(addr string, requests [][]byte, signatures []string) (responses map[string][]byte, mean int, err error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	responses = make(map[string][]byte, len(requests))
	total := 0
	for i, request := range requests {
		if _, err := conn.Write(request); err != nil {
			return nil, 0, err
		}
		body, err := readResponse(in, true)
		if err != nil {
			return nil, 0, err
		}
		responses[signatures[i]] = body
		total += len(body)
	}
	return responses, total / len(requests), nil
}

// launchFloor starts the floor with its responses.
func launchFloor(ctx context.Context, o options, responses map[string][]byte) (*process, error) {
	name := filepath.Join(o.cache, "responses.gob")
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	defer os.Remove(name)
	err = gob.NewEncoder(file).Encode(responses)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return launch(ctx, self, floorCommand, "-responses", name)
}
