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
	// MaxUpload is the size limit of a file, in bytes.
	MaxUpload = 512 << 20
	// maxWaiting is the number of files that may wait at the same time, maxImports the number of
	// imports remembered.
	maxWaiting = 5
	maxImports = 30
	// maxNameLength limits a file's name, in characters.
	maxNameLength = 120
)

// upload is an Import with its task.
type upload struct {
	Import
	jobRow
	// cancel ends the task, which then closes ended; nil when there is none.
	cancel context.CancelFunc
	ended  chan struct{}
}

func (s *Service) uploadFile(id string) string   { return filepath.Join(s.Dir, "upload-"+id) }
func (s *Service) rejectsFile(id string) string  { return filepath.Join(s.Dir, "rejects-"+id) }
func (s *Service) problemsFile(id string) string { return filepath.Join(s.Dir, "problems-"+id) }

// Upload stores an uploaded file and starts its check. file is the name on the
// administrator's machine. The errors: a *BusyError while an import or reassignment runs,
// ErrTooBig, ErrTooMany, ErrDiskFull, ErrUpload, and an *importer.UsageError when the file
// holds no customers; then the file is removed.
func (s *Service) Upload(ctx context.Context, by, file string, body io.Reader) (Import, error) {
	if s.ctx.Err() != nil {
		return Import{}, ErrClosed
	}
	if err := s.checkBusy(ctx); err != nil {
		return Import{}, err
	}
	s.sync(ctx)
	if !s.reserveUpload() {
		return Import{}, ErrTooMany
	}
	defer s.releaseUpload()
	u := &upload{Import: Import{ID: randomID(), File: cleanName(file), By: by, State: Checking, HasFile: true}, jobRow: jobRow{process: s.Process}}
	var err error
	if u.Size, err = s.saveUpload(u.ID, body); err != nil {
		return Import{}, err
	}
	if err := s.readBeginning(ctx, u); err != nil {
		s.discard(u.ID)
		return Import{}, err
	}
	u.Uploaded = s.Now()
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	s.mu.Lock()
	s.uploads = append(s.uploads, u)
	s.mu.Unlock()
	s.dropOldest()
	if err := s.startCheck(u); err != nil {
		return Import{}, err
	}
	s.sync(ctx)
	return s.snapshot(u), nil
}

// reserveUpload reports whether one more file may be uploaded, and counts it.
func (s *Service) reserveUpload() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.receiving
	for _, u := range s.uploads {
		if u.HasFile {
			n++
		}
	}
	if n >= maxWaiting {
		return false
	}
	s.receiving++
	return true
}

func (s *Service) releaseUpload() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receiving--
}

// saveUpload writes an upload to its file and returns its size.
func (s *Service) saveUpload(id string, body io.Reader) (size int64, err error) {
	if err := makeDir(s.Dir); err != nil {
		return 0, diskError(err)
	}
	f, err := os.OpenFile(s.uploadFile(id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, diskError(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = diskError(cerr)
		}
		if err != nil {
			s.discard(id)
		}
	}()
	src := &errorReader{src: io.LimitReader(body, MaxUpload+1)}
	size, err = io.Copy(f, src)
	switch {
	case src.err != nil:
		return 0, fmt.Errorf("%w: %w", ErrUpload, src.err)
	case err != nil:
		return 0, diskError(err)
	case size > MaxUpload:
		return 0, ErrTooBig
	}
	return size, nil
}

// errorReader remembers a read error, to distinguish it from a write error.
type errorReader struct {
	src io.Reader
	err error
}

func (r *errorReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// diskError classifies an error of the service's own files.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return fmt.Errorf("store the uploaded file: %w", err)
}

// isDiskError reports whether the system could not read or write a file.
func isDiskError(err error) bool {
	number := syscall.Errno(0)
	return errors.As(err, &number)
}

// previewRows is how many rows Import.Beginning has.
const previewRows = 8

// readBeginning sets what the beginning of an upload shows, and the missing option. It
// returns an *importer.UsageError when no option makes the file usable.
func (s *Service) readBeginning(ctx context.Context, u *upload) error {
	f, err := os.Open(s.uploadFile(u.ID))
	if err != nil {
		return diskError(err)
	}
	defer f.Close()
	opts := s.snapshot(u).Options.options()
	opts.TempDir = s.Dir
	if opts.OwnerMatches, opts.HasAccount, err = s.owners(ctx); err != nil {
		return err
	}
	file, err := importer.Open(ctx, f, opts)
	if file != nil {
		defer file.Close()
	}
	var usage *importer.UsageError
	needsOption := errors.As(err, &usage) && (file != nil || usage.Need != "")
	switch {
	case needsOption || err == nil:
	case usage != nil:
		return err
	case file == nil && ctx.Err() == nil && !isDiskError(err):
		return &importer.UsageError{Reason: err.Error()}
	default:
		return diskError(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Columns, u.Beginning.Above, u.Beginning.Rows, u.Need, u.Problem = nil, nil, nil, "", ""
	if file != nil {
		u.Format, u.Columns, u.Beginning = file.Format(), file.Columns(), file.Preview(previewRows)
	}
	if needsOption {
		u.State, u.Need, u.Problem = NeedsInput, usage.Need, usageText(usage)
	}
	return nil
}

// usageText says how to supply in the console what an import needs.
func usageText(e *importer.UsageError) string {
	switch e.Need {
	case importer.NeedOwner:
		return "The file doesn't name the owners. Choose an owner, or the column with the owners."
	case importer.NeedName:
		return "No column contains names. Choose one."
	}
	return e.Reason
}

// options returns the options for the importer.
func (i ImportOptions) options() importer.Options {
	return importer.Options{
		Map: i.Map, Worker: i.Worker, Region: i.Region, Encoding: i.Encoding, Sheet: i.Sheet, HeaderLine: i.HeaderLine,
		Prune: i.Prune, PruneAnyway: i.PruneAnyway,
	}
}

// randomID returns an id that cannot be guessed.
func randomID() string { return strings.ToLower(rand.Text()[:20]) }

// cleanName returns a file's name without directories and unprintable characters.
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
	if len(runes) > maxNameLength {
		runes = slices.Concat(runes[:maxNameLength-20], []rune("…"), runes[len(runes)-19:])
	}
	if len(runes) == 0 {
		return "upload"
	}
	return string(runes)
}
