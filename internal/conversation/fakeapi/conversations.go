package fakeapi

import (
	"cmp"
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
	answered               bool // by Options.Answer
}

func (c *conversation) url() string  { return c.fields["url"].(string) }
func (c *conversation) closed() bool { return c.fields["state"] == "closed" }

// customer returns the participant who is a customer, nil for none.
func (c *conversation) customer() object {
	for _, p := range c.participants {
		if p["messaging_binding"] != nil {
			return p
		}
	}
	return nil
}

// withBinding returns the open conversation of a customer and one of the company's
// addresses, nil for none.
func (a *API) withBinding(address, proxy string) *conversation {
	for _, c := range a.conversations {
		p := c.customer()
		if !c.closed() && get(p, "MessagingBinding.Address") == address && get(p, "MessagingBinding.ProxyAddress") == proxy {
			return c
		}
	}
	return nil
}

// resolve finds what the path of a request names. A conversation that is closed cannot be
// changed.
func (a *API) resolve(r *request) (status int, body any) {
	if sid := r.PathValue("CH"); sid != "" {
		i := slices.IndexFunc(a.conversations, func(c *conversation) bool { return c.fields["sid"] == sid })
		if i < 0 {
			return notFound(r)
		}
		r.c = a.conversations[i]
		r.target = r.c.fields
		if r.c.closed() && r.Method != http.MethodGet {
			return refuse(http.StatusBadRequest, domain.CodeClosed, "Conversation "+sid+" is closed")
		}
	}
	for kind, all := range map[string][]object{"MB": r.c.participants, "IM": r.c.messages, "IG": a.addresses} {
		if sid := r.PathValue(kind); sid != "" {
			if r.target = find(all, sid); r.target == nil {
				return notFound(r)
			}
		}
	}
	return http.StatusOK, nil
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
	var all []struct {
		Identity, Attributes string
		Binding              struct {
			Address string
			Proxy   string `json:"proxy_address"`
		} `json:"messaging_binding"`
	}
	if json.Unmarshal([]byte("["+strings.Join(r.PostForm["Participant"], ",")+"]"), &all) != nil {
		return invalid("Participant")
	}
	fields := object{"friendly_name": orNull(r.FormValue("FriendlyName")), "attributes": cmp.Or(r.FormValue("Attributes"), "{}")}
	if !a.ask(r.source, fields) {
		return refuse(http.StatusForbidden, 50303, "The webhook refused the request")
	}
	for _, p := range all {
		if other := a.withBinding(p.Binding.Address, p.Binding.Proxy); other != nil {
			return refuse(http.StatusConflict, domain.CodeDuplicateAddresses,
				"A conversation with the given participants already exists as Conversation "+other.fields["sid"].(string))
		}
	}
	c := a.addConversation(r.source, fields)
	for _, p := range all {
		a.addParticipant(c, r.source, p.Identity, p.Binding.Address, p.Binding.Proxy, p.Attributes)
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
	if r.Method == http.MethodPost {
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

// addParticipant adds a worker with an identity, or a customer with an address.
func (a *API) addParticipant(c *conversation, source, identity, address, proxy, attributes string) object {
	p := a.newObject("MB", c.url()+"/Participants", object{
		"conversation_sid": c.fields["sid"], "identity": orNull(identity), "attributes": cmp.Or(attributes, "{}"), "role_sid": newSID("RL"),
		"messaging_binding": nil, "last_read_message_index": nil, "last_read_timestamp": nil,
	})
	if address != "" {
		p["messaging_binding"] = object{"type": channelOf(address), "address": address, "proxy_address": proxy}
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
	identity := r.FormValue("Identity")
	for _, p := range r.c.participants {
		if p["identity"] == identity {
			return refuse(http.StatusConflict, 50433, "Participant already exists")
		}
	}
	return http.StatusCreated, a.addParticipant(r.c, r.source, identity, "", "", r.FormValue("Attributes"))
}

func (a *API) deleteParticipant(r *request) (int, any) {
	r.c.participants = slices.DeleteFunc(r.c.participants, func(p object) bool { return p["sid"] == r.target["sid"] })
	a.notify(frontline.EventParticipantRemoved, r.source, r.target)
	return http.StatusNoContent, nil
}
