package admin

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/importer"
)

// patience is for how long who cancels waits for the end.
const patience = 2 * time.Second

// Imports are the uploads that are known, newest first.
func (o *Service) Imports() []Import {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := make([]Import, 0, len(o.uploads))
	for _, u := range slices.Backward(o.uploads) {
		list = append(list, u.Import)
	}
	return list
}

// Import answers one of them, or ErrNoImport.
func (o *Service) Import(id string) (Import, error) {
	u, err := o.upload(id)
	if err != nil {
		return Import{}, err
	}
	return o.told(u), nil
}

func (o *Service) upload(id string) (*upload, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.uploads, func(u *upload) bool { return u.ID == id })
	if i < 0 {
		return nil, ErrNoImport
	}
	return o.uploads[i], nil
}

// told is an import as it is now. What its pointers lead to is never changed.
func (o *Service) told(u *upload) Import {
	o.mu.Lock()
	defer o.mu.Unlock()
	return u.Import
}

// Choose sets how a file is to be understood, and finds out anew what importing it
// would come to. The errors: ErrNoImport, ErrNotReady once it was imported or its
// file is gone, and a *BusyError while somebody else's import is under way.
func (o *Service) Choose(ctx context.Context, id string, c ImportOptions) (Import, error) {
	o.changing.Lock()
	defer o.changing.Unlock()
	u, err := o.upload(id)
	if err != nil {
		return Import{}, err
	}
	was := o.told(u)
	if !was.Kept || was.State == Importing {
		return was, ErrNotReady
	}
	if was.State == Checking {
		err = o.end(ctx, u)
	} else {
		err = o.isBusy()
	}
	if err != nil {
		return was, err
	}
	o.mu.Lock()
	u.Choices = ImportOptions{Map: slices.Clone(c.Map), Worker: strings.TrimSpace(c.Worker), Region: strings.TrimSpace(c.Region), Prune: c.Prune, Insist: c.Insist}
	u.State, u.Preview, u.Report, u.HasRejects, u.Progress = Checking, nil, nil, false, importer.Progress{}
	o.mu.Unlock()
	if err := o.understand(u); err != nil {
		o.mu.Lock()
		u.State, u.Problem = Failed, o.explain(ctx, err)
		o.mu.Unlock()
		return o.told(u), err
	}
	err = o.beginCheck(u)
	return o.told(u), err
}

// end ends what goes on with an import and waits for that.
func (o *Service) end(ctx context.Context, u *upload) error {
	o.mu.Lock()
	cancel, ended := u.cancel, u.ended
	o.mu.Unlock()
	if cancel == nil {
		return nil
	}
	cancel()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Cancel ends a check or an import, and gives up the file. What was written stays:
// Import.Report tells it, and uploading the file again completes it. An import that
// is over is left as it is. What was written of a large import takes a while to be
// made fast to search: the import may still be Importing then, and becomes Cancelled.
func (o *Service) Cancel(ctx context.Context, id string) error {
	o.changing.Lock()
	defer o.changing.Unlock()
	u, err := o.upload(id)
	if err != nil {
		return err
	}
	soon, done := context.WithTimeout(ctx, patience)
	defer done()
	switch err := o.end(soon, u); {
	case err != nil && ctx.Err() == nil && o.told(u).State == Importing:
		return nil // it will end by itself: see over
	case err != nil:
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !u.Kept {
		return nil
	}
	u.State, u.Kept, u.Ended = Cancelled, false, o.Now()
	if u.Report == nil {
		u.HasRejects = false
		o.discard(u.ID)
	} else {
		os.Remove(o.uploadFile(u.ID))
	}
	return nil
}

// Rejects answers the rows that were not used, whole and in the format of the file,
// each with the reason, and a name for that file. ErrNoImport when there are none.
func (o *Service) Rejects(id string) (io.ReadCloser, string, error) {
	u, err := o.upload(id)
	if err != nil {
		return nil, "", err
	}
	i := o.told(u)
	if !i.HasRejects {
		return nil, "", ErrNoImport
	}
	f, err := os.Open(o.rejectsFile(id))
	if err != nil {
		return nil, "", fmt.Errorf("open the rejected rows: %w", err)
	}
	ext := filepath.Ext(i.File)
	return f, strings.TrimSuffix(i.File, ext) + "-rejected" + map[string]string{"CSV": ".csv", "JSON": ".jsonl", "vCard": ".vcf"}[i.Format], nil
}
