package app

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// conversationForm returns the action for a form. change makes the change, and returns the
// address to go to and the audit entry, if any.
func (a *app) conversationForm(change func(r *http.Request, v *viewer, sid string) (next string, e audit.Entry, err error)) auth.Action {
	return a.ofConversation(func(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
		if err := auth.Form(w, r); err != nil {
			return err
		}
		next, e, err := change(r, v, sid)
		if err != nil {
			return a.renderConversationFailure(w, r, v, err)
		}
		if e.Action != "" {
			e.Actor = v.Person.Identity
			a.record(r, e)
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	})
}

// startConversation opens the worker's conversation with a customer over a channel, which
// the form names by its handle, or by its type and value.
func (a *app) startConversation(r *http.Request, v *viewer, _ string) (next string, e audit.Entry, err error) {
	customer, channels, err := a.ownCustomer(r, v, r.PostForm.Get("customer"))
	if err != nil {
		return "", e, err
	}
	channel, err := a.postedChannel(r, v, channels)
	if err != nil {
		return "", e, err
	}
	sid, created, err := a.Conversations.Start(r.Context(), v.Person.Identity, customer, channel)
	if created {
		e = audit.Entry{Action: audit.ConversationStarted, Subject: customer.ID, Name: customer.Name, Params: audit.Conversation(sid).With("channel", channel.Type)}
	}
	return threadHref(sid), e, err
}

// ownCustomer returns a customer of the worker, with the channels as the worker sees them.
// Another's is frontline.ErrNotFound.
func (a *app) ownCustomer(r *http.Request, v *viewer, id string) (messaging.Customer, []frontline.Channel, error) {
	if id == "" || len(id) > maxHandleBytes || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return messaging.Customer{}, nil, frontline.ErrNotFound
	}
	resp, err := a.CRM.CustomerDetails(r.Context(), frontline.DetailsRequest{Worker: v.Person.Identity, CustomerID: id})
	if err != nil {
		a.recordDenied(r, v, id, err)
		return messaging.Customer{}, nil, err
	}
	if resp.Customer.ID != "" {
		id = resp.Customer.ID
	}
	return messaging.Customer{ID: a.CustomerID(v.Person.Identity, id), Name: resp.Customer.DisplayName, Avatar: resp.Customer.Avatar}, resp.Customer.Channels, nil
}

// postedChannel returns the channel that a form names, if it is among those of the customer.
func (a *app) postedChannel(r *http.Request, v *viewer, channels []frontline.Channel) (messaging.Channel, error) {
	f := r.PostForm
	if handle := f.Get("handle"); handle != "" && a.Channel != nil {
		ch, err := a.Channel(r.Context(), v.Person.Identity, f.Get("customer"), handle)
		return messaging.Channel{Type: ch.Type, Address: ch.Value}, err
	}
	for _, ch := range channels {
		line, _ := channelOf(ch, v.Locale, a.Masked())
		if line.canStart() && line.Type == f.Get("channel") && line.number == f.Get("value") {
			return messaging.Channel{Type: line.Type, Address: line.number}, nil
		}
	}
	return messaging.Channel{}, messaging.NoNumber
}

// sendMessage sends what was written, or a template, or removes a message of unknown outcome
// from the page.
func (a *app) sendMessage(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := r.PostForm
	draft := messaging.Draft{SID: sid, ClientID: f.Get("client_id"), Body: f.Get("body"), ContentSID: f.Get("content_sid"), ContentVariables: f.Get("variables")}
	var err error
	if f.Has("discard") {
		draft.Body = "" // not to be written again
		err = a.Conversations.Discard(r.Context(), v.Person.Identity, sid, draft.ClientID)
	} else {
		_, err = a.Conversations.Send(r.Context(), v.Person.Identity, draft)
	}
	if err != nil {
		return a.renderThread(w, r, v, sid, draft, err)
	}
	return redirectToThread(w, r, v, sid)
}

// linkCustomer makes one of the worker's customers the customer of a conversation.
func (a *app) linkCustomer(r *http.Request, v *viewer, sid string) (next string, e audit.Entry, err error) {
	customer, _, err := a.ownCustomer(r, v, r.PostForm.Get("customer"))
	if err == nil {
		err = a.Conversations.Link(r.Context(), v.Person.Identity, sid, customer)
	}
	return threadHref(sid), audit.Entry{Action: audit.ConversationLinked, Subject: customer.ID, Name: customer.Name, Params: audit.Conversation(sid)}, err
}

// transferConversation gives a conversation to another worker.
func (a *app) transferConversation(r *http.Request, v *viewer, sid string) (next string, e audit.Entry, err error) {
	to := r.PostForm.Get("worker")
	err = a.Conversations.Transfer(r.Context(), v.Person.Identity, sid, to)
	return "/conversations", audit.Entry{Action: audit.ConversationTransferred, Subject: sid, Params: audit.To(to)}, err
}

func (a *app) closeConversation(r *http.Request, v *viewer, sid string) (next string, e audit.Entry, err error) {
	err = a.Conversations.Finish(r.Context(), v.Person.Identity, sid)
	return threadHref(sid), audit.Entry{Action: audit.ConversationClosed, Subject: sid}, err
}

func (a *app) muteConversation(r *http.Request, v *viewer, sid string) (next string, e audit.Entry, err error) {
	err = a.Conversations.Mute(r.Context(), v.Person.Identity, sid, r.PostForm.Get("muted") == "1")
	return threadHref(sid), e, err
}

// setAvailable sets whether the person gets new conversations.
func (a *app) setAvailable(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if !a.conversationsOn() {
		return auth.ErrNoPage
	}
	if err := auth.Form(w, r); err != nil {
		return err
	}
	if err := a.Accounts.SetAvailable(r.Context(), v.Person.Identity, r.PostForm.Get("available") == "1"); err != nil {
		return err
	}
	return a.redirectDone(w, r, "look")
}
