package text

import "slices"

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

// sameNumber returns the digits of an international number, and those of its other form if
// it has one.
func sameNumber(digits string) []string {
	other := ""
	if len(digits) == 12 || len(digits) == 13 {
		long := len(digits) == 13
		switch code, rest := digits[:2], digits[2:]; {
		case code == "52" && long && rest[0] == '1', code == "54" && long && rest[0] == '9':
			other = code + rest[1:]
		case code == "52" && !long:
			other = code + "1" + rest
		case code == "54" && !long:
			other = code + "9" + rest
		// Of numbers with eight digits, those that begin with 2 to 5 are no mobile numbers.
		case code == "55" && long && rest[2] == '9' && rest[3] >= '6':
			other = code + rest[:2] + rest[3:]
		case code == "55" && !long && rest[2] >= '6':
			other = code + rest[:2] + "9" + rest[2:]
		}
	}
	if other == "" {
		return []string{digits}
	}
	return []string{digits, other}
}

// areaLengths returns how many digits the area code of an Argentine number may have. Only
// that of Buenos Aires, 11, has two.
func areaLengths(home string) []int {
	if home[:2] == "11" {
		return []int{2}
	}
	return []int{3, 4}
}
