package app

import (
	"context"
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/look"
	"github.com/clientele-project/clientele/internal/text"
)

// detailPane is one customer as a worker sees them. What is empty is not drawn.
type detailPane struct {
	// Title is the page's: the name, cut to what a window title holds.
	Title    string
	ID       string
	Name     string
	Long     bool // too long for large letters
	Initials string
	Tint     int
	// Picture is where the customer's picture is, on our own origin, or "".
	Picture  string
	Actions  []contactAction
	Channels []channelLine
	// TextTitle and Text are the free text with its line breaks.
	TextTitle, Text string
	Links           []linkLine
	Masked          bool
	// Wait is in how many seconds to ask again for details that are being fetched,
	// 0 when these are they.
	Wait int
	age
	// Back leads to where in the list the worker was.
	Back    string
	Failure *look.Failure
	// Idle tells that nothing in the pane can be focused, so that the pane itself
	// must be, for the keyboard to scroll it.
	Idle bool
}

// linkLine is a link about the customer.
type linkLine struct {
	Href string // https: or mailto:, nothing else
	Type string // "" when the title says it already
	Name string
	Mail bool
}

// What a link is called is a few words; a whole address in its place must not push
// everything else off the screen.
const maxLinkType, maxLinkName = 60, 120

// detail asks for a customer. A failure is a state of the pane; its error is
// answered besides. Details that are still being fetched are no failure.
func (a *app) detail(ctx context.Context, v *visit, at place, id string) (*detailPane, error) {
	pane := &detailPane{ID: id, Back: at.href()}
	var answer frontline.DetailsResponse
	err := frontline.ErrNotFound
	if id != "" {
		answer, err = a.CRM.CustomerDetails(ctx, frontline.DetailsRequest{Worker: v.Person.Identity, CustomerID: id, NewerThan: at.newer})
	}
	if pane.Wait = waitFor(err); pane.Wait > 0 {
		pane.Title, pane.Idle = v.Words.Text("detail.region"), true
		return pane, nil
	}
	if err != nil {
		pane.Failure = failureOf(err, v.Words, customerHref(id, at.values()))
		if pane.Failure.Code == "not-found" {
			pane.Failure.Href, pane.Failure.Action = at.href(), v.Words.Text("fail.home")
		}
		pane.Failure.Heading = true
		pane.Title = pane.Failure.Title
		return pane, err
	}
	a.fillDetail(pane, v, at, answer)
	return pane, nil
}

func (a *app) fillDetail(pane *detailPane, v *visit, at place, answer frontline.DetailsResponse) {
	c, words := answer.Customer, v.Words
	pane.Name = shownName(c.DisplayName, words)
	pane.Title = clip(pane.Name, 60)
	pane.Long = len([]rune(pane.Name)) > 60
	pane.Initials, pane.Tint = text.Initials(c.DisplayName), tint(pane.ID)
	pane.Picture = a.picture(v, c.Avatar)
	pane.Masked = answer.Meta.Masked
	for _, ch := range c.Channels {
		if line, ok := channelOf(ch, words, pane.Masked); ok {
			pane.Channels = append(pane.Channels, line)
		}
	}
	pane.Actions = actionsFor(pane.Channels, words)
	if c.Details != nil {
		pane.Text = lines(c.Details.Content)
		pane.TextTitle = text.Visible(c.Details.Title)
		if pane.TextTitle == "" && pane.Text != "" {
			pane.TextTitle = words.Text("detail.text")
		}
	}
	for _, l := range c.Links {
		if line, ok := linkOf(l); ok {
			pane.Links = append(pane.Links, line)
		}
	}
	pane.Idle = len(pane.Actions) == 0 && len(pane.Links) == 0
	again := at.values()
	again.Set("newer", newerValue(answer.Meta.AsOf))
	pane.age = ageOf(v, answer.Meta, "detail.stale.title", customerHref(pane.ID, again))
}

// lines makes free text harmless line by line, and drops blank lines around it.
func lines(content string) string {
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n", "\v", "\n", "\f", "\n").Replace(content)
	all := strings.Split(content, "\n")
	for i, line := range all {
		if strings.TrimSpace(line) == "" {
			all[i] = ""
			continue
		}
		all[i] = text.Visible(line)
	}
	return strings.Trim(strings.Join(all, "\n"), "\n")
}

// linkOf makes a link that is safe to follow, or none.
func linkOf(l frontline.Link) (linkLine, bool) {
	u, err := url.Parse(strings.TrimSpace(l.Value))
	if err != nil {
		return linkLine{}, false
	}
	line := linkLine{Href: u.String(), Type: text.Visible(l.Type), Name: text.Visible(l.DisplayName)}
	switch strings.ToLower(u.Scheme) {
	case "https":
		if u.Hostname() == "" {
			return linkLine{}, false
		}
	case "mailto":
		if u.Opaque == "" {
			return linkLine{}, false
		}
		line.Mail = true
	default:
		return linkLine{}, false
	}
	if line.Name == "" {
		line.Name, line.Type = line.Type, ""
	}
	if line.Name == "" {
		if line.Name = text.Visible(u.Hostname()); line.Mail {
			line.Name = text.Visible(u.Opaque)
		}
	}
	if line.Type == line.Name {
		line.Type = ""
	}
	line.Type, line.Name = clip(line.Type, maxLinkType), clip(line.Name, maxLinkName)
	return line, true
}

// labelOf is what a type of channel is called; a type that is not known is shown
// as it came.
func labelOf(kind string, words *locale.Locale) string {
	if key := "channel." + strings.ToLower(strings.TrimSpace(kind)); words.Has(key) && key != "channel.none" {
		return words.Text(key)
	}
	if name := text.Visible(kind); name != "" {
		return clip(name, 40)
	}
	return words.Text("channel.none")
}
