package text

import (
	"regexp"
	"slices"
)

// PhoneForms returns the forms, without punctuation, in which a number in E.164 may be
// stored, the number itself first. Those in international are this number; those in
// national, without a country code, may be a number of another country too. Both are nil
// for anything but E.164.
func PhoneForms(e164 string) (international, national []string) {
	if !isE164(e164) {
		return nil, nil
	}
	add := func(home string) {
		if len(home) >= minE164 && !slices.Contains(national, home) {
			national = append(national, home)
		}
	}
	for _, form := range append([]string{e164}, OtherForms(e164)...) {
		digits := form[1:]
		international = append(international, "+"+digits, digits)
		length, plan := plans().lookup(digits)
		if length == 0 || !isWrittenAtHome(digits) {
			continue
		}
		if !isNANP(digits) { // 1 is the country code, and the trunk prefix
			add(plan.trunk + digits[length:])
		}
		add(digits[length:])
		for _, home := range rewrite(homeNumbers, digits) {
			add(home)
		}
	}
	return international, national
}

// SamePhone reports whether two numbers in E.164 are forms of one.
func SamePhone(a, b string) bool { return a == b || slices.Contains(OtherForms(a), b) }

// OtherForms returns the other numbers in E.164 that a number in E.164 has; nil for nearly
// all numbers, and for anything else.
func OtherForms(e164 string) (forms []string) {
	if len(e164) < 1+minE164 || !hasForms(e164[1:]) || !isE164(e164) {
		return nil
	}
	for _, digits := range rewrite(sameNumbers, e164[1:]) {
		forms = append(forms, "+"+digits)
	}
	return forms
}

// hasForms reports whether a number is of a country whose numbers may have several
// international forms.
func hasForms(digits string) bool {
	return digits[0] == '5' && (digits[1] == '2' || digits[1] == '4' || digits[1] == '5')
}

// isWrittenAtHome reports whether the digits after the country code are written at home.
func isWrittenAtHome(digits string) bool {
	return len(digits) != 13 || digits[:3] != "521" && digits[:3] != "549"
}

// rewriting are the other forms of the numbers that a pattern matches.
type rewriting struct {
	number *regexp.Regexp
	forms  []string
}

func rewrite(rewritings []rewriting, digits string) (forms []string) {
	for _, r := range rewritings {
		if r.number.MatchString(digits) {
			for _, form := range r.forms {
				forms = append(forms, r.number.ReplaceAllString(digits, form))
			}
		}
	}
	return forms
}

// sameNumbers are the numbers of three countries that have two international forms. Channels
// use one, people the other.
var sameNumbers = []rewriting{
	{regexp.MustCompile(`^52(\d{10})$`), []string{"521$1"}}, // Mexico
	{regexp.MustCompile(`^521(\d{10})$`), []string{"52$1"}},
	{regexp.MustCompile(`^54(\d{10})$`), []string{"549$1"}}, // Argentina
	{regexp.MustCompile(`^549(\d{10})$`), []string{"54$1"}},
	{regexp.MustCompile(`^55(\d\d)([6-9]\d{7})$`), []string{"55${1}9$2"}}, // mobile numbers of Brazil
	{regexp.MustCompile(`^55(\d\d)9([6-9]\d{7})$`), []string{"55$1$2"}},
}

// homeNumbers are the numbers of two of them that have more forms at home: those of Mexico had
// until 2019, those of Argentina have 15 after the area code, of which only that of Buenos
// Aires, 11, has two digits.
var homeNumbers = []rewriting{
	{regexp.MustCompile(`^52(\d{10})$`), []string{"01$1", "044$1", "045$1"}},
	{regexp.MustCompile(`^54(11)(\d{8})$`), []string{"0${1}15$2", "${1}15$2"}},
	{regexp.MustCompile(`^54([^1]\d\d|1[^1]\d)(\d{7})$`), []string{"0${1}15$2", "${1}15$2"}},
	{regexp.MustCompile(`^54([^1]\d{3}|1[^1]\d\d)(\d{6})$`), []string{"0${1}15$2", "${1}15$2"}},
}

// PhoneRuns returns the runs of digits by which a stored number is found: of an E.164
// number, with or without "whatsapp:" and an extension, its digits in international and
// national form, "447700900015" and "07700900015", "15557040102" and "5557040102"; of any
// other value its digits; nil if there are none.
func PhoneRuns(value string) []string {
	number := trimScheme(value)
	if !isE164(number) {
		number, _ = CutExtension(number)
		e164, ok := NormalizePhone(number, "")
		if !ok {
			if d := Digits(number); d != "" {
				return []string{d}
			}
			return nil
		}
		number = e164
	}
	if !hasForms(number[1:]) {
		if home := nationalForm(number[1:]); home != "" && home != number[1:] {
			return []string{number[1:], home}
		}
		return []string{number[1:]}
	}
	var runs []string
	add := func(run string) {
		if run != "" && !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	for _, form := range append([]string{number}, OtherForms(number)...) {
		digits := form[1:]
		add(digits)
		if !isWrittenAtHome(digits) {
			continue
		}
		add(nationalForm(digits))
		for _, home := range rewrite(homeNumbers, digits) {
			add(home)
		}
	}
	return runs
}

// nationalForm returns the digits dialed within the country; "" if it is unknown.
func nationalForm(digits string) string {
	if isNANP(digits) {
		return digits[1:]
	}
	length, plan := plans().lookup(digits)
	if length == 0 {
		return ""
	}
	return plan.trunk + digits[length:]
}
