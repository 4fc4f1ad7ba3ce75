package golden

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	templateAction = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag            = regexp.MustCompile(`(?s)<([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>`)
	attribute      = regexp.MustCompile(`([a-zA-Z:-]+)(?:="([^"]*)")?`)

	// What scripts look up: quoted selectors, ids, classes and data attributes.
	selectorCall = regexp.MustCompile("(?:querySelectorAll|querySelector|closest|matches)\\((?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`)")
	selectorPart = regexp.MustCompile(`[.#][a-zA-Z][\w-]*|\[[a-zA-Z-]+(?:=[^\]]+)?\]`)
	idCall       = regexp.MustCompile(`(?:\$|getElementById|hasAttribute|getAttribute|setAttribute|removeAttribute)\('([^']+)'`)
	classCall    = regexp.MustCompile(`classList\.(?:add|remove|toggle|contains)\('([^']+)'`)
	className    = regexp.MustCompile(`className = '([^']+)'`)
	dataset      = regexp.MustCompile(`dataset\.(\w+)|'(\w+)' in \w+(?:\.\w+)*\.dataset`)
	header       = regexp.MustCompile(`'(Clientele-[A-Za-z-]+)'`)
	stored       = regexp.MustCompile(`(?:local|session)Storage\.(?:get|set|remove)Item\('([^']+)'`)
	event        = regexp.MustCompile(`addEventListener\('([^']+)'`)
)

// hooks are the attributes that scripts, forms and addresses of parts rely on.
var hooks = []string{"id", "name", "action", "formaction", "form", "method", "enctype", "list", "rel", "for"}

func TestHTMLHooks(t *testing.T) {
	var lines []string
	classes := map[string]bool{}
	for path, text := range sources(t, ".html") {
		file := filepath.Base(path)
		text = templateAction.ReplaceAllString(text, "{}")
		for _, m := range tag.FindAllStringSubmatch(text, -1) {
			for _, a := range attribute.FindAllStringSubmatch(strings.ReplaceAll(m[2], "{}", " "), -1) {
				if a[1] == "class" {
					for _, class := range strings.Fields(a[2]) {
						classes[class] = true
					}
				}
			}
			for _, a := range attribute.FindAllStringSubmatch(m[2], -1) {
				switch {
				case strings.HasPrefix(a[1], "data-"):
					lines = append(lines, file+" "+m[1]+" "+a[1])
				case slices.Contains(hooks, a[1]):
					lines = append(lines, file+" "+m[1]+" "+a[1]+"="+a[2])
				}
			}
		}
	}
	golden(t, "html_hooks", lines)

	// A class that a script looks up is listed with its origin, so that renaming it on
	// one side only shows here.
	scripts := sources(t, ".js")
	made := map[string]bool{}
	for _, text := range scripts {
		for _, m := range slices.Concat(classCall.FindAllStringSubmatch(text, -1), className.FindAllStringSubmatch(text, -1)) {
			for _, class := range strings.Fields(m[1]) {
				made[class] = true
			}
		}
	}
	lines = nil
	for path, text := range scripts {
		file := filepath.Base(path)
		for _, m := range selectorCall.FindAllStringSubmatch(text, -1) {
			for _, part := range selectorPart.FindAllString(m[1]+m[2]+m[3], -1) {
				if class, ok := strings.CutPrefix(part, "."); ok {
					switch {
					case classes[class]:
						part += " (in templates)"
					case made[class]:
						part += " (made by scripts)"
					default:
						part += " (elsewhere)"
					}
				}
				lines = append(lines, file+" selector "+part)
			}
		}
		for what, find := range map[string]*regexp.Regexp{
			"id or attribute": idCall, "class": classCall, "makes": className, "data": dataset, "header": header, "stored": stored, "event": event,
		} {
			for _, m := range find.FindAllStringSubmatch(text, -1) {
				lines = append(lines, file+" "+what+" "+strings.Join(m[1:], ""))
			}
		}
	}
	golden(t, "script_hooks", lines)
}
