package customer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

var (
	naiveUmlauts = strings.NewReplacer("ü", "ue", "Å", "aa")
	naiveKeys    = strings.NewReplacer("カ", "か", "ナ", "な", "가", "ㄱㅏ", "나", "ㄴㅏ", "다", "ㄷㅏ")
)

func naiveFold(s string) string { return naiveKeys.Replace(text.Fold(s)) }

// naiveForm returns a text as searches see it: folded, with its umlauts written out behind.
func naiveForm(s string) string {
	form := naiveFold(s)
	plain := strings.Fields(form)
	for i, w := range strings.Fields(naiveFold(naiveUmlauts.Replace(s))) {
		if w != plain[i] {
			form += " " + w
		}
	}
	return form
}

// naiveMatch matches a query as it is typed, or with its umlauts written out.
func naiveMatch(c Customer, query string) (class uint8, ok bool) {
	class, ok = naiveMatchSpelling(c, query, query)
	written, also := naiveMatchSpelling(c, query, naiveUmlauts.Replace(query))
	if !ok || also && written < class {
		return written, also
	}
	return class, ok
}

// naiveMatchSpelling applies the search rules to the customer itself, slowly, without
// documents, patterns or blocks. A word is as long as it was typed.
func naiveMatchSpelling(c Customer, query, spelled string) (class uint8, ok bool) {
	type word struct {
		folded   string
		anywhere bool
	}
	var words []word
	var whole []string
	spellings := strings.Fields(spelled)
	for i, typed := range strings.Fields(query) {
		parts, outs := strings.Fields(naiveFold(typed)), strings.Fields(naiveFold(spellings[i]))
		if at := strings.Index(typed, "@"); at > 0 && at < len(typed)-1 && len(parts) > 0 {
			parts, outs = []string{strings.Join(parts, " ")}, []string{strings.Join(outs, " ")}
		}
		for k, p := range parts {
			anywhere := utf8.RuneCountInString(p) >= 3
			for _, r := range p {
				if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.So) {
					anywhere = true
				}
			}
			words = append(words, word{outs[k], anywhere})
			whole = append(whole, outs[k])
		}
	}
	if len(words) == 0 {
		return 0, false
	}

	var fields, numbers []string
	for _, s := range []string{c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		fields = append(fields, naiveForm(s))
	}
	for _, s := range []string{c.Name, c.Company, c.JobTitle, c.Details.Title, c.Details.Content} {
		numbers = append(numbers, text.NumbersIn(s)...)
	}
	for _, ch := range c.Channels {
		switch ch.Type {
		case "email", "chat":
			fields = append(fields, naiveForm(ch.Value))
			if ch.Type == "chat" && !strings.ContainsFunc(ch.Value, unicode.IsLetter) {
				numbers = append(numbers, text.Digits(ch.Value))
			}
		case "sms", "whatsapp":
			value := strings.TrimPrefix(ch.Value, "whatsapp:")
			if strings.ContainsFunc(value, unicode.IsLetter) {
				fields = append(fields, naiveForm(value))
			}
			numbers = append(numbers, text.PhoneRuns(ch.Value)...)
		}
	}
	name := naiveForm(c.Name)

	hasWordPrefix := func(field, w string) bool { return strings.Contains(" "+field, " "+w) }
	found := func(w word) bool {
		for _, f := range slices.Concat([]string{name}, fields, numbers) {
			if hasWordPrefix(f, w.folded) || w.anywhere && strings.Contains(f, w.folded) {
				return true
			}
		}
		return false
	}
	every := true
	for _, w := range words {
		every = every && found(w)
	}
	if !every && !naiveMatchNumber(query, slices.Concat([]string{name}, fields, numbers)) {
		return 0, false
	}

	if strings.HasPrefix(name, strings.Join(whole, " ")) {
		return search.ClassName, true
	}
	for _, w := range words {
		if !hasWordPrefix(name, w.folded) {
			return search.ClassAny, true
		}
	}
	return search.ClassWords, true
}

// naiveMatchNumber reports whether a query that is a phone number matches.
func naiveMatchNumber(query string, fields []string) bool {
	for _, scheme := range []string{"tel:", "whatsapp:"} {
		query = strings.TrimPrefix(query, scheme)
	}
	query, _, _ = strings.Cut(query, " ext. ")
	international := strings.HasPrefix(query, "+") || strings.HasPrefix(query, "00")
	if international {
		query = strings.ReplaceAll(query, "(0)", "")
	}
	if strings.Trim(query, "+0123456789 -.()/") != "" {
		return false
	}
	digits := text.Digits(query)
	runs := []string{digits}
	if d, ok := strings.CutPrefix(digits, "00"); ok && d != "" {
		digits = d
		runs = append(runs, d)
	}
	if len(digits) == 11 && digits[0] == '1' && digits[1] > '1' {
		international = true
	}
	for _, run := range runs {
		for _, f := range fields {
			if len(run) >= 3 && strings.Contains(f, run) || run != "" && strings.Contains(" "+f, " "+run) {
				return true
			}
		}
	}
	if !international {
		return false
	}
	// A number stored without its country code; the test makes no others.
	var local []string
	for code, trunk := range map[string]string{"1": "", "44": "0", "49": "0", "39": ""} {
		if national, ok := strings.CutPrefix(digits, code); ok && len(national) >= 7 && len(digits) <= 15 {
			local = append(local, national, trunk+national)
		}
	}
	for _, f := range fields {
		for _, w := range strings.Fields(f) {
			for _, h := range local {
				// As a whole, or at least where no digit follows: "5557040102x".
				if rest, ok := strings.CutPrefix(w, h); ok && (rest == "" || rest[0] < '0' || rest[0] > '9') {
					return true
				}
			}
		}
	}
	return false
}
