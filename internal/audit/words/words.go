// Package words puts the parameters of audit entries in words, in the reader's language.
package words

import (
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/audit/prose"
	"github.com/clientele-project/clientele/internal/locale"
)

// Detail returns the particulars of an entry, "" for none. A parameter that this version
// does not know is shown as it is stored.
func Detail(e audit.Entry, loc *locale.Locale) string {
	params := e.Params
	if params == "" && e.Detail != "" {
		var known bool
		if params, known = prose.Params(e); !known {
			return e.Detail
		}
	}
	var all []string
	for name, value := range params.All() {
		all = append(all, parameter(name, value, loc))
	}
	return strings.Join(all, ", ")
}

// English returns Detail in English, which files are written in. Entries that were stored
// as English text keep it word by word.
func English() (detail func(audit.Entry) string, err error) {
	catalog, err := locale.Load()
	if err != nil {
		return nil, err
	}
	english := catalog.Match("en", "")
	return func(e audit.Entry) string {
		if e.Params == "" {
			return e.Detail
		}
		return Detail(e, english)
	}, nil
}

// parameter returns one parameter in words. Its message is that of the value, or has the
// value in it; a number may have plural forms.
func parameter(name, value string, loc *locale.Locale) string {
	key := "audit." + name
	if loc.Has(key + "." + value) {
		return loc.Text(key + "." + value)
	}
	if n, err := strconv.Atoi(value); err == nil && loc.Has(key+".other") {
		return loc.Count(key, n)
	}
	if name == "role" && loc.Has("account.role."+value) {
		value = loc.Text("account.role." + value)
	}
	if loc.Has(key) {
		return loc.Text(key, "value", value)
	}
	return name + ": " + value
}
