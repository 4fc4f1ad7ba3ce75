package customers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxSuggestedCountries is how many countries a picker suggests.
const maxSuggestedCountries = 3

// countryPicker is a list of countries: first those that the browser's languages name,
// which are suggested and never chosen without asking, then all by their names.
type countryPicker struct {
	Suggested, All []view.Option
}

// countries returns the picker with a chosen country, "" for none.
func countries(r *http.Request, v *auth.Viewer, chosen string) (p countryPicker) {
	for _, region := range text.Regions() {
		// The isolates keep the plus before the digits in right-to-left text.
		name := v.Locale.Country(region.Code) + " \u2066+" + strconv.Itoa(region.CallingCode) + "\u2069"
		p.All = append(p.All, view.Option{Value: region.Code, Text: name, Selected: region.Code == chosen})
	}
	slices.SortStableFunc(p.All, func(a, b view.Option) int { return strings.Compare(text.SortKey(a.Text), text.SortKey(b.Text)) })
	for _, code := range locale.Countries(strings.Join(r.Header.Values("Accept-Language"), ",")) {
		i := slices.IndexFunc(p.All, func(o view.Option) bool { return o.Value == code })
		known := slices.ContainsFunc(p.Suggested, func(o view.Option) bool { return o.Value == code })
		if i >= 0 && !known && len(p.Suggested) < maxSuggestedCountries {
			p.Suggested = append(p.Suggested, view.Option{Value: code, Text: p.All[i].Text})
		}
	}
	return p
}

// keepFitting drops the suggestions with which most of these numbers would stay incomplete.
func (p *countryPicker) keepFitting(numbers []string) {
	p.Suggested = slices.DeleteFunc(p.Suggested, func(o view.Option) bool {
		complete := 0
		for _, n := range numbers {
			if _, ok := text.NormalizePhone(n, o.Value); ok {
				complete++
			}
		}
		return 2*complete < len(numbers)
	})
}
