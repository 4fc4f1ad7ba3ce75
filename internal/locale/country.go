package locale

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// renamed are the countries whose names in x/text are those of before 2019.
var renamed = map[string]map[string]string{
	"MK": {"en": "North Macedonia", "de": "Nordmazedonien", "ar": "مقدونيا الشمالية"},
	"SZ": {"en": "Eswatini", "de": "Eswatini", "ar": "إسواتيني"},
	"TR": {"en": "Türkiye"},
}

// Country returns the name of a country by its ISO 3166 code, such as "Germany" for "DE";
// the code itself if it has no name.
func (l *Locale) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := renamed[code][l.Tag()]; name != "" {
		return name
	}
	// Only the dictionaries named here are linked.
	names := display.English
	switch l.Tag() {
	case "ar":
		names = display.Arabic
	case "de":
		names = display.German
	}
	if name := names.Regions().Name(region); name != "" {
		return name
	}
	return code
}

// Countries returns the countries that the languages of a browser name, in their order:
// AT for "de-AT,de;q=0.9".
func Countries(acceptLanguage string) []string {
	var codes []string
	for name := range strings.SplitSeq(acceptLanguage[:min(len(acceptLanguage), 1000)], ",") {
		name, _, _ = strings.Cut(name, ";")
		tag, err := language.Parse(strings.TrimSpace(name))
		if region, confidence := tag.Region(); err == nil && confidence == language.Exact {
			codes = append(codes, region.String())
		}
	}
	return codes
}
