package locale

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country returns the name of a country by its ISO 3166 code, such as "Germany" for "DE";
// the code itself if it has no name.
func (l *Locale) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
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

// Countries returns the countries that a browser's languages name, such as AT for "de-AT",
// in their order.
func Countries(acceptLanguage string) []string {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return nil
	}
	var codes []string
	for _, tag := range tags {
		if region, confidence := tag.Region(); confidence == language.Exact {
			codes = append(codes, region.String())
		}
	}
	return codes
}
