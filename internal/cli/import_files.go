package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// openImportFile opens what is to be imported and answers its size, 0 when that
// is not known. It refuses to let --rejects write over it, or over the database.
func openImportFile(std streams, asked importFlags) (io.ReadCloser, int64, error) {
	if asked.file == "-" {
		return io.NopCloser(std.in), 0, nil
	}
	f, err := os.Open(asked.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("there is no file %s", asked.file)
	case errors.Is(err, fs.ErrPermission):
		return nil, 0, fmt.Errorf("file %s cannot be read by this user", asked.file)
	case err != nil:
		return nil, 0, fmt.Errorf("open what is to be imported: %w", err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = fmt.Errorf("open what is to be imported: %w", err)
	case info.IsDir():
		err = fmt.Errorf("%s is a directory: name a file in it", asked.file)
	case sameFile(asked.file, asked.database):
		err = usageErrorf("%s is the database itself", asked.file)
	case asked.rejects != "" && sameFile(asked.rejects, asked.file):
		err = usageErrorf("--rejects would write over the file that is imported: name another one")
	case asked.rejects != "" && sameFile(asked.rejects, asked.database):
		err = usageErrorf("--rejects would write over the database: name another file")
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return f, 0, nil
	}
	return f, info.Size(), nil
}

// sameFile tells whether two names are of one file that exists.
func sameFile(a, b string) bool {
	ia, erra := os.Stat(a)
	ib, errb := os.Stat(b)
	return erra == nil && errb == nil && os.SameFile(ia, ib)
}

// createRejects makes the file of --rejects, readable by nobody else: it holds
// customers. Without the flag it answers nil.
func createRejects(file string) (*os.File, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the file of --rejects: %w", err)
	}
	return f, nil
}

// orNothing is a file as a writer, nil when there is none.
func orNothing(f *os.File) io.Writer {
	if f == nil {
		return nil
	}
	return f
}

// interruptible reads from src until the context ends, also when src stays silent
// for ever, as a pipe may.
type interruptible struct {
	ctx  context.Context
	read <-chan chunk
	rest []byte
	err  error
}

// chunk is what one call of Read brought.
type chunk struct {
	data []byte
	err  error
}

func newInterruptible(ctx context.Context, src io.Reader) *interruptible {
	read := make(chan chunk)
	go func() { // ends with the context, or with the process
		for {
			buf := make([]byte, 64<<10)
			n, err := src.Read(buf)
			select {
			case read <- chunk{buf[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return &interruptible{ctx: ctx, read: read}
}

func (r *interruptible) Read(p []byte) (int, error) {
	for len(r.rest) == 0 && r.err == nil {
		select {
		case c := <-r.read:
			r.rest, r.err = c.data, c.err
		case <-r.ctx.Done():
			r.err = r.ctx.Err()
		}
	}
	if len(r.rest) == 0 {
		return 0, r.err
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
