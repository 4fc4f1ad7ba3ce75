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
	cmd      *exec.Cmd
	cancel   func()
	addr     string
	log      string          // the file of its log, or ""
	postgres *postgresServer // that it uses, or nil
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
	if d.postgres != nil { // by default, these are in the working directory
		more = append(more, "--secret-file", filepath.Join(o.cache, "postgres.secret"), "--uploads", filepath.Join(o.cache, "postgres.uploads"))
	}
	p, err := launch(ctx, nil, filepath.Join(o.cache, "serve.log"), o.binary,
		append([]string{"serve", "--addr", "127.0.0.1:0", "--database", d.name, "--auth-token", authToken}, more...)...)
	if err != nil {
		return nil, err
	}
	p.postgres = d.postgres
	return p, nil
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

// cpu returns the processor time so far of the process, and of the PostgreSQL that it uses.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	own, err := parseStat(string(text))
	if err != nil || p.postgres == nil {
		return own.cpu, err
	}
	more, err := p.postgres.cpu()
	return own.cpu + more, err
}

// A stat is what /proc/PID/stat says of a process: its number and its parent's, and the user
// and system time of it and of those that it had started and that have ended.
type stat struct {
	pid, parent int
	cpu, ended  time.Duration
}

// parseStat reads /proc/PID/stat, which counts time in hundredths of a second.
func parseStat(text string) (stat, error) {
	// The second field is the program's name in parentheses, and may hold blanks.
	pid, _, _ := strings.Cut(text, " ")
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("/proc/PID/stat holds %q", text)
	}
	var numbers [6]int
	for i, field := range []string{pid, fields[1], fields[11], fields[12], fields[13], fields[14]} {
		n, err := strconv.Atoi(field)
		if err != nil {
			return stat{}, err
		}
		numbers[i] = n
	}
	const tick = 10 * time.Millisecond
	return stat{numbers[0], numbers[1], time.Duration(numbers[2]+numbers[3]) * tick, time.Duration(numbers[4]+numbers[5]) * tick}, nil
}
