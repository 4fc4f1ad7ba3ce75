package text

import (
	"maps"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Region is a country or territory whose phone numbers NormalizePhone knows.
type Region struct {
	// Code is its ISO 3166 code, such as "US"; CallingCode is 1 for that.
	Code        string
	CallingCode int
}

// Regions returns the regions in order of their codes.
func Regions() []Region {
	var list []Region
	for _, code := range slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())) {
		list = append(list, Region{code, phonenumbers.GetCountryCodeForRegion(code)})
	}
	return list
}

// IsRegion reports whether region is the code of one of Regions, in any case of letters.
func IsRegion(region string) bool {
	return phonenumbers.GetSupportedRegions()[strings.ToUpper(region)]
}
