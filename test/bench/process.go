package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that this program started.
type process struct {
	cmd    *exec.Cmd
	cancel func()
	addr   string
	log    string // the file of its log, or ""
}

// opened matches the line with the address of a server.
var opened = regexp.MustCompile(`^(?:Open|Listening on) http://([^/]+)`)

// launch starts a server and waits until it prints its address. What it writes to standard
// error goes to the file log, or nowhere if that is "".
func launch(ctx context.Context, in io.Reader, log, program string, args ...string) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{cmd: exec.CommandContext(ctx, program, args...), cancel: cancel, log: log}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 10 * time.Second
	p.cmd.Stdin = in
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if log != "" {
		file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
		if err != nil {
			return nil, err
		}
		defer file.Close() // the server has its own
		p.cmd.Stderr = file
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := opened.FindStringSubmatch(lines.Text()); m != nil {
			p.addr = m[1]
			return p, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s did not print its address", program), p.cmd.Wait())
}

// serve starts the real program on a database, with its log in a file as an administrator
// would have it.
func serve(ctx context.Context, o options, d database, more ...string) (*process, error) {
	return launch(ctx, nil, filepath.Join(o.cache, "serve.log"), o.binary,
		append([]string{"serve", "--addr", "127.0.0.1:0", "--database", d.file, "--auth-token", authToken}, more...)...)
}

// emptyLog keeps the log from filling the disk.
func (p *process) emptyLog() error { return os.Truncate(p.log, 0) }

func (p *process) stop() {
	p.cancel()
	p.cmd.Wait()
}

// memory holds bytes: resident ones now and at the peak, and those of the resident ones
// that are not mapped files.
type memory struct{ resident, anonymous, peak int64 }

func (p *process) memory() (memory, error) { return memoryOf(p.cmd.Process.Pid) }

// memoryOf returns the memory of a process.
func memoryOf(pid int) (memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, err
	}
	return parseStatus(string(text))
}

// parseStatus reads /proc/PID/status.
func parseStatus(text string) (m memory, err error) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		to := map[string]*int64{"VmRSS": &m.resident, "RssAnon": &m.anonymous, "VmHWM": &m.peak}[name]
		if to == nil {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return m, err
		}
		*to = kib << 10
	}
	if m.resident == 0 || m.anonymous == 0 || m.peak == 0 {
		return m, errors.New("/proc/PID/status has no VmRSS, RssAnon or VmHWM")
	}
	return m, nil
}

// cpu returns the processor time of the process so far.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(text))
}

// parseStat reads the user and system time of /proc/PID/stat, which counts in hundredths
// of a second.
func parseStat(text string) (time.Duration, error) {
	// The second field is the program's name in parentheses, and may hold blanks.
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat holds %q", text)
	}
	user, err := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err, err2)
}
