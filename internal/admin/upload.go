package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/clientele-project/clientele/internal/importer"
)

const (
	// maxUpload is the largest file that is taken.
	maxUpload = 512 << 20
	// mostWaiting is how many files may wait at once, mostKnown how many imports are
	// remembered.
	mostWaiting = 5
	mostKnown   = 30
	// longestName is how much of a file's name is kept, in characters.
	longestName = 120
)

// upload is an Import, and what goes on with it.
type upload struct {
	Import
	// cancel ends what goes on, which closes ended; nil when nothing does.
	cancel context.CancelFunc
	ended  chan struct{}
}

func (o *Service) uploadFile(id string) string  { return filepath.Join(o.Dir, "upload-"+id) }
func (o *Service) rejectsFile(id string) string { return filepath.Join(o.Dir, "rejects-"+id) }

// Stage keeps an uploaded file and begins to find out what importing it would come
// to. file is how the administrator's machine calls it. The errors: a *BusyError
// while somebody's import or reassignment is under way, ErrTooBig, ErrTooMany,
// ErrDiskFull, ErrUpload, and an *importer.UsageError for what is no export of
// customers at all; then nothing is kept.
func (o *Service) Stage(ctx context.Context, by, file string, body io.Reader) (Import, error) {
	if o.ctx.Err() != nil {
		return Import{}, ErrClosed
	}
	if err := o.isBusy(); err != nil {
		return Import{}, err
	}
	if !o.receive() {
		return Import{}, ErrTooMany
	}
	defer o.received()
	u := &upload{Import: Import{ID: newName(), File: cleanName(file), By: by, State: Checking, Kept: true}}
	var err error
	if u.Size, err = o.keep(u.ID, body); err != nil {
		return Import{}, err
	}
	if err := o.understand(u); err != nil {
		o.discard(u.ID)
		return Import{}, err
	}
	u.Uploaded = o.Now()
	o.changing.Lock()
	defer o.changing.Unlock()
	o.mu.Lock()
	o.uploads = append(o.uploads, u)
	o.mu.Unlock()
	o.forget()
	if err := o.beginCheck(u); err != nil {
		return Import{}, err
	}
	return o.told(u), nil
}

// receive makes room for one more file, unless too many wait or are on their way.
func (o *Service) receive() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.receiving
	for _, u := range o.uploads {
		if u.Kept {
			n++
		}
	}
	if n >= mostWaiting {
		return false
	}
	o.receiving++
	return true
}

func (o *Service) received() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.receiving--
}

// keep writes an upload to its file and answers its size.
func (o *Service) keep(id string, body io.Reader) (size int64, err error) {
	if err := makeDir(o.Dir); err != nil {
		return 0, onDisk(err)
	}
	f, err := os.OpenFile(o.uploadFile(id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, onDisk(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = onDisk(cerr)
		}
		if err != nil {
			o.discard(id)
		}
	}()
	read := &failing{src: io.LimitReader(body, maxUpload+1)}
	size, err = io.Copy(f, read)
	switch {
	case read.err != nil:
		return 0, fmt.Errorf("%w: %w", ErrUpload, read.err)
	case err != nil:
		return 0, onDisk(err)
	case size > maxUpload:
		return 0, ErrTooBig
	}
	return size, nil
}

// failing remembers that reading failed, to tell it from that writing did.
type failing struct {
	src io.Reader
	err error
}

func (r *failing) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// onDisk words an error of our own files.
func onDisk(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return fmt.Errorf("keep the uploaded file: %w", err)
}

// understand tells what the columns of the file mean, and what has to be chosen. An
// *importer.UsageError tells that the file is of no use whatever is chosen.
func (o *Service) understand(u *upload) error {
	f, err := os.Open(o.uploadFile(u.ID))
	if err != nil {
		return onDisk(err)
	}
	defer f.Close()
	file, err := importer.Open(f, u.Choices.options())
	var usage *importer.UsageError
	switch {
	case file == nil && errors.As(err, &usage):
		return err
	case file == nil:
		return &importer.UsageError{Reason: err.Error()}
	case err != nil && !errors.As(err, &usage):
		return onDisk(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	u.Format, u.Columns, u.Need, u.Problem = file.Format(), file.Columns(), "", ""
	if usage != nil {
		u.State, u.Need, u.Problem = Choosing, usage.Need, inConsole(usage)
	}
	return nil
}

// inConsole says how to supply in the console what an import needs.
func inConsole(e *importer.UsageError) string {
	switch e.Need {
	case importer.NeedOwner:
		return "The file does not say whose customers these are: choose whose, or say which column does."
	case importer.NeedName:
		return "No column is known to hold names: say which does."
	}
	return e.Reason
}

// options are the choices as the importer takes them.
func (c ImportOptions) options() importer.Options {
	return importer.Options{Map: c.Map, Worker: c.Worker, Region: c.Region, Prune: c.Prune, Insist: c.Insist}
}

// newName is an id that nobody can guess.
func newName() string { return strings.ToLower(rand.Text()[:20]) }

// cleanName is a file's name without its directories, and harmless.
func cleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	runes := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(name, ""))))
	if len(runes) > longestName {
		runes = slices.Concat(runes[:longestName-20], []rune("…"), runes[len(runes)-19:])
	}
	if len(runes) == 0 {
		return "upload"
	}
	return string(runes)
}
