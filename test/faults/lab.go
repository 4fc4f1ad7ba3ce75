package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A lab is where one fault is injected: a directory, and the processes started for it.
type lab struct {
	options
	ctx       context.Context
	dir       string
	postgres  *postgres // where databases are, nil when they are files
	processes []*process
	cleanups  []func()
}

// file returns the path of a file in the directory.
func (l *lab) file(name string) string { return filepath.Join(l.dir, name) }

// cleanup calls fn at the end of the fault; the last added is called first.
func (l *lab) cleanup(fn func()) { l.cleanups = append(l.cleanups, fn) }

func (l *lab) close() {
	for _, p := range l.processes {
		p.kill()
	}
	for i := len(l.cleanups) - 1; i >= 0; i-- {
		l.cleanups[i]()
	}
}

// A process is a server or a command that runs.
type process struct {
	cmd   *exec.Cmd
	url   string
	log   *logBuffer
	ended chan struct{} // closed when it has ended
}

// command returns a command of the program without the environment's flags.
func (l *lab) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(l.ctx, program, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + l.dir, "TMPDIR=" + l.dir}
	if l.postgres != nil {
		cmd.Env = append(cmd.Env, "CLIENTELE_SECRET_FILE="+l.file("clientele.secret"), "CLIENTELE_UPLOADS="+l.file("clientele.uploads"))
	}
	return cmd
}

// begin starts a command.
func (l *lab) begin(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, log: &logBuffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l.processes = append(l.processes, p)
	go func() { cmd.Wait(); close(p.ended) }()
	return p, nil
}

// clientele runs a command of the program to its end, and returns its standard output.
func (l *lab) clientele(stdin string, args ...string) (string, error) {
	cmd := l.command(l.binary, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("clientele %s: %w: %s%s", args[0], err, stderr.String(), lastLine(stdout.String()))
	}
	return stdout.String(), nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// opened matches the line with the address of a server.
var opened = regexp.MustCompile(`(?m)^(?:Open|Listening on) (http://[^/\s]+)`)

// startLimit is how long a server may take to listen.
const startLimit = 20 * time.Second

// listen starts a server and waits until it prints its address.
func (l *lab) listen(cmd *exec.Cmd) (*process, error) {
	p, err := l.begin(cmd)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if m := opened.FindStringSubmatch(p.log.String()); m != nil {
			p.url = m[1]
			return p, nil
		}
		if p.hasEnded() {
			return nil, fmt.Errorf("%s ended at once: %s", filepath.Base(cmd.Path), p.log.tail())
		}
	}
	p.kill()
	return nil, fmt.Errorf("%s did not print its address: %s", filepath.Base(cmd.Path), p.log.tail())
}

// kill ends the process as a power failure or the kernel would, and waits for it.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// stopLimit is how long a server may take to stop.
const stopLimit = 20 * time.Second

// stop ends the process with SIGTERM.
func (p *process) stop() error {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(stopLimit):
		p.kill()
		return errors.New("it did not stop after SIGTERM")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("it ended with exit code %d after SIGTERM: %s", code, p.log.tail())
	}
	return nil
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) panicked() bool {
	log := p.log.String()
	return strings.Contains(log, "panic") || strings.Contains(log, "goroutine ")
}

// A logBuffer keeps what a process writes; it can be read meanwhile.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) tail() string {
	s := b.String()
	return s[max(0, len(s)-400):]
}

// eventually waits until ok, and reports whether that was within the limit, and after how long.
func (l *lab) eventually(limit time.Duration, ok func() bool) (time.Duration, bool) {
	begun := time.Now()
	for !ok() {
		if time.Since(begun) > limit || l.ctx.Err() != nil {
			return time.Since(begun), false
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(begun), true
}
