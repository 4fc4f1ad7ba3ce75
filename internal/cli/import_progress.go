package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progressBar shows on a terminal how far a long command is. Anywhere else it
// shows nothing.
type progressBar struct {
	w     io.Writer // nil when there is no terminal
	size  int64
	start time.Time
	drawn time.Time
	shown bool
}

// newProgressBar makes a bar for a command that reads so many bytes; 0 when that
// is not known.
func newProgressBar(w io.Writer, size int64) *progressBar {
	b := &progressBar{size: size, start: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		b.w = w
	}
	return b
}

const (
	barWidth = 30
	// barDelay spares a short command the flicker, barEvery the terminal.
	barDelay = 300 * time.Millisecond
	barEvery = 100 * time.Millisecond
)

// draw shows how many bytes were read and how many rows are done.
func (b *progressBar) draw(read int64, rows int) {
	now := time.Now()
	if b.w == nil || now.Sub(b.start) < barDelay || now.Sub(b.drawn) < barEvery {
		return
	}
	b.drawn = now
	line := grouped(rows) + " rows"
	if b.size > 0 {
		part := min(float64(read)/float64(b.size), 1)
		full := int(part * barWidth)
		line = fmt.Sprintf("[%s%s] %3.0f%%  %s", strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), part*100, line)
	}
	b.put(fmt.Sprintf("%s, %s a second", line, grouped(int(float64(rows)/now.Sub(b.start).Seconds()))))
}

// say shows words instead, once the bar was shown.
func (b *progressBar) say(words string) {
	if b.shown {
		b.put(words)
	}
}

func (b *progressBar) put(line string) {
	fmt.Fprintf(b.w, "\r\x1b[K%s", line)
	b.shown = true
}

// clear takes the bar away.
func (b *progressBar) clear() {
	if b.shown {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.shown = false
	}
}
