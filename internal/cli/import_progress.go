package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/text"
	"golang.org/x/term"
)

// progressBar shows the progress of a long command on a terminal, and nothing elsewhere.
type progressBar struct {
	w     io.Writer // nil when there is no terminal
	size  int64
	start time.Time
	drawn time.Time
	shown bool
}

// newProgressBar returns a bar for a command that reads so many bytes, 0 if unknown.
func newProgressBar(w io.Writer, size int64) *progressBar {
	b := &progressBar{size: size, start: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		b.w = w
	}
	return b
}

const (
	barWidth = 30
	// barDelay keeps short commands from flickering, barEvery limits redraws.
	barDelay = 300 * time.Millisecond
	barEvery = 100 * time.Millisecond
)

// draw shows the bytes read and the rows done.
func (b *progressBar) draw(read int64, rows int) {
	now := time.Now()
	if b.w == nil || now.Sub(b.start) < barDelay || now.Sub(b.drawn) < barEvery {
		return
	}
	b.drawn = now
	line := text.GroupDigits(rows, ",") + " rows"
	if b.size > 0 {
		part := min(float64(read)/float64(b.size), 1)
		full := int(part * barWidth)
		line = fmt.Sprintf("[%s%s] %3.0f%%  %s", strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), part*100, line)
	}
	b.write(fmt.Sprintf("%s, %s a second", line, text.GroupDigits(int(float64(rows)/now.Sub(b.start).Seconds()), ",")))
}

// show replaces the bar by words, if it is visible.
func (b *progressBar) show(words string) {
	if b.shown {
		b.write(words)
	}
}

func (b *progressBar) write(line string) {
	fmt.Fprintf(b.w, "\r\x1b[K%s", line)
	b.shown = true
}

// clear removes the bar.
func (b *progressBar) clear() {
	if b.shown {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.shown = false
	}
}
