package app

import (
	"context"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// choicePane is a choice about a conversation: of its customer, of another worker, or of a
// template.
type choicePane struct {
	SID, Title, Text string
	// Back is the address of the conversation. Action is the last part of the form's, and
	// Field its field.
	Back, Action, Field string
	// Search is set for a choice with a search field, of which Query is the text.
	Search  bool
	Query   string
	Options []choice
	// Next is the address of the next page, or "".
	Next string
	// Empty is the message when there is nothing to choose.
	Empty string

	Groups []templateGroup
	// Chosen is the template to send, nil before one is chosen.
	Chosen   *templateChoice
	ClientID string
}

// choice is a customer or a worker.
type choice struct {
	Value    string
	Name     string
	Initials string
	Tint     int
	Avatar   string
}

// templateGroup is a category of templates.
type templateGroup struct {
	Name      string
	Templates []templateChoice
}

// templateChoice is a template; Href shows it.
type templateChoice struct {
	frontline.Template
	Href string
	// Off says why it cannot be sent now, "" if it can.
	Off string
}

// renderChoice renders a choice, or a failure in place of it.
func (a *app) renderChoice(w http.ResponseWriter, r *http.Request, v *viewer, pane *choicePane, err error) error {
	if err != nil {
		return a.renderConversationFailure(w, r, v, err, a.requestedURL(r))
	}
	return a.renderBeside(w, r, v, pane.SID, conversationsPage{Choice: pane}, pane.Title, nil)
}

// chooseCustomer shows the worker's customers, to link one to a conversation.
func (a *app) chooseCustomer(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if _, err := a.Conversations.Thread(r.Context(), v.Person.Identity, sid, ""); err != nil {
		return a.renderChoice(w, r, v, nil, err)
	}
	ref := a.pageRefOf(r)
	pane := &choicePane{
		SID: sid, Title: v.Locale.Text("conversation.link.title"), Text: v.Locale.Text("conversation.link.text"),
		Back: threadHref(sid), Action: "customer", Field: "customer", Search: true, Query: ref.query, Empty: v.Locale.Text("conversation.link.empty"),
	}
	resp, err := a.CRM.CustomersList(r.Context(), frontline.ListRequest{
		Worker: v.Person.Identity, PageSize: frontline.DefaultPageSize, Query: ref.query, NextPageToken: ref.page,
	})
	for _, c := range resp.Customers {
		pane.Options = append(pane.Options, choice{
			Value: c.ID, Name: clip(text.DisplayName(c.DisplayName, v.Locale.Text("list.unnamed")), maxRowNameRunes),
			Initials: initials(c.DisplayName, resp.Meta.Masked), Tint: ui.Tint(c.ID), Avatar: a.avatarPath(v, c.Avatar),
		})
	}
	if resp.NextPageToken != "" {
		pane.Next = threadHref(sid) + "/customer?" + pageRef{query: ref.query, page: resp.NextPageToken}.allParams().Encode()
	}
	return a.renderChoice(w, r, v, pane, err)
}

// chooseWorker shows the workers to whom a conversation can be transferred.
func (a *app) chooseWorker(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	pane := &choicePane{
		SID: sid, Title: v.Locale.Text("conversation.transfer.title"), Text: v.Locale.Text("conversation.transfer.text"),
		Back: threadHref(sid), Action: "transfer", Field: "worker", Empty: v.Locale.Text("conversation.transfer.empty"),
	}
	var workers []string
	_, err := a.Conversations.Thread(r.Context(), v.Person.Identity, sid, "")
	if err == nil && a.Workers != nil {
		workers, err = a.Workers(r.Context())
	}
	for _, identity := range workers {
		if !text.SameIdentity(identity, v.Person.Identity) {
			name := a.visibleName(identity)
			pane.Options = append(pane.Options, choice{Value: identity, Name: name, Initials: initials(name, a.Masked()), Tint: ui.Tint(identity)})
		}
	}
	return a.renderChoice(w, r, v, pane, err)
}

// chooseTemplate shows the templates for a conversation, or the text of the one that the
// parameter t selects, before it is sent.
func (a *app) chooseTemplate(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	pane := &choicePane{
		SID: sid, Title: v.Locale.Text("conversation.templates.title"), Text: v.Locale.Text("conversation.templates.text"),
		Back: threadHref(sid), Empty: v.Locale.Text("conversation.templates.empty"), ClientID: newClientID(),
	}
	categories, windowClosed, err := a.templatesFor(r.Context(), v, sid)
	n := 0
	for _, category := range categories {
		group := templateGroup{Name: lineOf(category.DisplayName)}
		for _, t := range category.Templates {
			c := a.templateChoice(v, t, windowClosed)
			c.Href = threadHref(sid) + "/templates?t=" + strconv.Itoa(n)
			if r.URL.Query().Get("t") == strconv.Itoa(n) && c.Off == "" {
				pane.Chosen, pane.Back, pane.Text = &c, threadHref(sid)+"/templates", ""
			}
			group.Templates = append(group.Templates, c)
			n++
		}
		pane.Groups = append(pane.Groups, group)
	}
	return a.renderChoice(w, r, v, pane, err)
}

func (a *app) templateChoice(v *viewer, t frontline.Template, windowClosed bool) templateChoice {
	t.Content = lines(t.Content)
	c := templateChoice{Template: t}
	if shown := text.MaskName(t.Content); a.Masked() && (shown != t.Content || text.MaskName(t.ContentVariables) != t.ContentVariables) {
		c.Template = frontline.Template{Content: shown}
		c.Off = v.Locale.Text("conversation.templates.masked")
	} else if windowClosed && t.ContentSID == "" {
		c.Off = v.Locale.Text("conversation.templates.off")
	}
	return c
}

// templatesFor returns the templates for a conversation, and whether WhatsApp takes only
// approved ones now.
func (a *app) templatesFor(ctx context.Context, v *viewer, sid string) (_ []frontline.TemplateCategory, windowClosed bool, err error) {
	t, err := a.Conversations.Thread(ctx, v.Person.Identity, sid, "")
	if err != nil || a.Templates == nil {
		return nil, false, err
	}
	categories, err := a.Templates(ctx, frontline.TemplatesRequest{Worker: v.Person.Identity, CustomerID: a.CustomerID(v.Person.Identity, t.CustomerID), ConversationSID: sid})
	return categories, t.WindowClosed, err
}
