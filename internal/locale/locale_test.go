package locale_test

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clientele-project/clientele/internal/locale"
)

func TestLocale_HTML(t *testing.T) {
	c, err := locale.LoadFrom(fstest.MapFS{"en.json": {Data: []byte(`{"m": "<b> & {name} at {time} {other}"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	got := c.Locales()[0].HTML("m", "name", `<script>"{time}"`, "time", template.HTML("<time>9</time>"))
	want := template.HTML(`&lt;b&gt; &amp; <bdi>&lt;script&gt;&#34;{time}&#34;</bdi> at <time>9</time> {other}`)
	if got != want {
		t.Errorf("HTML(m) =\n%s, want\n%s", got, want)
	}
}

func TestLocale_Count(t *testing.T) {
	c := load(t)
	ar, _ := c.Locale("ar")
	en, _ := c.Locale("en")
	for _, test := range []struct {
		l    *locale.Locale
		n    int
		want string
	}{
		{en, 0, "0 customers"}, {en, 1, "1 customer"}, {en, 30, "30 customers"},
		{ar, 1, "عميل واحد"}, {ar, 2, "عميلان"}, {ar, 3, "3 عملاء"}, {ar, 11, "11 عميلًا"}, {ar, 100, "100 عميل"},
	} {
		if got := test.l.Count("list.count", test.n); got != test.want {
			t.Errorf("Count(list.count, %d) in %s = %q, want %q", test.n, test.l.Tag(), got, test.want)
		}
	}
}

func TestLocale_Moment(t *testing.T) {
	c := load(t)
	en, _ := c.Locale("en")
	de, _ := c.Locale("de")
	us := c.Match("", "en-US,en;q=0.9")
	vienna, ok := locale.Zone("Europe/Vienna")
	if !ok {
		t.Fatal("Zone(Europe/Vienna) is unknown")
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		l    *locale.Locale
		t    time.Time
		want string
	}{
		{"today", en, now.Add(-166 * time.Minute), "09:14"},
		{"today, in another zone", en, now.Add(-166 * time.Minute).In(vienna), "10:14"},
		{"yesterday, in another zone", en, time.Date(2026, 11, 21, 22, 30, 0, 0, time.UTC).In(vienna), "21 November, 23:30"},
		{"another day", de, time.Date(2026, 3, 1, 8, 5, 0, 0, time.UTC), "1. März, 08:05"},
		{"another year", en, time.Date(2025, 11, 22, 12, 0, 0, 0, time.UTC), "22 November 2025, 12:00"},
		{"today in the US", us, now.Add(-166 * time.Minute), "9:14 AM"},
		{"another day in the US", us, time.Date(2026, 3, 1, 20, 5, 0, 0, time.UTC), "March 1, 8:05 PM"},
		{"another year in the US", us, time.Date(2025, 11, 22, 12, 0, 0, 0, time.UTC), "November 22, 2025, 12:00 PM"},
		{"English chosen in a German browser", c.Match("en", "de"), now, "12:00"},
		{"English chosen in a browser that also reads American English", c.Match("en", "de, en-US;q=0.5"), now, "12:00 PM"},
		{"British before American English", c.Match("", "en-GB,en-US;q=0.5"), now, "12:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.l.Moment(test.t, now); got != test.want {
				t.Errorf("Moment(%v, %v) = %q, want %q", test.t, now, got, test.want)
			}
			if day, ok := strings.CutSuffix(test.want, ", "+test.l.Clock(test.t)); ok && test.l.Date(test.t, now) != day {
				t.Errorf("Date(%v, %v) = %q, want %q", test.t, now, test.l.Date(test.t, now), day)
			}
		})
	}
}

func TestZones(t *testing.T) {
	all := locale.Zones()
	if len(all) < 300 {
		t.Fatalf("Zones() has %d zones, want 300 or more", len(all))
	}
	for _, z := range all {
		if _, ok := locale.Zone(z); !ok {
			t.Errorf("Zone(%s) is unknown", z)
		}
	}
	for _, z := range []string{"", "Local", "Nowhere/City", "../../etc/passwd"} {
		if _, ok := locale.Zone(z); ok {
			t.Errorf("Zone(%q) is known", z)
		}
	}
}

func TestLocale_Country(t *testing.T) {
	want := map[string]string{"en": "Germany", "de": "Deutschland", "ar": "ألمانيا"}
	for _, l := range load(t).Locales() {
		if got := l.Country("DE"); got != want[l.Tag()] {
			t.Errorf("Country(DE) in %s = %q, want %q", l.Tag(), got, want[l.Tag()])
		}
		if got := l.Country("no country"); got != "no country" {
			t.Errorf("Country(no country) in %s = %q", l.Tag(), got)
		}
	}
}

func TestCountries(t *testing.T) {
	for in, want := range map[string]string{"de-AT,de;q=0.9,en-US;q=0.5": "AT US", "fr": "", "": "", "§, de-CH": "CH"} {
		if got := strings.Join(locale.Countries(in), " "); got != want {
			t.Errorf("Countries(%q) = %q, want %q", in, got, want)
		}
	}
}
