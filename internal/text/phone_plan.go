package text

import (
	"regexp"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// A numberingPlan is what matters here of the numbering plan behind a country calling code.
type numberingPlan struct {
	// trunk is dialled in the country in place of the calling code: "0", or "".
	trunk string
	// lengths has bit n set when a number may have n digits after the code.
	lengths uint32
	// prefix matches the digits after the code when only the library knows what is
	// to be removed from their beginning; nil matches nothing.
	prefix *regexp.Regexp
}

// planTable holds the plans by calling code.
type planTable map[int]numberingPlan

// plans gathers the plans from the library's tables, on first use. Asking the
// library itself about a number takes 8 µs, which an import of a million notices.
var plans = sync.OnceValue(func() planTable {
	book := planTable{}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return book // the library is asked about everything
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
		for _, n := range m.GetGeneralDesc().GetPossibleLength() {
			if n > 0 && n < 32 {
				p.lengths |= 1 << n
			}
		}
		book[code] = p
	}
	return book
})

// lookUp tells how many digits of an international number are its calling code, and
// the plan; 0 when no country has it.
func (b planTable) lookUp(digits string) (length int, p numberingPlan) {
	code := 0
	for i := 0; i < 3 && i < len(digits); i++ {
		code = code*10 + int(digits[i]-'0')
		if p, ok := b[code]; ok {
			return i + 1, p
		}
	}
	return 0, numberingPlan{}
}

// check tells whether an international number is possible, if its plan says that
// it is kept as it is.
func (b planTable) check(digits []byte) (kept, possible bool) {
	length, p := b.lookUp(string(digits[:min(3, len(digits))]))
	national := digits[length:]
	if length == 0 || p.lengths == 0 || p.prefix != nil && p.prefix.Match(national) {
		return false, false
	}
	return true, p.lengths&(1<<len(national)) != 0
}
