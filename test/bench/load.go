package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connections is the number of concurrent callers, each on one reused connection.
const connections = 16

// load sends prepared requests over connections as fast as responses arrive, and returns
// the responses per second. It does little work, because it shares cores with the server.
func load(ctx context.Context, addr string, requests [][]byte, long time.Duration) (perSecond float64, err error) {
	var count atomic.Int64
	var group sync.WaitGroup
	errs := make(chan error, connections)
	deadline := time.Now().Add(long)
	begun := time.Now()
	for i := range connections {
		group.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				errs <- err
				return
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			// Each starts at another request, so that they do not send the same one at once.
			for at := i * len(requests) / connections; time.Now().Before(deadline) && ctx.Err() == nil; at++ {
				if _, err := conn.Write(requests[at%len(requests)]); err != nil {
					errs <- err
					return
				}
				if _, err := readResponse(in, false); err != nil {
					errs <- err
					return
				}
				count.Add(1)
			}
		})
	}
	group.Wait()
	select {
	case err := <-errs:
		return 0, err
	default:
	}
	return float64(count.Load()) / time.Since(begun).Seconds(), ctx.Err()
}

var errStatus = errors.New("status is not 200")

// readResponse reads one response, and returns its body if keep is set.
func readResponse(in *bufio.Reader, keep bool) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 12 || string(line[9:12]) != "200" {
		return nil, fmt.Errorf("%w: %s", errStatus, strings.TrimSpace(string(line)))
	}
	length, chunked := -1, false
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if len(line) <= 2 {
			break
		}
		switch {
		case len(line) > 16 && strings.EqualFold(string(line[:15]), "Content-Length:"):
			if length, err = strconv.Atoi(strings.TrimSpace(string(line[15:]))); err != nil {
				return nil, err
			}
		case len(line) > 18 && strings.EqualFold(string(line[:18]), "Transfer-Encoding:"):
			chunked = true
		}
	}
	switch {
	case length >= 0 && !keep:
		_, err := in.Discard(length)
		return nil, err
	case length >= 0:
		body := make([]byte, length)
		_, err := io.ReadFull(in, body)
		return body, err
	case chunked:
		return readChunks(in)
	}
	return nil, errors.New("the response has no length")
}

func readChunks(in *bufio.Reader) ([]byte, error) {
	var body []byte
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 32)
		if err != nil {
			return nil, err
		}
		if size == 0 {
			_, err := textproto.NewReader(in).ReadMIMEHeader()
			return body, err
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		body = append(body, chunk[:size]...)
	}
}

// rawRequest returns the bytes of a signed callback.
func rawRequest(host, body, signature string) []byte {
	var b strings.Builder
	b.WriteString("POST " + callbackPath + " HTTP/1.1\r\nHost: " + host + "\r\n")
	header := http.Header{
		"Content-Type":       {"application/x-www-form-urlencoded"},
		"Content-Length":     {strconv.Itoa(len(body))},
		"X-Twilio-Signature": {signature},
		"User-Agent":         {"clientele-bench"},
		"Accept":             {"*/*"},
	}
	header.Write(&b)
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}
