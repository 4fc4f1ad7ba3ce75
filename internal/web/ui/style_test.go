package ui

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// stylesheets returns the stylesheets of all sites, by file, without comments.
func stylesheets(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for name, data := range readSiteFiles(t, "static/*.css") {
		out[name] = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(data, "")
	}
	return out
}

// physicalProperty matches properties that are wrong in right-to-left languages.
var physicalProperty = regexp.MustCompile(`(?:^|[;{\s])((?:margin|padding|border)-(?:left|right)[a-z-]*|(?:left|right)|float|text-align:\s*(?:left|right))\s*[:;}]`)

func TestStylesheets_UseLogicalProperties(t *testing.T) {
	for name, css := range stylesheets(t) {
		for line := range strings.Lines(css) {
			if m := physicalProperty.FindString(line); m != "" {
				t.Errorf("stylesheet %s: physical property %q in %s", name, strings.TrimSpace(m), strings.TrimSpace(line))
			}
			if strings.Contains(line, "://") || strings.Contains(line, "@import") || strings.Contains(line, "box-shadow") && !strings.Contains(line, "0 0 0 ") {
				t.Errorf("stylesheet %s: address, import or shadow: %s", name, strings.TrimSpace(line))
			}
		}
	}
}

// themes returns the colors of the light and of the dark theme, by name.
func themes(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	color := regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{3,6})`)
	read := func(block string) map[string]string {
		out := make(map[string]string)
		for _, m := range color.FindAllStringSubmatch(block, -1) {
			out[m[1]] = m[2]
		}
		return out
	}
	css := stylesheets(t)["static/base.css"]
	_, rest, _ := strings.Cut(css, ":root {")
	first, rest, _ := strings.Cut(rest, "}")
	_, rest, _ = strings.Cut(rest, `:root:not([data-theme="light"]) {`)
	system, rest, _ := strings.Cut(rest, "}")
	_, rest, _ = strings.Cut(rest, `:root[data-theme="dark"] {`)
	chosen, _, _ := strings.Cut(rest, "}")
	light, dark = read(first), read(system)
	if fmt.Sprint(dark) != fmt.Sprint(read(chosen)) || len(dark) < 25 {
		t.Fatal("the dark theme by media query and the one by data-theme differ")
	}
	for name := range light {
		if dark[name] == "" {
			t.Errorf("the dark theme lacks --%s", name)
		}
	}
	return light, dark
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(color, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatalf("luminance(%q): %v", color, err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestThemes_Contrast(t *testing.T) {
	pairs := [][2]string{
		{"text", "page"}, {"text", "surface"}, {"text", "soft"}, {"muted", "page"}, {"muted", "surface"}, {"accent", "page"}, {"accent", "surface"}, {"accent", "soft"},
		{"on-accent", "accent"}, {"danger", "surface"}, {"danger", "bad"}, {"on-notice", "notice"},
	}
	for i := range 8 {
		pairs = append(pairs, [2]string{fmt.Sprint("i", i), fmt.Sprint("t", i)})
	}
	light, dark := themes(t)
	for name, theme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			a, b := luminance(t, theme[p[0]]), luminance(t, theme[p[1]])
			if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); contrast < 4.5 {
				t.Errorf("contrast of --%s on --%s, %s = %.2f, want at least 4.5", p[0], p[1], name, contrast)
			}
		}
	}
}
