package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// Duration returns d as people read it: 0.4 ms, 142 ms, 1.42 s.
func Duration(d time.Duration, loc *locale.Locale) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 10:
		return loc.Text("console.unit.ms", "n", Decimal(ms, 1, loc))
	case ms < 1000:
		return loc.Text("console.unit.ms", "n", Decimal(ms, 0, loc))
	}
	return loc.Text("console.unit.s", "n", Decimal(ms/1000, 2, loc))
}

// Size returns a number of bytes as people read it: 512 B, 1.9 KiB.
func Size(n int64, loc *locale.Locale) string {
	switch {
	case n < 1<<10:
		return loc.Text("console.unit.b", "n", n)
	case n < 1<<20:
		return loc.Text("console.unit.kib", "n", Decimal(float64(n)/(1<<10), 1, loc))
	}
	return loc.Text("console.unit.mib", "n", Decimal(float64(n)/(1<<20), 1, loc))
}

// Decimal returns f with the decimal separator of the language.
func Decimal(f float64, digits int, loc *locale.Locale) string {
	return strings.Replace(strconv.FormatFloat(f, 'f', digits, 64), ".", loc.Text("console.unit.point"), 1)
}

// Grouped returns a whole number with the thousands separated.
func Grouped(n int, loc *locale.Locale) string {
	return text.GroupDigits(n, loc.Text("console.unit.group"))
}

// Count returns the plural form of a message for n, with the thousands separated.
func Count(loc *locale.Locale, key string, n int) string {
	return strings.Replace(loc.Count(key, n), strconv.Itoa(n), Grouped(n, loc), 1)
}
