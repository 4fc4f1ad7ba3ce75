package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// startConversation opens the worker's conversation with a customer over a channel, which
// the form names by its handle, or by its type and value.
func (a *app) startConversation(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if !a.conversationsOn() {
		return auth.ErrNoPage
	}
	if err := auth.Form(w, r); err != nil {
		return err
	}
	customer, channels, err := a.ownCustomer(r, v, r.PostForm.Get("customer"))
	if err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	channel, err := a.postedChannel(r, v, channels)
	if err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	sid, created, err := a.Conversations.Start(r.Context(), v.Person.Identity, customer, channel)
	if err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	if created {
		a.record(r, audit.Entry{Actor: v.Person.Identity, Action: audit.ConversationStarted, Subject: customer.ID, Name: customer.Name,
			Params: audit.Conversation(sid).With("channel", channel.Type)})
	}
	return redirectToThread(w, r, v, sid)
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
		return addressOf(ch), err
	}
	for _, ch := range channels {
		if !a.Masked() && strings.EqualFold(ch.Type, f.Get("channel")) && addressOf(ch).Address == addressOf(frontline.Channel{Value: f.Get("value")}).Address {
			return addressOf(ch), nil
		}
	}
	return messaging.Channel{}, messaging.NoNumber
}

func addressOf(ch frontline.Channel) messaging.Channel {
	value, _ := text.CutPrefixFold(text.Visible(ch.Value), "whatsapp:")
	return messaging.Channel{Type: ch.Type, Address: strings.TrimSpace(value)}
}

// sendMessage sends what was written, or a template, or removes a message of unknown outcome
// from the page.
func (a *app) sendMessage(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	f := r.PostForm
	if f.Has("discard") {
		if err := a.Conversations.Discard(r.Context(), v.Person.Identity, sid, f.Get("client_id")); err != nil {
			return a.renderConversationFailure(w, r, v, err, "")
		}
		return redirectToThread(w, r, v, sid)
	}
	draft := messaging.Draft{SID: sid, ClientID: f.Get("client_id"), Body: f.Get("body"), ContentSID: f.Get("content_sid"), ContentVariables: f.Get("variables")}
	if !contentSID.MatchString(draft.ContentSID) || draft.ContentVariables != "" && !json.Valid([]byte(draft.ContentVariables)) {
		return auth.ErrForm
	}
	if _, err := a.Conversations.Send(r.Context(), v.Person.Identity, draft); err != nil {
		return a.renderThread(w, r, v, sid, draft, err)
	}
	return redirectToThread(w, r, v, sid)
}

// linkCustomer makes one of the worker's customers the customer of a conversation.
func (a *app) linkCustomer(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	customer, _, err := a.ownCustomer(r, v, r.PostForm.Get("customer"))
	if err == nil {
		err = a.Conversations.Link(r.Context(), v.Person.Identity, sid, customer)
	}
	if err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	a.record(r, audit.Entry{Actor: v.Person.Identity, Action: audit.ConversationLinked, Subject: customer.ID, Name: customer.Name, Params: audit.Conversation(sid)})
	return redirectToThread(w, r, v, sid)
}

// transferConversation gives a conversation to another worker.
func (a *app) transferConversation(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	to := r.PostForm.Get("worker")
	if err := a.Conversations.Transfer(r.Context(), v.Person.Identity, sid, to); err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	a.record(r, audit.Entry{Actor: v.Person.Identity, Action: audit.ConversationTransferred, Subject: sid, Params: audit.To(to)})
	http.Redirect(w, r, "/conversations", http.StatusSeeOther)
	return nil
}

func (a *app) closeConversation(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if err := a.Conversations.Finish(r.Context(), v.Person.Identity, sid); err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	a.record(r, audit.Entry{Actor: v.Person.Identity, Action: audit.ConversationClosed, Subject: sid})
	return redirectToThread(w, r, v, sid)
}

func (a *app) muteConversation(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	if err := a.Conversations.Mute(r.Context(), v.Person.Identity, sid, r.PostForm.Get("muted") == "1"); err != nil {
		return a.renderConversationFailure(w, r, v, err, "")
	}
	return redirectToThread(w, r, v, sid)
}

// setAvailable sets whether the person gets new conversations.
func (a *app) setAvailable(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if !a.conversationsOn() || a.SetAvailable == nil {
		return auth.ErrNoPage
	}
	if err := auth.Form(w, r); err != nil {
		return err
	}
	if err := a.SetAvailable(r.Context(), v.Person.Identity, r.PostForm.Get("available") == "1"); err != nil {
		return err
	}
	return a.redirectDone(w, r, "look")
}
