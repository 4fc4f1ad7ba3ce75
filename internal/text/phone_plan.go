package text

import (
	"regexp"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// A numberingPlan describes the numbers behind a country calling code.
type numberingPlan struct {
	// trunk is dialed within the country in place of the calling code: "0", or "".
	trunk string
	// zero is set if numbers may begin with a zero after the calling code.
	zero bool
	// lengths has bit n set if a number may have n digits after the code.
	lengths uint32
	// prefix matches digits after the code that begin with a prefix only the library
	// can remove; nil matches nothing.
	prefix *regexp.Regexp
}

// planTable maps calling codes to plans.
type planTable map[int]numberingPlan

// plans builds the table from the library's metadata on first use. The library itself
// takes 8 µs a number, too long for an import of a million.
var plans = sync.OnceValue(func() planTable {
	table := planTable{}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return table // the library parses everything
	}
	for _, m := range collection.GetMetadata() {
		code := int(m.GetCountryCode())
		if main := phonenumbers.GetRegionCodeForCountryCode(code); m.GetId() != main {
			continue
		}
		var p numberingPlan
		if prefix := m.GetNationalPrefixForParsing(); prefix != "" {
			if p.prefix, err = regexp.Compile("^(?:" + prefix + ")"); err != nil {
				continue
			}
		}
		if m.GetId() != phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
			p.trunk = phonenumbers.GetNddPrefixForRegion(m.GetId(), true)
		}
		p.zero = strings.HasPrefix(m.GetFixedLine().GetExampleNumber(), "0") || strings.HasPrefix(m.GetMobile().GetExampleNumber(), "0")
		for _, n := range m.GetGeneralDesc().GetPossibleLength() {
			if n > 0 && n < 32 {
				p.lengths |= 1 << n
			}
		}
		table[code] = p
	}
	return table
})

// lookup returns the length of the calling code of an international number and its
// plan; 0 if there is none.
func (t planTable) lookup(digits string) (length int, p numberingPlan) {
	code := 0
	for i := 0; i < 3 && i < len(digits); i++ {
		code = code*10 + int(digits[i]-'0')
		if p, ok := t[code]; ok {
			return i + 1, p
		}
	}
	return 0, numberingPlan{}
}

// check reports whether an international number is possible. known is false if only the
// library can decide.
func (t planTable) check(digits []byte) (known, possible bool) {
	length, p := t.lookup(string(digits[:min(3, len(digits))]))
	national := digits[length:]
	if length == 0 || p.lengths == 0 || p.prefix != nil && p.prefix.Match(national) {
		return false, false
	}
	return true, p.lengths&(1<<len(national)) != 0
}
