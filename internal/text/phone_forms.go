package text

import (
	"regexp"
	"slices"
)

// PhoneForms returns the forms, without punctuation, in which a number in E.164 may be
// stored, the number itself first. Those in international are this number; those in
// national, without a country code, may be a number of another country too. Both are nil
// for anything but E.164.
//
// Three countries have two international forms: Brazil with and without the ninth digit of
// mobile numbers, Mexico with and without 1 after the country code, and Argentina with and
// without 9, which is 15 after the area code at home. Channels use one, people the other.
func PhoneForms(e164 string) (international, national []string) {
	if !isE164(e164) {
		return nil, nil
	}
	add := func(home string) {
		if len(home) >= minE164 && !slices.Contains(national, home) {
			national = append(national, home)
		}
	}
	for _, digits := range sameNumber(e164[1:]) {
		international = append(international, "+"+digits, digits)
		length, plan := plans().lookup(digits)
		if length == 0 || len(digits) == 13 && (digits[:3] == "521" || digits[:3] == "549") {
			continue // at home, neither is written
		}
		home := digits[length:]
		if !isNANP(digits) { // 1 is the country code, and the trunk prefix
			add(plan.trunk + home)
		}
		add(home)
		switch {
		case len(digits) != 12:
		case digits[:2] == "52":
			for _, trunk := range []string{"01", "044", "045"} { // until 2019
				add(trunk + home)
			}
		case digits[:2] == "54":
			for _, area := range areaLengths(home) {
				add("0" + home[:area] + "15" + home[area:])
				add(home[:area] + "15" + home[area:])
			}
		}
	}
	return international, national
}

// sameNumbers rewrites the digits of international numbers that have another form. Of numbers
// with eight digits in Brazil, those that begin with 2 to 5 are no mobile numbers.
var sameNumbers = []struct {
	form  *regexp.Regexp
	other string
}{
	{regexp.MustCompile(`^52(\d{10})$`), "521$1"}, // Mexico
	{regexp.MustCompile(`^521(\d{10})$`), "52$1"},
	{regexp.MustCompile(`^54(\d{10})$`), "549$1"}, // Argentina
	{regexp.MustCompile(`^549(\d{10})$`), "54$1"},
	{regexp.MustCompile(`^55(\d\d)([6-9]\d{7})$`), "55${1}9$2"}, // Brazil
	{regexp.MustCompile(`^55(\d\d)9([6-9]\d{7})$`), "55$1$2"},
}

// sameNumber returns the digits of an international number, and those of its other form if
// it has one.
func sameNumber(digits string) []string {
	for _, n := range sameNumbers {
		if n.form.MatchString(digits) {
			return []string{digits, n.form.ReplaceAllString(digits, n.other)}
		}
	}
	return []string{digits}
}

// areaLengths returns how many digits the area code of an Argentine number may have. Only
// that of Buenos Aires, 11, has two.
func areaLengths(home string) []int {
	if home[:2] == "11" {
		return []int{2}
	}
	return []int{3, 4}
}
