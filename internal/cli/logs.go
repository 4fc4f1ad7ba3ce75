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
	f.StringVar(&l.format, "log-format", "text", "how log lines are written: the `FORMAT` text or json")
	f.StringVar(&l.level, "log-level", level, "the least important lines to write: the `LEVEL` debug, info, warn or error")
	return l
}

// journal is where a serving command tells what happens: log lines for machines,
// and now and then a sentence for the person who started it.
type journal struct {
	*slog.Logger
	out   io.Writer
	plain bool
}

// open makes the journal on w.
func (l *logFlags) open(w io.Writer) (*journal, error) {
	var level slog.Level
	switch l.level {
	case "debug", "info", "warn", "error":
		_ = level.UnmarshalText([]byte(l.level)) // one of its own words
	default:
		return nil, wrongUse("--log-level %s: it is debug, info, warn or error", l.level)
	}
	opts := &slog.HandlerOptions{Level: level}
	switch l.format {
	case "text":
		return &journal{slog.New(slog.NewTextHandler(w, opts)), w, true}, nil
	case "json":
		return &journal{slog.New(slog.NewJSONHandler(w, opts)), w, false}, nil
	}
	return nil, wrongUse("--log-format %s: it is text or json", l.format)
}

// tell says a sentence to whoever started the program: as it stands, or as a log
// line where every line must be JSON.
func (j *journal) tell(level slog.Level, sentence string) {
	if !j.plain {
		j.Log(context.Background(), level, sentence)
		return
	}
	if level >= slog.LevelWarn {
		sentence = "Warning: " + sentence
	}
	fmt.Fprintln(j.out, sentence)
}
