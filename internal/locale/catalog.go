package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed messages
var files embed.FS

// fallbackTag is the language used when no other fits. It has every message.
const fallbackTag = "en"

// Catalog holds the languages that a person can choose.
type Catalog struct {
	locales []*Locale
	matcher language.Matcher
}

// Load returns the embedded languages, which are read once.
func Load() (*Catalog, error) { return load() }

var load = sync.OnceValues(func() (*Catalog, error) {
	sub, err := fs.Sub(files, "messages")
	if err != nil {
		return nil, err
	}
	return LoadFrom(sub)
})

// LoadFrom loads the languages in dir: files with one JSON object each, named for the
// BCP 47 tag, among them en.json. Files of the same name in subdirectories add messages
// to the language.
func LoadFrom(dir fs.FS) (*Catalog, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, err
	}
	// English first: the matcher falls back on the first.
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i] == fallbackTag+".json", names[j] == fallbackTag+".json"
		if a != b {
			return a
		}
		return names[i] < names[j]
	})
	if len(names) == 0 || names[0] != fallbackTag+".json" {
		return nil, fmt.Errorf("the message catalog lacks %s.json", fallbackTag)
	}
	c := new(Catalog)
	var tags []language.Tag
	for _, name := range names {
		l, err := read(dir, name)
		if err != nil {
			return nil, fmt.Errorf("message catalog %s: %w", name, err)
		}
		if len(c.locales) > 0 {
			l.fallback = c.locales[0]
		}
		c.locales = append(c.locales, l)
		tags = append(tags, l.tag)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func read(dir fs.FS, name string) (*Locale, error) {
	tag, err := language.Parse(strings.TrimSuffix(path.Base(name), ".json"))
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, err
	}
	l := &Locale{tag: tag}
	if err := json.Unmarshal(data, &l.messages); err != nil {
		return nil, err
	}
	return l, l.addMessages(dir, name)
}

// addMessages adds the messages of the files of this name in the subdirectories.
func (l *Locale) addMessages(dir fs.FS, name string) error {
	files, err := fs.Glob(dir, "*/"+name)
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := fs.ReadFile(dir, file)
		if err != nil {
			return err
		}
		var messages map[string]string
		if err := json.Unmarshal(data, &messages); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for key, message := range messages {
			if l.Has(key) {
				return fmt.Errorf("%s: message %s is already defined in another file", file, key)
			}
			l.messages[key] = message
		}
	}
	return nil
}

// Locales returns every language, English first, then sorted by tag.
func (c *Catalog) Locales() []*Locale { return c.locales }

// Match returns the best language: the person's choice, else the best match for
// Accept-Language, else English. Invalid values are ignored. English is American if
// Accept-Language names the US before other countries that speak it.
func (c *Catalog) Match(choice, acceptLanguage string) *Locale {
	// The parser is linear, but headers can be long.
	if len(acceptLanguage) > 1000 {
		acceptLanguage = acceptLanguage[:strings.LastIndexByte(acceptLanguage[:1000], ',')+1] + fallbackTag
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		wanted = nil
	}
	l, ok := c.Locale(choice)
	if !ok {
		l = c.best(wanted)
	}
	if l.tag == language.English && american(wanted) {
		copied := *l
		copied.american, l = true, &copied
	}
	return l
}

// best returns the best match for what a browser accepts, else English.
func (c *Catalog) best(wanted []language.Tag) *Locale {
	if len(wanted) == 0 {
		return c.locales[0]
	}
	_, i, confidence := c.matcher.Match(wanted...)
	if confidence == language.No {
		return c.locales[0]
	}
	return c.locales[i]
}

// american reports whether the first English of wanted that names a country is that of
// the US.
func american(wanted []language.Tag) bool {
	for _, tag := range wanted {
		base, _ := tag.Base()
		if region, confidence := tag.Region(); base.String() == fallbackTag && confidence == language.Exact {
			return region.String() == "US"
		}
	}
	return false
}

// Locale returns the language with exactly this tag.
func (c *Catalog) Locale(tag string) (*Locale, bool) {
	for _, l := range c.locales {
		if l.Tag() == tag {
			return l, true
		}
	}
	return nil, false
}
