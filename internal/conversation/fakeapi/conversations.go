package fakeapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	domain "github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

type conversation struct {
	fields                 object
	participants, messages []object
	customer               object // of the participants, nil for none
	answered               bool   // by Options.Answer
}

func (c *conversation) url() string  { return c.fields["url"].(string) }
func (c *conversation) closed() bool { return c.fields["state"] == "closed" }

// withBinding returns the open conversation with the messaging binding of a customer, nil
// for none.
func (a *API) withBinding(b any) *conversation {
	binding, _ := b.(object)
	for _, c := range a.conversations {
		other, _ := c.customer["messaging_binding"].(object)
		if binding != nil && other != nil && !c.closed() && binding["address"] == other["address"] && binding["proxy_address"] == other["proxy_address"] {
			return c
		}
	}
	return nil
}

// addConversation adds a conversation with some fields.
func (a *API) addConversation(source string, fields object) *conversation {
	c := &conversation{fields: a.newObject("CH", root+"/Conversations", object{
		"messaging_service_sid": nil, "unique_name": nil, "timers": object{}, "bindings": object{},
	})}
	maps.Copy(c.fields, fields)
	c.fields["state"] = "active"
	c.fields["links"] = object{"participants": c.url() + "/Participants", "messages": c.url() + "/Messages", "webhooks": c.url() + "/Webhooks"}
	a.conversations = append(a.conversations, c)
	a.notify(frontline.EventConversationAdded, source, c.fields)
	return c
}

// createConversation creates a conversation and its participants.
func (a *API) createConversation(r *request) (int, any) {
	var participants []object
	json.Unmarshal([]byte("["+strings.Join(r.PostForm["Participant"], ",")+"]"), &participants)
	fields := object{"friendly_name": nil, "attributes": "{}"}
	r.set(fields)
	a.ask(r.source, fields)
	for _, p := range participants {
		if other := a.withBinding(p["messaging_binding"]); other != nil {
			return refuse(http.StatusConflict, domain.CodeDuplicateAddresses,
				"A conversation with the given participants already exists as Conversation "+other.fields["sid"].(string))
		}
	}
	c := a.addConversation(r.source, fields)
	for _, p := range participants {
		a.addParticipant(c, r.source, p)
	}
	return http.StatusCreated, c.fields
}

// listConversations lists the conversations of a state, or all.
func (a *API) listConversations(r *request) (int, any) {
	var rows []object
	for _, c := range a.conversations {
		if state := r.FormValue("State"); state == "" || state == c.fields["state"] {
			rows = append(rows, c.fields)
		}
	}
	return r.page("conversations", rows)
}

// participantConversations lists the conversations with a worker or with an address.
func (a *API) participantConversations(r *request) (int, any) {
	var rows []object
	for _, c := range a.conversations {
		for _, p := range c.participants {
			identity, _ := p["identity"].(string)
			if (identity == "" || !strings.EqualFold(identity, r.FormValue("Identity"))) && get(p, "MessagingBinding.Address") != r.FormValue("Address") {
				continue
			}
			row := object{
				"account_sid": a.options.AccountSID, "chat_service_sid": a.options.ServiceSID, "participant_sid": p["sid"], "participant_user_sid": nil,
				"participant_identity": p["identity"], "participant_messaging_binding": p["messaging_binding"], "conversation_created_by": "system",
				"links": object{"conversation": c.url(), "participant": p["url"]},
			}
			for _, name := range strings.Fields("sid friendly_name unique_name state attributes timers date_created date_updated") {
				row["conversation_"+name] = c.fields[name]
			}
			rows = append(rows, row)
		}
	}
	return r.page("conversations", rows)
}

// update returns what the path of a request names, changed by its form if it has one.
func (a *API) update(r *request) (int, any) {
	from := r.target["state"]
	if len(r.PostForm) > 0 {
		r.set(r.target)
		r.target["date_updated"] = now()
	}
	if to := r.target["state"]; to != from {
		a.notify(frontline.EventConversationStateUpdated, r.source, r.target, "StateFrom", from.(string), "StateTo", to.(string))
	}
	return http.StatusOK, r.target
}

// channelOf returns the type of the channel of an address.
func channelOf(address string) string {
	if strings.HasPrefix(address, text.WhatsAppPrefix) {
		return domain.WhatsApp
	}
	return domain.SMS
}

// addParticipant adds a worker, whose fields have an identity, or a customer, with a
// messaging binding.
func (a *API) addParticipant(c *conversation, source string, fields object) object {
	p := a.newObject("MB", c.url()+"/Participants", object{
		"conversation_sid": c.fields["sid"], "identity": nil, "messaging_binding": nil, "attributes": "{}", "role_sid": newSID("RL"),
		"last_read_message_index": nil, "last_read_timestamp": nil,
	})
	maps.Copy(p, fields)
	if binding, ok := p["messaging_binding"].(object); ok {
		binding["type"] = channelOf(binding["address"].(string))
		c.customer = p
	}
	c.participants = append(c.participants, p)
	a.notify(frontline.EventParticipantAdded, source, p)
	return p
}

func (a *API) listParticipants(r *request) (int, any) {
	return r.page("participants", r.c.participants)
}

// createParticipant adds a worker. Customers come with a new conversation only.
func (a *API) createParticipant(r *request) (int, any) {
	fields := object{}
	r.set(fields)
	for _, p := range r.c.participants {
		if p["identity"] == fields["identity"] {
			return refuse(http.StatusConflict, 50433, "Participant already exists")
		}
	}
	return http.StatusCreated, a.addParticipant(r.c, r.source, fields)
}

func (a *API) deleteParticipant(r *request) (int, any) {
	r.c.participants = slices.DeleteFunc(r.c.participants, func(p object) bool { return p["sid"] == r.target["sid"] })
	a.notify(frontline.EventParticipantRemoved, r.source, r.target)
	return http.StatusNoContent, nil
}
