package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// logFlags are how the log of a serving command is written.
type logFlags struct{ format, level string }

func (f *flags) logs(level string) *logFlags {
	l := new(logFlags)
	f.StringVar(&l.format, "log-format", "text", "write log lines in this `FORMAT`: text or json")
	f.StringVar(&l.level, "log-level", level, "write log lines of this `LEVEL` and above: debug, info, warn or error")
	return l
}

// logger writes log lines, and notices to the person who started the program.
type logger struct {
	*slog.Logger
	out   io.Writer
	plain bool
}

// open returns the logger on w.
func (l *logFlags) open(w io.Writer) (*logger, error) {
	var level slog.Level
	switch l.level {
	case "debug", "info", "warn", "error":
		_ = level.UnmarshalText([]byte(l.level)) // these never fail
	default:
		return nil, usageErrorf("--log-level %s: use debug, info, warn or error", l.level)
	}
	opts := &slog.HandlerOptions{Level: level}
	switch l.format {
	case "text":
		return &logger{slog.New(slog.NewTextHandler(w, opts)), w, true}, nil
	case "json":
		return &logger{slog.New(slog.NewJSONHandler(w, opts)), w, false}, nil
	}
	return nil, usageErrorf("--log-format %s: use text or json", l.format)
}

// notice writes a sentence: as it is, or as a log line where every line must be JSON.
func (l *logger) notice(level slog.Level, sentence string) {
	if !l.plain {
		l.Log(context.Background(), level, sentence)
		return
	}
	if level >= slog.LevelWarn {
		sentence = "Warning: " + sentence
	}
	fmt.Fprintln(l.out, sentence)
}
