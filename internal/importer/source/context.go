package source

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
)

// contextReader reads src until the context ends, even while a Read of src blocks, as that
// of a pipe may. It counts the bytes that were read.
type contextReader struct {
	ctx  context.Context
	read <-chan chunk
	rest []byte
	err  error
	n    atomic.Int64
}

// chunk is the result of one Read.
type chunk struct {
	data []byte
	err  error
}

func newContextReader(ctx context.Context, src io.Reader) *contextReader {
	read := make(chan chunk)
	go func() { // ends with the context, or when a Read that blocks does
		var bufs [2][]byte // one is read into while the other is used
		for i := 0; ctx.Err() == nil; i = 1 - i {
			if bufs[i] == nil {
				bufs[i] = make([]byte, decodeChunk)
			}
			n, err := src.Read(bufs[i])
			select {
			case read <- chunk{bufs[i][:n], err}:
			case <-ctx.Done():
			}
			if err != nil {
				return
			}
		}
	}()
	return &contextReader{ctx: ctx, read: read}
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(r.rest) == 0 && r.err == nil {
		select {
		case c := <-r.read:
			r.rest, r.err = c.data, c.err
		case <-r.ctx.Done():
			r.err = r.ctx.Err()
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.n.Add(int64(n))
	if len(r.rest) > 0 {
		return n, nil
	}
	return n, r.err
}

// contextPart is a part of a workbook that is read until the context ends.
type contextPart struct {
	ctx context.Context
	io.ReadCloser
}

func (p contextPart) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errDamaged
	}
	return n, err
}
