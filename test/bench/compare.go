package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"time"
)

// rounds is how often the program and the floor alternate. The median of the rounds'
// ratios counts, so that other load of the machine does not.
const rounds = 5

// A comparison is one kind of request to the program and to the floor.
type comparison struct {
	kind
	connections    int
	program, floor side
	ofFloor        float64       // the median of the rounds' ratios of throughput
	generator      time.Duration // the generator's processor time of a request
	bytes          int           // of a response, on average
}

// A loadRun is what was measured of the running program.
type loadRun struct {
	start              time.Duration // until the first signed response
	idle, mixed, after memory        // after the start, mixed requests, and the whole load
	rows               []*comparison
}

// mixed is how many requests memory is measured after.
const mixed = 10_000

// measureLoad starts the program and loads it and the floor in turn with the same requests.
func measureLoad(ctx context.Context, o options, d database) (*loadRun, error) {
	runs, err := drawRequests(ctx, o, d)
	if err != nil {
		return nil, err
	}
	run := &loadRun{}
	if run.start, err = startTime(ctx, o, d, runs[0].requests[:1]); err != nil {
		return nil, err
	}
	p, err := serve(ctx, o, d)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if run.idle, err = p.memory(); err != nil {
		return nil, err
	}
	if err := sendMixed(ctx, o, p, runs); err != nil {
		return nil, fmt.Errorf("mixed requests: %w", err)
	}
	if run.mixed, err = p.memory(); err != nil {
		return nil, err
	}
	for _, k := range runs {
		progress("%v: %s", d, k.name)
		c, err := compare(ctx, o, p, k)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		run.rows = append(run.rows, c)
	}
	run.after, err = p.memory()
	return run, err
}

// startTime returns how long the program takes from its start to its first response.
func startTime(ctx context.Context, o options, d database, first []request) (time.Duration, error) {
	var starts []time.Duration
	for range 5 {
		begun := time.Now()
		p, err := serve(ctx, o, d)
		if err != nil {
			return 0, err
		}
		_, err = collectResponses(p.addr, first)
		starts = append(starts, time.Since(begun))
		p.stop()
		if err != nil {
			return 0, err
		}
	}
	return median(starts), nil
}

// sendMixed sends requests of all the callback's kinds in random order, each once.
func sendMixed(ctx context.Context, o options, p *process, runs []kindRun) error {
	rng := rand.New(rand.NewPCG(seed, 99))
	var all []request
	for len(all) < o.times(mixed) {
		if k := runs[rng.IntN(len(runs))]; k.mixed {
			all = append(all, k.requests[rng.IntN(len(k.requests))])
		}
	}
	var group sync.WaitGroup
	failures := make(chan error, o.connections)
	for part := range slices.Chunk(all, (len(all)+o.connections-1)/o.connections) {
		group.Go(func() {
			_, err := collectResponses(p.addr, part)
			failures <- err
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// failure returns the first error of a side's connections.
func (s *side) failure() error {
	if err := s.example.Load(); err != nil {
		return *err
	}
	return nil
}

// compare loads the program and the floor in turn with requests of one kind.
func compare(ctx context.Context, o options, p *process, k kindRun) (*comparison, error) {
	c, requests := &comparison{kind: k.kind, connections: o.connections}, k.requests
	if k.many {
		c.connections = o.many
		c.name += fmt.Sprintf(", %s connections", thousands(o.many))
	}
	responses, err := collectResponses(p.addr, requests)
	if err != nil {
		return nil, err
	}
	for _, body := range responses {
		c.bytes += len(body)
	}
	c.bytes /= len(responses)
	floor, err := launchFloor(ctx, responses)
	if err != nil {
		return nil, err
	}
	defer floor.stop()
	for _, process := range []*process{p, floor} { // to warm up
		if err := (&side{process: process}).load(ctx, requests, c.connections, o.each/10); err != nil {
			return nil, err
		}
	}
	c.program.process, c.floor.process = p, floor
	before := ownCPU()
	var ratios []float64
	for range rounds {
		for _, s := range []*side{&c.program, &c.floor} {
			if err := s.load(ctx, requests, c.connections, o.each/2); err != nil {
				return nil, err
			}
		}
		ratios = append(ratios, c.program.rates[len(ratios)]/c.floor.rates[len(ratios)])
	}
	c.generator = (ownCPU() - before) / time.Duration(max(c.program.responses.Load()+c.floor.responses.Load(), 1))
	c.ofFloor = median(ratios)
	return c, errors.Join(ctx.Err(), p.emptyLog())
}

func median[T float64 | time.Duration](of []T) T {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// collectResponses sends every request once and returns the responses by their keys.
func collectResponses(addr string, requests []request) (map[string][]byte, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	responses := make(map[string][]byte, len(requests))
	for _, r := range requests {
		if _, err := conn.Write(r.raw); err != nil {
			return nil, err
		}
		status, body, err := readResponse(in, true)
		if err != nil {
			return nil, err
		}
		if status != 200 {
			return nil, fmt.Errorf("status %d: %.300s\nof the request\n%s", status, body, r.raw)
		}
		responses[r.key] = body
	}
	return responses, nil
}

// launchFloor starts the floor with its responses.
func launchFloor(ctx context.Context, responses map[string][]byte) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var in bytes.Buffer
	if err := gob.NewEncoder(&in).Encode(responses); err != nil {
		return nil, err
	}
	return launch(ctx, &in, "", self, floorCommand)
}
