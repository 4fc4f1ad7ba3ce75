package console

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// check finds what is wrong with what was typed and says so beside the field. What
// the customer had already (kept) is not judged anew: it came from somewhere else,
// and an administrator who changes the name should not have to mend it.
func (f *customerForm) check(stored customer.Customer, known map[string]accountStatus, v *visit) {
	w := v.Locale
	f.Errors = nil
	if f.isNew && f.ID != "" && customerID(f.ID) == "" {
		f.setError("id", w.Text("console.customer.id.bad", "max", customer.MaxIDBytes))
	}
	if f.Name == "" {
		f.setError("name", w.Text("console.customer.name.missing"))
	}
	for name, value := range map[string]string{
		"name": f.Name, "company": f.Company, "job_title": f.JobTitle, "avatar": f.Avatar, "detail_title": f.DetailTitle, "detail_text": f.DetailText,
	} {
		if isUnstorable(value) {
			f.setError(name, w.Text("console.customer.text.bad"))
		}
	}
	if f.Avatar != "" && f.Avatar != stored.Avatar && !IsWebURL(f.Avatar) {
		f.setError("avatar", w.Text("console.customer.avatar.bad"))
	}
	f.checkLines(stored, v)
	f.checkWorkers(stored, known, v)
	if len(f.Errors) == 0 && f.Name != "" {
		probe := f.customer()
		if probe.ID == "" {
			probe.ID = "new"
		}
		if err := customer.Validate(probe); err != nil && strings.Contains(err.Error(), "too big") {
			f.setError("detail_text", w.Text("console.customer.big", "max", customer.MaxWireBytes>>10))
		}
	}
}

func (f *customerForm) checkLines(stored customer.Customer, v *visit) {
	w := v.Locale
	types := []string{customer.SMS, customer.WhatsApp, customer.Email, customer.Chat}
	for i := range f.Channels {
		l := &f.Channels[i]
		switch ch := channelOf(*l); {
		case !slices.Contains(types, l.Type):
			l.Error = w.Text("console.customer.channel.type")
		case isUnstorable(l.Value):
			l.Error = w.Text("console.customer.text.bad")
		case slices.Contains(stored.Channels, ch):
		case l.Type == customer.Email && !isEmail(l.Value):
			l.Error = w.Text("console.customer.channel.mail")
		case (l.Type == customer.SMS || l.Type == customer.WhatsApp) && text.Digits(l.Value) == "":
			l.Error = w.Text("console.customer.channel.number")
		}
		if l.Error != "" {
			f.setError("channels", l.Error)
		}
	}
	for i := range f.Links {
		l := &f.Links[i]
		switch {
		case isUnstorable(l.Type + l.Value + l.Name):
			l.Error = w.Text("console.customer.text.bad")
		case slices.Contains(stored.Links, customer.Link{Type: l.Type, Value: l.Value, DisplayName: l.Name}):
		case !IsWebURL(l.Value) && !strings.HasPrefix(l.Value, "mailto:"):
			l.Error = w.Text("console.customer.link.bad")
		}
		if l.Error != "" {
			f.setError("links", l.Error)
		}
	}
}

// checkWorkers stops at identities that nobody signs in with, once: a slip of the
// finger would hide the customer from everybody.
func (f *customerForm) checkWorkers(stored customer.Customer, known map[string]accountStatus, v *visit) {
	var doubtful []string
	for _, identity := range f.Workers {
		switch {
		case len(identity) > customer.MaxWorkerBytes || isUnstorable(identity):
			f.setError("workers", v.Locale.Text("console.customer.worker.bad", "max", customer.MaxWorkerBytes))
			return
		case !contains(stored.Workers, identity):
			doubtful = append(doubtful, identity)
		}
	}
	if problem, sure := checkUnknown(doubtful, f.Confirmed, known, v); problem != "" {
		f.Confirmed = sure
		f.setError("workers", problem)
	}
}

// checkUnknown says of whom among identities nobody knows that they can sign in, unless sure
// (one a line) names them all: then the administrator was told already. The second
// result is what to be sure of the next time.
func checkUnknown(identities []string, sure string, known map[string]accountStatus, v *visit) (problem, next string) {
	told := strings.Split(lines(sure), "\n")
	var odd []string
	for _, identity := range identities {
		if statusOf(known, identity) != accountActive && !slices.Contains(told, identity) {
			odd = append(odd, identity)
		}
	}
	if len(odd) == 0 {
		return "", sure
	}
	problem = v.Locale.Text("console.customer.worker.unknown", "workers", Line(strings.Join(odd, ", "), MaxCell))
	return problem, strings.Join(append(odd, told...), "\n")
}

func (f *customerForm) setError(field, why string) {
	if f.Errors == nil {
		f.Errors = make(map[string]string)
	}
	if f.Errors[field] == "" {
		f.Errors[field] = why
	}
}

func (f *customerForm) invalid() bool { return len(f.Errors) > 0 }

// Error says what is wrong with a field, "" when nothing is.
func (f customerForm) Error(field string) string { return f.Errors[field] }

// isUnstorable tells text that no database keeps.
func isUnstorable(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) }

// IsWebURL tells whether s is a complete address of the web.
func IsWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// isEmail tells whether s has the shape of an e-mail address.
func isEmail(s string) bool {
	user, host, ok := strings.Cut(s, "@")
	return ok && user != "" && host != "" && !strings.ContainsAny(s, " \t,;<>")
}
