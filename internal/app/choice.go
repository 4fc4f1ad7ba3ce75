package app

import (
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// choicePane is a choice about a conversation: of its customer, of another worker, or of a
// template.
type choicePane struct {
	Title, Text string
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

// choiceFor returns the action for a page with a choice about a conversation.
func (a *app) choiceFor(choose func(r *http.Request, v *viewer, t messaging.Thread) (*choicePane, error)) auth.Action {
	return a.ofConversation(func(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
		t, err := a.Conversations.Thread(r.Context(), v.Person.Identity, sid, "")
		var pane *choicePane
		if err == nil {
			pane, err = choose(r, v, t)
		}
		if err != nil {
			return a.renderConversationFailure(w, r, v, err)
		}
		return a.renderBeside(w, r, v, sid, conversationsPage{Choice: pane}, pane.Title, nil)
	})
}

// chooseCustomer shows the worker's customers, to link one to a conversation.
func (a *app) chooseCustomer(r *http.Request, v *viewer, t messaging.Thread) (*choicePane, error) {
	ref := a.pageRefOf(r)
	pane := &choicePane{
		Title: v.Locale.Text("conversation.link.title"), Text: v.Locale.Text("conversation.link.text"), Back: threadHref(t.SID),
		Action: "customer", Field: "customer", Search: true, Query: ref.query, Empty: v.Locale.Text("conversation.link.empty"),
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
		pane.Next = threadHref(t.SID) + "/customer?" + pageRef{query: ref.query, page: resp.NextPageToken}.allParams().Encode()
	}
	return pane, err
}

// chooseWorker shows the workers to whom a conversation can be transferred.
func (a *app) chooseWorker(r *http.Request, v *viewer, t messaging.Thread) (*choicePane, error) {
	pane := &choicePane{
		Title: v.Locale.Text("conversation.transfer.title"), Text: v.Locale.Text("conversation.transfer.text"), Back: threadHref(t.SID),
		Action: "transfer", Field: "worker", Empty: v.Locale.Text("conversation.transfer.empty"),
	}
	workers, err := a.Workers(r.Context())
	for _, identity := range workers {
		if !text.SameIdentity(identity, v.Person.Identity) {
			name := a.visibleName(identity)
			pane.Options = append(pane.Options, choice{Value: identity, Name: name, Initials: initials(name, a.Masked()), Tint: ui.Tint(identity)})
		}
	}
	return pane, err
}

// chooseTemplate shows the templates for a conversation, or the text of the one that the
// parameter t selects, before it is sent.
func (a *app) chooseTemplate(r *http.Request, v *viewer, t messaging.Thread) (*choicePane, error) {
	pane := &choicePane{
		Title: v.Locale.Text("conversation.templates.title"), Text: v.Locale.Text("conversation.templates.text"), Back: threadHref(t.SID),
		Empty: v.Locale.Text("conversation.templates.empty"), ClientID: newClientID(),
	}
	if a.Templates == nil {
		return pane, nil
	}
	categories, err := a.Templates(r.Context(), frontline.TemplatesRequest{
		Worker: v.Person.Identity, CustomerID: a.CustomerID(v.Person.Identity, t.CustomerID), ConversationSID: t.SID,
	})
	n := 0
	for _, category := range categories {
		group := templateGroup{Name: lineOf(category.DisplayName)}
		for _, template := range category.Templates {
			c := a.templateChoice(v, template, t.WindowClosed)
			c.Href = threadHref(t.SID) + "/templates?t=" + strconv.Itoa(n)
			if r.URL.Query().Get("t") == strconv.Itoa(n) && c.Off == "" {
				pane.Chosen, pane.Back, pane.Text = &c, threadHref(t.SID)+"/templates", ""
			}
			group.Templates = append(group.Templates, c)
			n++
		}
		pane.Groups = append(pane.Groups, group)
	}
	return pane, err
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
