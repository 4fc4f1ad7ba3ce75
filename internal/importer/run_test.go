package importer

import (
	"context"
	"io"
)

// Run opens src and imports it into store, for the tests of this directory.
func Run(ctx context.Context, src io.Reader, store Store, opts Options) (Report, error) {
	file, err := Open(ctx, src, opts)
	if err != nil {
		return Report{}, err
	}
	return file.Import(ctx, store, nil)
}
