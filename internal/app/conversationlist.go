package app

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// conversationsPage is the list with a conversation, or a choice about one, side by side on
// wide screens. Thread and Choice are nil when no conversation is selected.
type conversationsPage struct {
	ui.Base
	List   conversationList
	Thread *threadPane
	Choice *choicePane
	// Failure is shown in place of a conversation.
	Failure *ui.Failure
}

// conversationList is a page of the worker's conversations.
type conversationList struct {
	Heading bool // the pane's title is the page's own heading
	Closed  bool
	Query   string
	// Note says what the search left out.
	Note string
	Rows []conversationRow
	// Self, Open, Archive and Next are addresses: of this page, of the open and the closed
	// conversations, and of the next page or "".
	Self, Open, Archive, Next string
	Failure                   *ui.Failure
}

// conversationRow is a conversation in the list.
type conversationRow struct {
	partner
	Last, By string // the last message, and who wrote it, "" for the customer
	Time     template.HTML
	// UnreadText is Unread in words.
	UnreadText string
	Selected   bool
}

// conversationsHref returns the address of a page of conversations. Where numbers are masked, it
// never has digits that were searched for.
func (a *app) conversationsHref(q messaging.ListQuery) string {
	values := url.Values{}
	if q.Closed {
		values.Set("closed", "1")
	}
	if q.Query != "" && !(a.Masked() && hasDigits(q.Query)) {
		values.Set("q", q.Query)
	}
	if q.After != "" {
		values.Set("after", q.After)
	}
	if len(values) == 0 {
		return "/conversations"
	}
	return "/conversations?" + values.Encode()
}

func (a *app) showConversations(w http.ResponseWriter, r *http.Request, v *viewer, _ string) error {
	values := r.URL.Query()
	q := messaging.ListQuery{Closed: values.Get("closed") == "1", Query: a.pageRefOf(r).query, After: values.Get("after")}
	list, err := a.loadConversations(r.Context(), v, q, "")
	list.Heading = true
	return a.renderConversations(w, r, v, conversationsPage{List: list}, v.Locale.Text("conversation.title"), err)
}

// loadConversations returns a page of conversations; selected is the SID of the one beside
// it. After a failure, the pane describes it and the error is for the status and the log.
func (a *app) loadConversations(ctx context.Context, v *viewer, q messaging.ListQuery, selected string) (conversationList, error) {
	list := conversationList{
		Closed: q.Closed, Query: q.Query, Self: a.conversationsHref(q),
		Open: a.conversationsHref(messaging.ListQuery{Query: q.Query}), Archive: a.conversationsHref(messaging.ListQuery{Query: q.Query, Closed: true}),
	}
	if a.Masked() && hasDigits(q.Query) { // which could find out numbers in names
		q.Query, list.Note = text.WithoutDigits(q.Query), v.Locale.Text("list.digits.ignored")
	}
	rows, next, err := a.Conversations.List(ctx, v.Person.Identity, q)
	if err != nil {
		list.Failure = failureOf(err, v.Locale, list.Self)
		return list, err
	}
	for _, s := range rows {
		last, by := lastMessage(v, s)
		list.Rows = append(list.Rows, conversationRow{
			partner: a.partnerOf(v, s), Last: last, By: by, Time: timeElement(v, s.LastAt, "day"),
			UnreadText: v.Locale.Count("conversation.unread", s.Unread), Selected: s.SID == selected,
		})
	}
	if next != "" {
		list.Next = a.conversationsHref(messaging.ListQuery{Closed: q.Closed, After: next})
	}
	return list, nil
}

// lastMessage returns the last message as one line, and its author.
func lastMessage(v *viewer, s messaging.Summary) (last, by string) {
	last = lineOf(s.Text)
	switch {
	case s.LastIsFile:
		last = v.Locale.Text("conversation.file")
	case last == "":
		return v.Locale.Text("conversation.nothing"), ""
	}
	switch {
	case s.LastBy == "":
		return last, ""
	case text.SameIdentity(s.LastBy, v.Person.Identity):
		return last, v.Locale.Text("conversation.last.me")
	}
	return last, v.Locale.Text("conversation.last.by", "name", lineOf(s.LastBy))
}

// renderConversations renders a page, or the part of it that a script requests. err is why
// a pane has a Failure, for the status and the log.
func (a *app) renderConversations(w http.ResponseWriter, r *http.Request, v *viewer, page conversationsPage, title string, err error) error {
	if auth.ClientGone(r, err) {
		return nil
	}
	status := http.StatusOK
	if err != nil {
		status = classify(err).Status
		a.reportFailure(w, r, err)
	}
	auth.SetPrivate(w)
	switch {
	case auth.Fragment(r) == "list":
		return a.pages.Render(w, r, status, v.Locale, "conversation-list", page.List)
	case auth.Fragment(r) == "thread" && page.Thread != nil:
		return a.pages.Render(w, r, status, v.Locale, "thread", page.Thread)
	}
	page.Base = a.base(r, v, title, "conversations")
	if page.Unread > 0 {
		page.Title = fmt.Sprintf("(%d) %s", page.Unread, title) // as conversations.js writes it
	}
	if page.Thread != nil || page.Choice != nil || page.Failure != nil {
		page.View = "detail"
	}
	return a.pages.Render(w, r, status, v.Locale, "conversations", page)
}

// renderBeside renders a page about a conversation, with the open conversations beside it.
func (a *app) renderBeside(w http.ResponseWriter, r *http.Request, v *viewer, sid string, page conversationsPage, title string, err error) error {
	if auth.Fragment(r) != "thread" {
		var listErr error
		q := messaging.ListQuery{Closed: page.Thread != nil && page.Thread.Closed}
		if page.List, listErr = a.loadConversations(r.Context(), v, q, sid); listErr != nil && !auth.ClientGone(r, listErr) {
			a.LogError(r, listErr)
		}
	}
	return a.renderConversations(w, r, v, page, title, err)
}
