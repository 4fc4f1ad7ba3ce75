package locale

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // for zones that the machine lacks
)

//go:embed zones.txt
var zoneNames string

// Zones returns the names of the time zones that a person can choose, sorted: one for
// each region whose clocks have agreed since 1970, and UTC.
func Zones() []string { return strings.Fields(zoneNames) }

// Zone returns the time zone of an IANA name, false for "", "Local" and unknown names.
func Zone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), true
	}
	loc, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, loc)
	}
	return loc, err == nil
}

// zones are the time zones that Zone has returned, by name: to load one reads a file.
var zones sync.Map

// Moment formats t in its short form at now: the time of day for today, else with the
// day, and in another year with the year too. Both times are taken in t's zone.
func (l *Locale) Moment(t, now time.Time) string {
	now = now.In(t.Location())
	clock := l.Clock(t)
	switch {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return clock
	case t.Year() == now.Year():
		return l.Text("time.day", "day", l.Day(t), "clock", clock)
	}
	if l.american {
		return t.Format("January 2, 2006, ") + clock
	}
	return l.Text("time.date", "day", l.Day(t), "year", t.Format("2006"), "clock", clock)
}

// Date returns the day of t, with the year unless it is that of now.
func (l *Locale) Date(t, now time.Time) string {
	switch {
	case t.Year() == now.In(t.Location()).Year():
		return l.Day(t)
	case l.american:
		return t.Format("January 2, 2006")
	}
	return l.Day(t) + " " + t.Format("2006")
}

// Clock returns the time of day: 9:14 AM in American English, else 09:14.
func (l *Locale) Clock(t time.Time) string {
	if l.american {
		return t.Format("3:04 PM")
	}
	return t.Format("15:04")
}

// ClockSeconds is Clock with seconds.
func (l *Locale) ClockSeconds(t time.Time) string {
	if l.american {
		return t.Format("3:04:05 PM")
	}
	return t.Format("15:04:05")
}

// Day returns the day of the month and the month.
func (l *Locale) Day(t time.Time) string {
	if l.american {
		return t.Format("January 2")
	}
	return l.Text("time.monthday", "d", t.Format("2"), "month", l.Text("time.month."+t.Format("1")))
}
