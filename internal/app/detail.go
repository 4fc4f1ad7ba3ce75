package app

import (
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// detailPane is one customer as a worker sees them. What is empty is not drawn.
type detailPane struct {
	// Title is the page's: the name, cut to what a window title holds.
	Title    string
	ID       string
	Name     string
	Called   string // what the CRM calls them
	Long     bool   // too long for large letters
	Initials string
	Tint     int
	// Picture is where the customer's picture is, on our own origin, or "".
	Picture  string
	Actions  []contactAction
	Channels []channelLine
	// TextTitle and Text are the free text with its line breaks.
	TextTitle, Text string
	Links           []linkLine
	// Masked tells that numbers are hidden, and MaskedOff that something is switched
	// off for it.
	Masked, MaskedOff bool
	// Wait is in how many seconds to ask again for details that are being fetched,
	// 0 when these are they.
	Wait int
	age
	// Back leads to where in the list the worker was.
	Back    string
	Failure *ui.Failure
	// Idle tells that nothing in the pane can be focused, so that the pane itself
	// must be, for the keyboard to scroll it.
	Idle bool
}

// detail asks for a customer. A failure is a state of the pane; its error is
// answered besides. Details that are still being fetched are no failure.
func (a *app) detail(ctx context.Context, v *visit, at place, id string) (*detailPane, error) {
	pane := &detailPane{ID: id, Back: at.href()}
	if a.untold(id) {
		pane.ID = ""
	}
	var answer frontline.DetailsResponse
	err := frontline.ErrNotFound
	if id != "" {
		answer, err = a.CRM.CustomerDetails(ctx, frontline.DetailsRequest{Worker: v.Person.Identity, CustomerID: id, NewerThan: at.newer})
	}
	if pane.Wait = waitFor(err); pane.Wait > 0 {
		pane.Title, pane.Idle = v.Locale.Text("detail.region"), true
		return pane, nil
	}
	if err != nil {
		retry := "" // the address that the page has
		if pane.ID != "" {
			retry = customerHref(id, at.values())
		}
		pane.Failure = failureOf(err, v.Locale, retry)
		if pane.Failure.Code == "not-found" {
			pane.Failure.Href, pane.Failure.Action = at.href(), v.Locale.Text("fail.home")
		}
		pane.Failure.Heading = true
		pane.Title = pane.Failure.Title
		return pane, err
	}
	a.fillDetail(pane, v, at, answer)
	return pane, nil
}

func (a *app) fillDetail(pane *detailPane, v *visit, at place, answer frontline.DetailsResponse) {
	c, words := answer.Customer, v.Locale
	if c.ID != "" { // where numbers are hidden, it may be another than was asked for
		pane.ID = c.ID
	}
	pane.Called = c.DisplayName
	pane.Name = shownName(c.DisplayName, words)
	pane.Title = clip(pane.Name, 60)
	pane.Long = len([]rune(pane.Name)) > 60
	pane.Initials, pane.Tint = initials(c.DisplayName, answer.Meta.Masked), tint(pane.ID)
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
		if line, ok := linkOf(l, pane.Masked); ok {
			pane.Links = append(pane.Links, line)
		}
	}
	pane.MaskedOff = slices.ContainsFunc(pane.Actions, func(c contactAction) bool { return c.Off })
	pane.Idle = len(pane.Actions) == 0 && !slices.ContainsFunc(pane.Links, func(l linkLine) bool { return l.Href != "" })
	newer := ""
	if pane.ID != "" {
		again := at.values()
		again.Set("newer", newerValue(answer.Meta.AsOf))
		newer = customerHref(pane.ID, again)
	}
	pane.age = ageOf(v, answer.Meta, "detail.stale.title", newer)
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
