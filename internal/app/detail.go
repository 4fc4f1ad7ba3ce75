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
	CRMName  string // what the CRM calls them
	LongName bool   // too long for large letters
	Initials string
	Tint     int
	// Avatar is where the customer's picture is, on our own origin, or "".
	Avatar   string
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
	freshness
	// Back leads to where in the list the worker was.
	Back    string
	Failure *ui.Failure
	// Idle tells that nothing in the pane can be focused, so that the pane itself
	// must be, for the keyboard to scroll it.
	Idle bool
}

// loadDetail asks for a customer. A failure is a state of the pane; its error is
// answered besides. Details that are still being fetched are no failure.
func (a *app) loadDetail(ctx context.Context, v *viewer, ref pageRef, id string) (*detailPane, error) {
	pane := &detailPane{ID: id, Back: ref.href()}
	if a.privateID(id) {
		pane.ID = ""
	}
	var resp frontline.DetailsResponse
	err := frontline.ErrNotFound
	if id != "" {
		resp, err = a.CRM.CustomerDetails(ctx, frontline.DetailsRequest{Worker: v.Person.Identity, CustomerID: id, NewerThan: ref.newer})
	}
	if pane.Wait = pendingSeconds(err); pane.Wait > 0 {
		pane.Title, pane.Idle = v.Locale.Text("detail.region"), true
		return pane, nil
	}
	if err != nil {
		retry := "" // the address that the page has
		if pane.ID != "" {
			retry = customerHref(id, ref.params())
		}
		pane.Failure = failureOf(err, v.Locale, retry)
		if pane.Failure.Code == "not-found" {
			pane.Failure.Href, pane.Failure.Action = ref.href(), v.Locale.Text("fail.home")
		}
		pane.Failure.Heading = true
		pane.Title = pane.Failure.Title
		return pane, err
	}
	a.fillDetail(pane, v, ref, resp)
	return pane, nil
}

func (a *app) fillDetail(pane *detailPane, v *viewer, ref pageRef, resp frontline.DetailsResponse) {
	c, words := resp.Customer, v.Locale
	if c.ID != "" { // where numbers are hidden, it may be another than was asked for
		pane.ID = c.ID
	}
	pane.CRMName = c.DisplayName
	pane.Name = displayName(c.DisplayName, words)
	pane.Title = clip(pane.Name, 60)
	pane.LongName = len([]rune(pane.Name)) > 60
	pane.Initials, pane.Tint = initials(c.DisplayName, resp.Meta.Masked), tint(pane.ID)
	pane.Avatar = a.avatarPath(v, c.Avatar)
	pane.Masked = resp.Meta.Masked
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
	pane.MaskedOff = slices.ContainsFunc(pane.Actions, func(c contactAction) bool { return c.Disabled })
	pane.Idle = len(pane.Actions) == 0 && !slices.ContainsFunc(pane.Links, func(l linkLine) bool { return l.Href != "" })
	newerHref := ""
	if pane.ID != "" {
		params := ref.params()
		params.Set("newer", newerValue(resp.Meta.AsOf))
		newerHref = customerHref(pane.ID, params)
	}
	pane.freshness = freshnessOf(v, resp.Meta, "detail.stale.title", newerHref)
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
