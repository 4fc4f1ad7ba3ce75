package customers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// maxCustomerForm bounds the posted form of one customer: 48 KiB of text, of which each
// byte may take three, and the field names.
const maxCustomerForm = 512 << 10

// customerForm is the form of one customer.
type customerForm struct {
	ID  string
	Was string // the revision when the form was rendered, "" for a new customer

	Name, Company, JobTitle string
	Avatar                  string
	DetailTitle, DetailText string
	Channels                []channelLine
	Links                   []linkLine
	Workers                 []string
	Everyone                bool
	// Confirmed are the identities without an account that the administrator has
	// confirmed, one a line.
	Confirmed string
	// Errors are the errors by field: the name of an input, "channels", "links" or
	// "workers".
	Errors map[string]string
	isNew  bool
}

// channelLine is a line of the form with a channel, and linkLine one with a link.
type channelLine struct {
	Type, Value, Error string
}

type linkLine struct {
	Type, Value, Name, Error string
}

// formOf returns the form of a stored customer.
func formOf(shown view.Shown) customerForm {
	c := shown.Customer()
	f := customerForm{
		ID: c.ID, Was: admin.Revision(c), Name: c.Name, Company: c.Company, JobTitle: c.JobTitle, Avatar: c.Avatar,
		DetailTitle: c.Details.Title, DetailText: c.Details.Content,
	}
	for _, ch := range c.Channels {
		f.Channels = append(f.Channels, channelLine{Type: ch.Type, Value: strings.TrimPrefix(ch.Value, text.WhatsAppPrefix)})
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

// readCustomerForm reads the posted form. It checks sizes only.
func readCustomerForm(w http.ResponseWriter, r *http.Request, isNew bool) (f customerForm, err error) {
	if err := auth.LargeForm(w, r, maxCustomerForm); err != nil {
		return f, err
	}
	if len(r.PostForm["channel_value"])+len(r.PostForm["link_value"])+len(r.PostForm["worker"]) > maxLines {
		return f, auth.ErrForm
	}
	f = customerForm{
		ID: r.PostForm.Get("id"), Was: r.PostForm.Get("was"), isNew: isNew,
		Name: view.Field(r, "name"), Company: view.Field(r, "company"), JobTitle: view.Field(r, "job_title"), Avatar: view.Field(r, "avatar"),
		DetailTitle: view.Field(r, "detail_title"), DetailText: lines(r.PostForm.Get("detail_text")),
		Everyone: r.PostForm.Get("everyone") != "", Confirmed: r.PostForm.Get("sure"),
	}
	if isNew {
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

// identitiesIn returns the distinct identities in values.
func identitiesIn(values []string) (out []string) {
	for _, w := range values {
		if w = strings.TrimSpace(w); w != "" && !text.ContainsIdentity(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// nth returns values[i], "" when there are fewer.
func nth(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

// lines returns a text with LF line ends, without trailing space. Browsers send CR LF.
func lines(s string) string {
	return strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n\t ")
}

// addEmptyLines adds the lines for new channels, links and owners.
func (f *customerForm) addEmptyLines() {
	f.Channels = append(f.Channels, channelLine{Type: customer.SMS}, channelLine{Type: customer.Email})
	f.Links = append(f.Links, linkLine{})
	f.Workers = append(f.Workers, "")
}

// customer returns the customer that the form describes.
func (f *customerForm) customer() customer.Customer {
	c := customer.Customer{
		ID: f.ID, Name: f.Name, Company: f.Company, JobTitle: f.JobTitle, Avatar: f.Avatar,
		Details: customer.Detail{Title: f.DetailTitle, Content: f.DetailText},
	}
	for _, l := range f.Channels {
		if ch := parseChannel(l); !slices.Contains(c.Channels, ch) {
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

// parseChannel returns a channel as it is stored. The chosen type overrides a prefix.
func parseChannel(l channelLine) customer.Channel {
	ch := customer.Channel{Type: l.Type, Value: l.Value}
	if ch.Type == customer.SMS {
		ch.Value, _ = text.CutPrefixFold(ch.Value, text.WhatsAppPrefix)
	}
	return customer.NormalizeChannel(ch)
}
