package customers

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// check sets the errors of the fields. It accepts invalid values that the stored customer
// has already: they come from another system, and must not keep an administrator from
// changing the name.
func (f *customerForm) check(stored customer.Customer, known map[string]accountStatus, v *auth.Viewer) {
	loc := v.Locale
	f.Errors = nil
	if f.isNew && f.ID != "" && customerID(f.ID) == "" {
		f.setError("id", loc.Text("console.customer.id.bad", "max", customer.MaxIDBytes))
	}
	if f.Name == "" {
		f.setError("name", loc.Text("console.customer.name.missing"))
	}
	for name, value := range map[string]string{
		"name": f.Name, "company": f.Company, "job_title": f.JobTitle, "avatar": f.Avatar, "detail_title": f.DetailTitle, "detail_text": f.DetailText,
	} {
		if isUnstorable(value) {
			f.setError(name, loc.Text("console.customer.text.bad"))
		}
	}
	if f.Avatar != "" && f.Avatar != stored.Avatar && !text.IsWebURL(f.Avatar) {
		f.setError("avatar", loc.Text("console.customer.avatar.bad"))
	}
	f.checkLines(stored, v)
	f.checkWorkers(stored, known, v)
	if len(f.Errors) == 0 && customer.TooLarge(f.customer()) {
		f.setError("detail_text", loc.Text("console.customer.big", "max", customer.MaxWireBytes>>10))
	}
}

func (f *customerForm) checkLines(stored customer.Customer, v *auth.Viewer) {
	loc := v.Locale
	types := []string{customer.SMS, customer.WhatsApp, customer.Email, customer.Chat}
	for i := range f.Channels {
		l := &f.Channels[i]
		switch ch := parseChannel(*l); {
		case !slices.Contains(types, l.Type):
			l.Error = loc.Text("console.customer.channel.type")
		case isUnstorable(l.Value):
			l.Error = loc.Text("console.customer.text.bad")
		case slices.Contains(stored.Channels, ch):
		case l.Type == customer.Email && !text.IsEmail(l.Value):
			l.Error = loc.Text("console.customer.channel.mail")
		case (l.Type == customer.SMS || l.Type == customer.WhatsApp) && text.Digits(l.Value) == "":
			l.Error = loc.Text("console.customer.channel.number")
		}
		if l.Error != "" {
			f.setError("channels", l.Error)
		}
	}
	for i := range f.Links {
		l := &f.Links[i]
		switch {
		case isUnstorable(l.Type + l.Value + l.Name):
			l.Error = loc.Text("console.customer.text.bad")
		case slices.Contains(stored.Links, customer.Link{Type: l.Type, Value: l.Value, DisplayName: l.Name}):
		case !text.IsWebURL(l.Value) && !strings.HasPrefix(l.Value, "mailto:"):
			l.Error = loc.Text("console.customer.link.bad")
		}
		if l.Error != "" {
			f.setError("links", l.Error)
		}
	}
}

// checkWorkers refuses, once, owners without an active account: a typing error would hide
// the customer.
func (f *customerForm) checkWorkers(stored customer.Customer, known map[string]accountStatus, v *auth.Viewer) {
	var doubtful []string
	for _, identity := range f.Workers {
		switch {
		case len(identity) > customer.MaxWorkerBytes || isUnstorable(identity):
			f.setError("workers", v.Locale.Text("console.customer.worker.bad", "max", customer.MaxWorkerBytes))
			return
		case !text.ContainsIdentity(stored.Workers, identity):
			doubtful = append(doubtful, identity)
		}
	}
	if problem, confirmed := checkUnknown(doubtful, f.Confirmed, known, v); problem != "" {
		f.Confirmed = confirmed
		f.setError("workers", problem)
	}
}

// checkUnknown returns a problem when identities have no active account, unless posted
// (one a line) confirms each of them. next is what the form posts to confirm them.
func checkUnknown(identities []string, posted string, known map[string]accountStatus, v *auth.Viewer) (problem, next string) {
	confirmed := strings.Split(lines(posted), "\n")
	var unknown []string
	for _, identity := range identities {
		if statusOf(known, identity) != accountActive && !slices.Contains(confirmed, identity) {
			unknown = append(unknown, identity)
		}
	}
	if len(unknown) == 0 {
		return "", posted
	}
	problem = v.Locale.Text("console.customer.worker.unknown", "workers", view.Line(strings.Join(unknown, ", "), view.MaxCell))
	return problem, strings.Join(append(unknown, confirmed...), "\n")
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

// Error returns the error of a field, "" for none.
func (f customerForm) Error(field string) string { return f.Errors[field] }

// isUnstorable reports whether a database cannot store s.
func isUnstorable(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) }
