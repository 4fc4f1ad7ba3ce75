package locale

import (
	"fmt"
	"html/template"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Locale is one language with its messages.
type Locale struct {
	tag      language.Tag
	messages map[string]string
	fallback *Locale // for missing keys; nil for English
	american bool    // English with a 12-hour clock and the month before the day
}

// Tag returns the BCP 47 tag, for the lang attribute.
func (l *Locale) Tag() string { return l.tag.String() }

// Name returns the name of the language in the language itself.
func (l *Locale) Name() string { return l.Text("language.name") }

// Dir returns "ltr" or "rtl", for the dir attribute.
func (l *Locale) Dir() string {
	script, _ := l.tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}

// Keys returns the keys of this language's own messages, sorted.
func (l *Locale) Keys() []string {
	keys := make([]string, 0, len(l.messages))
	for k := range l.messages {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Has reports whether the language itself has the message.
func (l *Locale) Has(key string) bool { _, ok := l.messages[key]; return ok }

// message returns the text of a key. The text of an unknown key is the key, so that
// pages stay usable and the mistake is visible.
func (l *Locale) message(key string) string {
	if m, ok := l.messages[key]; ok {
		return m
	}
	if l.fallback != nil {
		return l.fallback.message(key)
	}
	return key
}

// Text returns the message with its placeholders replaced; pairs are names and values.
func (l *Locale) Text(key string, pairs ...any) string {
	return interpolate(l.message(key), pairs, func(v any) string { return fmt.Sprint(v) })
}

// HTML is Text for the body of a page: message and values are escaped, and each value
// is in a <bdi>, so that its direction does not affect the sentence. Values of type
// template.HTML are inserted unchanged.
func (l *Locale) HTML(key string, pairs ...any) template.HTML {
	return template.HTML(interpolate(template.HTMLEscapeString(l.message(key)), pairs, func(v any) string {
		if h, ok := v.(template.HTML); ok {
			return string(h)
		}
		return "<bdi>" + template.HTMLEscapeString(fmt.Sprint(v)) + "</bdi>"
	}))
}

// Count returns the message in the plural form for n: that of key.one, key.other and so
// on, by the CLDR names of the forms. {n} is n.
func (l *Locale) Count(key string, n int) string {
	form := key + "." + pluralForm(l.tag, n)
	if !l.Has(form) {
		form = key + ".other"
	}
	return l.Text(form, "n", strconv.Itoa(n))
}

// Percent returns number with the percent sign.
func (l *Locale) Percent(number string) string {
	if l.Tag() == "de" {
		return number + "\u00a0%"
	}
	return number + "%"
}

func pluralForm(tag language.Tag, n int) string {
	switch plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// interpolate replaces {name} by the value of that name. Braces in values are not
// replaced.
func interpolate(message string, pairs []any, write func(any) string) string {
	if len(pairs) == 0 {
		return message
	}
	var out strings.Builder
	for {
		open := strings.IndexByte(message, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(message[open:], '}')
		if end < 0 {
			break
		}
		out.WriteString(message[:open])
		name := message[open+1 : open+end]
		value, ok := lookup(pairs, name)
		if ok {
			out.WriteString(write(value))
		} else {
			out.WriteString(message[open : open+end+1])
		}
		message = message[open+end+1:]
	}
	out.WriteString(message)
	return out.String()
}

func lookup(pairs []any, name string) (any, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1], true
		}
	}
	return nil, false
}
