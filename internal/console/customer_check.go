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
func (f *customerForm) check(kept customer.Customer, known map[string]standing, v *visit) {
	w := v.Locale
	f.Errors = nil
	if f.fresh && f.ID != "" && customerID(f.ID) == "" {
		f.wrong("id", w.Text("console.customer.id.bad", "max", customer.MaxIDBytes))
	}
	if f.Name == "" {
		f.wrong("name", w.Text("console.customer.name.missing"))
	}
	for name, value := range map[string]string{
		"name": f.Name, "company": f.Company, "job_title": f.JobTitle, "avatar": f.Avatar, "detail_title": f.DetailTitle, "detail_text": f.DetailText,
	} {
		if unkeepable(value) {
			f.wrong(name, w.Text("console.customer.text.bad"))
		}
	}
	if f.Avatar != "" && f.Avatar != kept.Avatar && !webAddress(f.Avatar) {
		f.wrong("avatar", w.Text("console.customer.avatar.bad"))
	}
	f.checkLines(kept, v)
	f.checkWorkers(kept, known, v)
	if len(f.Errors) == 0 && f.Name != "" {
		probe := f.customer()
		if probe.ID == "" {
			probe.ID = "new"
		}
		if err := customer.Validate(probe); err != nil && strings.Contains(err.Error(), "too big") {
			f.wrong("detail_text", w.Text("console.customer.big", "max", customer.MaxWireBytes>>10))
		}
	}
}

func (f *customerForm) checkLines(kept customer.Customer, v *visit) {
	w := v.Locale
	types := []string{customer.SMS, customer.WhatsApp, customer.Email, customer.Chat}
	for i := range f.Channels {
		l := &f.Channels[i]
		switch ch := channelOf(*l); {
		case !slices.Contains(types, l.Type):
			l.Error = w.Text("console.customer.channel.type")
		case unkeepable(l.Value):
			l.Error = w.Text("console.customer.text.bad")
		case slices.Contains(kept.Channels, ch):
		case l.Type == customer.Email && !isMail(l.Value):
			l.Error = w.Text("console.customer.channel.mail")
		case (l.Type == customer.SMS || l.Type == customer.WhatsApp) && text.Digits(l.Value) == "":
			l.Error = w.Text("console.customer.channel.number")
		}
		if l.Error != "" {
			f.wrong("channels", l.Error)
		}
	}
	for i := range f.Links {
		l := &f.Links[i]
		switch {
		case unkeepable(l.Type + l.Value + l.Name):
			l.Error = w.Text("console.customer.text.bad")
		case slices.Contains(kept.Links, customer.Link{Type: l.Type, Value: l.Value, DisplayName: l.Name}):
		case !webAddress(l.Value) && !strings.HasPrefix(l.Value, "mailto:"):
			l.Error = w.Text("console.customer.link.bad")
		}
		if l.Error != "" {
			f.wrong("links", l.Error)
		}
	}
}

// checkWorkers stops at identities that nobody signs in with, once: a slip of the
// finger would hide the customer from everybody.
func (f *customerForm) checkWorkers(kept customer.Customer, known map[string]standing, v *visit) {
	var doubtful []string
	for _, identity := range f.Workers {
		switch {
		case len(identity) > customer.MaxWorkerBytes || unkeepable(identity):
			f.wrong("workers", v.Locale.Text("console.customer.worker.bad", "max", customer.MaxWorkerBytes))
			return
		case !contains(kept.Workers, identity):
			doubtful = append(doubtful, identity)
		}
	}
	if problem, sure := doubt(doubtful, f.Sure, known, v); problem != "" {
		f.Sure = sure
		f.wrong("workers", problem)
	}
}

// doubt says of whom among identities nobody knows that they can sign in, unless sure
// (one a line) names them all: then the administrator was told already. The second
// result is what to be sure of the next time.
func doubt(identities []string, sure string, known map[string]standing, v *visit) (problem, next string) {
	told := strings.Split(lines(sure), "\n")
	var odd []string
	for _, identity := range identities {
		if standingOf(known, identity) != canSignIn && !slices.Contains(told, identity) {
			odd = append(odd, identity)
		}
	}
	if len(odd) == 0 {
		return "", sure
	}
	problem = v.Locale.Text("console.customer.worker.unknown", "workers", line(strings.Join(odd, ", "), maxCell))
	return problem, strings.Join(append(odd, told...), "\n")
}

func (f *customerForm) wrong(field, why string) {
	if f.Errors == nil {
		f.Errors = make(map[string]string)
	}
	if f.Errors[field] == "" {
		f.Errors[field] = why
	}
}

func (f *customerForm) bad() bool { return len(f.Errors) > 0 }

// Error says what is wrong with a field, "" when nothing is.
func (f customerForm) Error(field string) string { return f.Errors[field] }

// unkeepable tells text that no database keeps.
func unkeepable(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) }

// webAddress tells whether s is a complete address of the web.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// isMail tells whether s has the shape of an e-mail address.
func isMail(s string) bool {
	user, host, ok := strings.Cut(s, "@")
	return ok && user != "" && host != "" && !strings.ContainsAny(s, " \t,;<>")
}
