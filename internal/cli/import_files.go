package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/clientele-project/clientele/internal/importer"
)

// openSource opens the file to import and returns its size, 0 if unknown. It refuses a
// --rejects that would overwrite it or the database.
func openSource(ctx context.Context, std streams, flags importFlags) (io.ReadCloser, int64, error) {
	if flags.file == "-" {
		return io.NopCloser(std.in), 0, nil
	}
	f, err := openUntil(ctx, flags.file)
	switch {
	case ctx.Err() != nil:
		return nil, 0, importError(flags, importer.Report{}, ctx.Err())
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("there is no file %s", flags.file)
	case errors.Is(err, fs.ErrPermission):
		return nil, 0, fmt.Errorf("file %s cannot be read by this user", flags.file)
	case err != nil:
		return nil, 0, fmt.Errorf("open the file to import: %w", err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = fmt.Errorf("open the file to import: %w", err)
	case info.IsDir():
		err = fmt.Errorf("%s is a directory: name a file in it", flags.file)
	case sameFile(flags.file, flags.database):
		err = usageErrorf("%s is the database itself", flags.file)
	case flags.rejects != "" && sameFile(flags.rejects, flags.file):
		err = usageErrorf("--rejects names the file to import: use another one")
	case flags.rejects != "" && sameFile(flags.rejects, flags.database):
		err = usageErrorf("--rejects names the database: use another file")
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

// openUntil opens a file, or returns when the context ends: a FIFO that nobody writes to
// opens when somebody does.
func openUntil(ctx context.Context, name string) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	opened := make(chan result, 1)
	go func() { // ends with the process if the file does not open
		f, err := os.Open(name)
		opened <- result{f, err}
	}()
	select {
	case r := <-opened:
		return r.file, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sameFile reports whether two names are of the same existing file.
func sameFile(a, b string) bool {
	ia, erra := os.Stat(a)
	ib, errb := os.Stat(b)
	return erra == nil && errb == nil && os.SameFile(ia, ib)
}

// createRejects creates the file of --rejects, readable by its owner only: it holds
// customers. It returns nil without the flag.
func createRejects(file string) (*os.File, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create the file of --rejects: %w", err)
	}
	return f, nil
}

// asWriter returns a nil interface for a nil file.
func asWriter(f *os.File) io.Writer {
	if f == nil {
		return nil
	}
	return f
}
