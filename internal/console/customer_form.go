package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxCustomerForm bounds the form of one customer: 48 KiB of text, of which each byte
// may take three in a form, and the names of its fields.
const maxCustomerForm = 512 << 10

// customerForm is a customer as the form holds one.
type customerForm struct {
	ID  string
	Was string // the revision that the form was written with, "" for a new customer

	Name, Company, JobTitle string
	Avatar                  string
	DetailTitle, DetailText string
	Channels                []channelLine
	Links                   []linkLine
	Workers                 []string
	Everyone                bool
	// Confirmed are identities that nobody signs in with, and that the administrator was
	// told of already, one a line.
	Confirmed string
	// Errors say what is wrong, by field: the name of an input, "channels", "links"
	// or "workers".
	Errors map[string]string
	isNew  bool
}

// channelLine is a line of the form with a channel, linkLine one with a link.
type channelLine struct {
	Type, Value, Error string
}

type linkLine struct {
	Type, Value, Name, Error string
}

// formOf writes a customer into the form.
func formOf(c customer.Customer) customerForm {
	f := customerForm{
		ID: c.ID, Was: admin.Revision(c), Name: c.Name, Company: c.Company, JobTitle: c.JobTitle, Avatar: c.Avatar,
		DetailTitle: c.Details.Title, DetailText: c.Details.Content,
	}
	for _, ch := range c.Channels {
		f.Channels = append(f.Channels, channelLine{Type: ch.Type, Value: strings.TrimPrefix(ch.Value, "whatsapp:")})
	}
	for _, l := range c.Links {
		f.Links = append(f.Links, linkLine{Type: l.Type, Value: l.Value, Name: l.DisplayName})
	}
	for _, w := range c.Workers {
		if w == customer.Everyone {
			f.Everyone = true
		} else {
			f.Workers = append(f.Workers, w)
		}
	}
	return f
}

// readCustomerForm reads what was typed, without judging it.
func readCustomerForm(w http.ResponseWriter, r *http.Request, fresh bool) (f customerForm, err error) {
	if err := auth.LargeForm(w, r, maxCustomerForm); err != nil {
		return f, err
	}
	if len(r.PostForm["channel_value"])+len(r.PostForm["link_value"])+len(r.PostForm["worker"]) > maxLines {
		return f, auth.ErrForm
	}
	f = customerForm{
		ID: r.PostForm.Get("id"), Was: r.PostForm.Get("was"), isNew: fresh,
		Name: Field(r, "name"), Company: Field(r, "company"), JobTitle: Field(r, "job_title"), Avatar: Field(r, "avatar"),
		DetailTitle: Field(r, "detail_title"), DetailText: lines(r.PostForm.Get("detail_text")),
		Everyone: r.PostForm.Get("everyone") != "", Confirmed: r.PostForm.Get("sure"),
	}
	if fresh {
		f.ID = strings.TrimSpace(f.ID)
	}
	types, values := r.PostForm["channel_type"], r.PostForm["channel_value"]
	for i, value := range values {
		if value = strings.TrimSpace(value); value != "" {
			f.Channels = append(f.Channels, channelLine{Type: nth(types, i), Value: value})
		}
	}
	kinds, names := r.PostForm["link_type"], r.PostForm["link_name"]
	for i, value := range r.PostForm["link_value"] {
		l := linkLine{Type: strings.TrimSpace(nth(kinds, i)), Value: strings.TrimSpace(value), Name: strings.TrimSpace(nth(names, i))}
		if l != (linkLine{}) {
			f.Links = append(f.Links, l)
		}
	}
	f.Workers = identitiesIn(r.PostForm["worker"])
	return f, nil
}

// maxLines bounds how many lines a form may have.
const maxLines = 2000

// identitiesIn are the identities among what was typed, each once.
func identitiesIn(typed []string) (out []string) {
	for _, w := range typed {
		if w = strings.TrimSpace(w); w != "" && !contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// nth is the i-th of values, "" when there are fewer.
func nth(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

// lines is a text of several lines as it is kept: browsers send CR LF.
func lines(s string) string {
	return strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n\t ")
}

// addEmptyLines adds the empty lines that more is typed in.
func (f *customerForm) addEmptyLines() {
	f.Channels = append(f.Channels, channelLine{Type: customer.SMS}, channelLine{Type: customer.Email})
	f.Links = append(f.Links, linkLine{})
	f.Workers = append(f.Workers, "")
}

// customer is what the form says.
func (f *customerForm) customer() customer.Customer {
	c := customer.Customer{
		ID: f.ID, Name: f.Name, Company: f.Company, JobTitle: f.JobTitle, Avatar: f.Avatar,
		Details: customer.Detail{Title: f.DetailTitle, Content: f.DetailText},
	}
	for _, l := range f.Channels {
		if ch := channelOf(l); !slices.Contains(c.Channels, ch) {
			c.Channels = append(c.Channels, ch)
		}
	}
	for _, l := range f.Links {
		c.Links = append(c.Links, customer.Link{Type: l.Type, Value: l.Value, DisplayName: l.Name})
	}
	c.Workers = slices.Clone(f.Workers)
	if f.Everyone && !slices.Contains(c.Workers, customer.Everyone) {
		c.Workers = append(c.Workers, customer.Everyone)
	}
	slices.Sort(c.Workers)
	return c
}

// channelOf is a channel as it is kept: numbers in the form that all are compared in,
// where they can be brought into it.
func channelOf(l channelLine) customer.Channel {
	ch := customer.Channel{Type: l.Type, Value: l.Value}
	switch l.Type {
	case customer.SMS, customer.WhatsApp:
		number := strings.TrimSpace(strings.TrimPrefix(l.Value, "whatsapp:"))
		if e164, ok := text.NormalizePhone(number, ""); ok {
			number = e164
		}
		if ch.Value = number; l.Type == customer.WhatsApp {
			ch.Value = "whatsapp:" + number
		}
	}
	return ch
}
