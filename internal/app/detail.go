package app

import (
	"context"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// detailPane is the details of a customer. Empty fields are not shown.
type detailPane struct {
	// Title is the title of the page: the name, cut to the length of a window title.
	Title    string
	ID       string
	Name     string
	CRMName  string // Name as the CRM has it
	LongName bool   // too long for a large font
	Initials string
	Tint     int
	// Avatar is the address of the avatar on our own origin, or "".
	Avatar   string
	Actions  []contactAction
	Channels []channelLine
	// TextTitle and Text are the free text with its line breaks.
	TextTitle, Text string
	Links           []linkLine
	// Masked is set when numbers are masked, MaskedOff when actions are disabled by it, and
	// MaskedWrite when messages can be written nevertheless.
	Masked, MaskedOff, MaskedWrite bool
	// Wait is the number of seconds until the retry for details that are being fetched,
	// else 0.
	Wait int
	freshness
	// Back is the address of the page of the list.
	Back    string
	Failure *ui.Failure
	// Idle is set when nothing in the pane can have the focus. The pane itself can then,
	// so that the keyboard scrolls it.
	Idle bool
}

// loadDetail returns the details of a customer. After a failure, the pane describes it
// and the error is for the status and the log. Details that are still being fetched are
// no failure.
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
		retry := "" // the address in the browser
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
	c, loc := resp.Customer, v.Locale
	if c.ID != "" { // where numbers are masked, it may differ from the requested id
		pane.ID = c.ID
	}
	pane.CRMName = c.DisplayName
	pane.Name = text.DisplayName(c.DisplayName, loc.Text("list.unnamed"))
	pane.Title = clip(pane.Name, 60)
	pane.LongName = len([]rune(pane.Name)) > 60
	pane.Initials, pane.Tint = initials(c.DisplayName, resp.Meta.Masked), ui.Tint(pane.ID)
	pane.Avatar = a.avatarPath(v, c.Avatar)
	pane.Masked = resp.Meta.Masked
	for _, ch := range c.Channels {
		if line, ok := channelOf(ch, loc, pane.Masked); ok {
			pane.Channels = append(pane.Channels, line)
		}
	}
	pane.Actions = actionsFor(pane.ID, pane.Channels, a.conversationsOn() && pane.ID != "", loc)
	if c.Details != nil {
		pane.Text = lines(c.Details.Content)
		pane.TextTitle = text.Visible(c.Details.Title)
		if pane.TextTitle == "" && pane.Text != "" {
			pane.TextTitle = loc.Text("detail.text")
		}
	}
	for _, l := range c.Links {
		if line, ok := linkOf(l, pane.Masked); ok {
			pane.Links = append(pane.Links, line)
		}
	}
	pane.MaskedOff = slices.ContainsFunc(pane.Actions, func(c contactAction) bool { return c.Disabled })
	pane.MaskedWrite = slices.ContainsFunc(pane.Actions, func(c contactAction) bool { return !c.Disabled && c.Target().Start != startForm{} })
	pane.Idle = len(pane.Actions) == 0 && !slices.ContainsFunc(pane.Links, func(l linkLine) bool { return l.Href != "" })
	newerHref := ""
	if pane.ID != "" {
		params := ref.params()
		params.Set("newer", newerValue(resp.Meta.AsOf))
		newerHref = customerHref(pane.ID, params)
	}
	pane.freshness = freshnessOf(v, resp.Meta, "detail.stale.title", newerHref)
}

// lines returns the printable form of a text, without blank lines around it.
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
