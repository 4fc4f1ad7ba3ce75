package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"golang.org/x/text/language"
)

//go:embed messages
var files embed.FS

// fallback is the language that answers when no other fits. It is complete.
const fallback = "en"

// Catalogue is every language that a person can choose.
type Catalogue struct {
	locales []*Locale
	matcher language.Matcher
}

// Load reads the languages that come with the program.
func Load() (*Catalogue, error) {
	sub, err := fs.Sub(files, "messages")
	if err != nil {
		return nil, err
	}
	return LoadFrom(sub)
}

// LoadFrom reads the languages in dir: one JSON object a file, named for its
// BCP 47 tag. English must be among them. Files of the same name in the directories
// of dir add to the language: the messages of one face.
func LoadFrom(dir fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, err
	}
	// English first: the matcher falls back on the first.
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i] == fallback+".json", names[j] == fallback+".json"
		if a != b {
			return a
		}
		return names[i] < names[j]
	})
	if len(names) == 0 || names[0] != fallback+".json" {
		return nil, fmt.Errorf("the message catalogue lacks %s.json", fallback)
	}
	c := new(Catalogue)
	var tags []language.Tag
	for _, name := range names {
		l, err := read(dir, name)
		if err != nil {
			return nil, fmt.Errorf("message catalogue %s: %w", name, err)
		}
		if len(c.locales) > 0 {
			l.base = c.locales[0]
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
	return l, l.addFaces(dir, name)
}

// addFaces adds what the files of this name in the directories of dir say.
func (l *Locale) addFaces(dir fs.FS, name string) error {
	more, err := fs.Glob(dir, "*/"+name)
	if err != nil {
		return err
	}
	for _, face := range more {
		data, err := fs.ReadFile(dir, face)
		if err != nil {
			return err
		}
		var messages map[string]string
		if err := json.Unmarshal(data, &messages); err != nil {
			return fmt.Errorf("%s: %w", face, err)
		}
		for key, message := range messages {
			if l.Has(key) {
				return fmt.Errorf("%s says %s, which is said elsewhere too", face, key)
			}
			l.messages[key] = message
		}
	}
	return nil
}

// Locales answers every language, English first, then in order of tag.
func (c *Catalogue) Locales() []*Locale { return c.locales }

// Match returns the language that fits best: the person's own choice, else what the
// browser accepts, else English. It ignores an invalid choice or header. English is
// American where the browser prefers that to other English.
func (c *Catalogue) Match(choice, acceptLanguage string) *Locale {
	// The parser is linear, but a header may be as long as the server lets it be.
	if len(acceptLanguage) > 1000 {
		acceptLanguage = acceptLanguage[:strings.LastIndexByte(acceptLanguage[:1000], ',')+1] + fallback
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

// best returns the language that fits what a browser accepts, else English.
func (c *Catalogue) best(wanted []language.Tag) *Locale {
	if len(wanted) == 0 {
		return c.locales[0]
	}
	_, i, confidence := c.matcher.Match(wanted...)
	if confidence == language.No {
		return c.locales[0]
	}
	return c.locales[i]
}

// american reports whether the first English of wanted that names a country is that of the US.
func american(wanted []language.Tag) bool {
	for _, tag := range wanted {
		base, _ := tag.Base()
		if region, confidence := tag.Region(); base.String() == fallback && confidence == language.Exact {
			return region.String() == "US"
		}
	}
	return false
}

// Locale answers the language with exactly this tag.
func (c *Catalogue) Locale(tag string) (*Locale, bool) {
	for _, l := range c.locales {
		if l.Tag() == tag {
			return l, true
		}
	}
	return nil, false
}
