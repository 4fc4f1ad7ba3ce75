package main

import (
	"bufio"
	"context"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// A served holds the start time and memory of the running program.
type served struct {
	start           time.Duration // until the first signed response
	idle, rss, peak int64         // resident bytes: after start, after the requests, peak
	requests        int
}

// mixed is how many requests memory is measured after.
const mixed = 10_000

// measureServe measures a new process: the time to its first response, and its memory.
func measureServe(ctx context.Context, o options, d database) (*served, error) {
	var s served
	var starts []time.Duration
	form := listForm(pool)
	first := rawRequest(host, form.Encode(), frontline.Sign(authToken, "http://"+host+callbackPath, form))
	for range 5 {
		begun := time.Now()
		p, err := serve(ctx, o, d)
		if err != nil {
			return nil, err
		}
		_, _, err = collectResponses(p.addr, [][]byte{first}, []string{""})
		starts = append(starts, time.Since(begun))
		p.stop()
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(starts)
	s.start = starts[len(starts)/2]

	p, err := serve(ctx, o, d)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if s.idle, _, err = p.memory(); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 99))
	requests := make([][]byte, o.times(mixed))
	for i := range requests {
		form := kinds[rng.IntN(len(kinds))].form(d, rng)
		requests[i] = rawRequest(host, form.Encode(), frontline.Sign(authToken, "http://"+host+callbackPath, form))
	}
	if err := sendAll(p.addr, requests); err != nil {
		return nil, err
	}
	s.requests = len(requests)
	s.rss, s.peak, err = p.memory()
	return &s, err
}

// sendAll sends every request once, over several connections.
func sendAll(addr string, requests [][]byte) error {
	errs := make(chan error, connections)
	for i := range connections {
		go func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				errs <- err
				return
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			for at := i; at < len(requests); at += connections {
				if _, err = conn.Write(requests[at]); err == nil {
					_, err = readResponse(in, false)
				}
				if err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	var failed error
	for range connections {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}

// machine returns the processor's name.
func machine() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	return cpuModel(string(text))
}
