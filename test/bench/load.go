package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A side is one of two servers that get the same requests, and what was measured of it.
type side struct {
	process   *process
	rates     []float64 // responses a second, of each round
	latency   histogram
	responses atomic.Int64
	errors    atomic.Int64 // responses that are not 200, and connections that broke
	example   atomic.Pointer[error]
	cpu       time.Duration // processor time for all responses
}

// load sends requests over connections, each the next one as soon as the response to the
// last has come. It shares the processor with the server, so everything is prepared before.
func (s *side) load(ctx context.Context, requests []request, connections int, long time.Duration) error {
	conns := make([]net.Conn, connections)
	for i := range conns {
		conn, err := net.Dial("tcp", s.process.addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		conns[i] = conn
	}
	before, err := s.process.cpu()
	if err != nil {
		return err
	}
	responses, begun := s.responses.Load(), time.Now()
	var group sync.WaitGroup
	for i, conn := range conns {
		// Each begins at another request, so that they do not send the same one at once.
		group.Go(func() { s.call(ctx, conn, requests, i*len(requests)/connections, begun.Add(long)) })
	}
	group.Wait()
	s.rates = append(s.rates, float64(s.responses.Load()-responses)/time.Since(begun).Seconds())
	after, err := s.process.cpu()
	s.cpu += after - before
	return err
}

// responseTimeout is how long a response may take.
const responseTimeout = 10 * time.Second

// call is one connection of a load.
func (s *side) call(ctx context.Context, conn net.Conn, requests []request, at int, end time.Time) {
	conn.SetDeadline(end.Add(responseTimeout))
	in := bufio.NewReaderSize(conn, 16<<10)
	for start := time.Now(); start.Before(end) && ctx.Err() == nil; at++ {
		_, err := conn.Write(requests[at%len(requests)].raw)
		var status int
		if err == nil {
			status, _, err = readResponse(in, false)
		}
		now := time.Now()
		if err == nil && status == 200 {
			s.latency.add(now.Sub(start))
			s.responses.Add(1)
			start = now
			continue
		}
		s.errors.Add(1)
		if err != nil {
			s.example.CompareAndSwap(nil, &err)
			return
		}
		err = fmt.Errorf("status %d", status)
		s.example.CompareAndSwap(nil, &err)
		start = now
	}
}

// perResponse returns the processor time of a response.
func (s *side) perResponse() time.Duration { return s.cpu / time.Duration(max(s.responses.Load(), 1)) }

// ownCPU returns the processor time of this process.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// readResponse reads one response, and returns its body if keep is set.
func readResponse(in *bufio.Reader, keep bool) (status int, body []byte, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, fmt.Errorf("response begins with %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, err
	}
	length := -1
	for len(line) > 2 {
		if line, err = in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		if len(line) > 16 && strings.EqualFold(string(line[:15]), "Content-Length:") {
			if length, err = strconv.Atoi(strings.TrimSpace(string(line[15:]))); err != nil {
				return 0, nil, err
			}
		}
	}
	switch {
	case length < 0:
		return 0, nil, fmt.Errorf("response with status %d has no Content-Length", status)
	case keep:
		body = make([]byte, length)
		_, err = io.ReadFull(in, body)
	default:
		_, err = in.Discard(length)
	}
	return status, body, err
}
