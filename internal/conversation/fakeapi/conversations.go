package fakeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	domain "github.com/clientele-project/clientele/internal/conversation"
)

type conversation struct {
	sid, name, uniqueName, attributes, state string
	created, updated, initializingUntil      time.Time
	participants                             []*participant
	messages                                 []*message
	answered                                 bool
}

func (c *conversation) closed() bool { return c.state == "closed" }

// byBinding returns the open conversation of a customer and one of the company's addresses.
func (a *API) byBinding(address, proxy string) *conversation {
	return find(a.conversations, func(c *conversation) bool {
		return !c.closed() && slices.ContainsFunc(c.participants, func(p *participant) bool {
			return p.address != "" && p.address == address && p.proxy == proxy
		})
	})
}

// resolve finds what the path of a request names, or else returns the response that refuses
// it. Nothing may be written to a closed conversation, and the participants of one that is
// initializing are not found.
func (a *API) resolve(r *request) *response {
	missing := notFound(r.Request)
	sid, participantSID, messageSID := r.PathValue("CH"), r.PathValue("MB"), r.PathValue("IM")
	if sid == "" {
		return nil
	}
	r.c = find(a.conversations, func(c *conversation) bool { return c.sid == sid })
	switch {
	case r.c == nil, strings.Contains(r.URL.Path, "/Participants") && a.stateNow(r.c) == "initializing":
		return &missing
	case r.c.closed() && r.Method != http.MethodGet:
		closed := refuse(http.StatusBadRequest, domain.CodeClosed, "Conversation "+r.c.sid+" is closed")
		return &closed
	}
	r.p = find(r.c.participants, func(p *participant) bool {
		return p.sid == participantSID || p.identity != "" && p.identity == participantSID
	})
	r.m = find(r.c.messages, func(m *message) bool { return m.sid == messageSID })
	if participantSID != "" && r.p == nil || messageSID != "" && r.m == nil {
		return &missing
	}
	return nil
}

// find returns the first that fits, nil for none.
func find[T any](all []*T, fits func(*T) bool) *T {
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return all[i]
	}
	return nil
}

func (a *API) newConversation(name, attributes string) *conversation {
	now := a.now()
	c := &conversation{
		sid: newSID("CH"), name: name, attributes: attributes, state: "active", created: now, updated: now, initializingUntil: now.Add(a.initializing),
	}
	a.conversations = append(a.conversations, c)
	return c
}

// stateNow returns the state that the API reports.
func (a *API) stateNow(c *conversation) string {
	if a.now().Before(c.initializingUntil) {
		return "initializing"
	}
	return c.state
}

func (a *API) renderConversation(r *request, c *conversation) object {
	address := r.root + "/Conversations/" + c.sid
	return object{
		"sid": c.sid, "account_sid": a.options.AccountSID, "chat_service_sid": a.options.ServiceSID, "messaging_service_sid": nil,
		"friendly_name": orNull(c.name), "unique_name": orNull(c.uniqueName), "attributes": orEmptyObject(c.attributes), "state": a.stateNow(c),
		"date_created": date(c.created), "date_updated": date(c.updated), "timers": object{}, "bindings": object{}, "url": address,
		"links": object{"participants": address + "/Participants", "messages": address + "/Messages", "webhooks": address + "/Webhooks"},
	}
}

func orEmptyObject(attributes string) string {
	if attributes == "" {
		return "{}"
	}
	return attributes
}

// validAttributes reports whether attributes may be written: JSON of a limited size.
func validAttributes(attributes string) bool {
	return attributes == "" || len(attributes) <= domain.MaxAttributes && json.Valid([]byte(attributes))
}

// listConversations lists the conversations of a state, or all. It ignores the dates.
func (a *API) listConversations(r *request) response {
	state := r.values.Get("State")
	all := slices.DeleteFunc(slices.Clone(a.conversations), func(c *conversation) bool { return state != "" && c.state != state })
	return page(r, "conversations", all, func(c *conversation) string { return c.sid }, func(c *conversation) object { return a.renderConversation(r, c) })
}

func (a *API) fetchConversation(r *request) response {
	return respond(http.StatusOK, a.renderConversation(r, r.c))
}

func (a *API) updateConversation(r *request) response {
	c := r.c
	if !validAttributes(r.values.Get("Attributes")) {
		return invalid("Attributes")
	}
	from := c.state
	r.set(map[string]*string{"FriendlyName": &c.name, "UniqueName": &c.uniqueName, "Attributes": &c.attributes, "State": &c.state})
	c.updated = a.now()
	if r.notify {
		if c.state != from {
			a.notify(c, "onConversationStateUpdated", "API", "StateFrom", from, "StateTo", c.state, "StateUpdated", webhookDate(c.updated), "Reason", "API")
		}
		a.notifyConversation(c, "onConversationUpdated", "API")
	}
	return respond(http.StatusOK, a.renderConversation(r, c))
}

// createWithParticipants creates a conversation and its participants, or nothing.
func (a *API) createWithParticipants(r *request) response {
	type participantJSON struct {
		Identity   string `json:"identity"`
		Attributes string `json:"attributes"`
		RoleSID    string `json:"role_sid"`
		Binding    struct {
			Address   string `json:"address"`
			Proxy     string `json:"proxy_address"`
			Projected string `json:"projected_address"`
		} `json:"messaging_binding"`
	}
	var all []*participant
	for _, text := range r.values["Participant"] {
		var p participantJSON
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.DisallowUnknownFields()
		if decoder.Decode(&p) != nil || (p.Identity == "") == (p.Binding.Address == "") || !validAttributes(p.Attributes) {
			return invalid("Participant")
		}
		if c := a.byBinding(p.Binding.Address, p.Binding.Proxy); c != nil {
			return refuse(http.StatusConflict, domain.CodeDuplicateAddresses,
				"A conversation with the given participants already exists as Conversation "+c.sid)
		}
		all = append(all, a.newParticipant(p.Identity, p.Binding.Address, p.Binding.Proxy, p.Attributes))
	}
	if len(all) > 10 || !validAttributes(r.values.Get("Attributes")) {
		return invalid("Participant")
	}
	c := a.newConversation(r.values.Get("FriendlyName"), r.values.Get("Attributes"))
	c.uniqueName = r.values.Get("UniqueName")
	c.participants = all
	if r.notify {
		a.notifyConversation(c, "onConversationAdded", "API")
		for _, p := range all {
			a.notifyParticipant(c, p, "onParticipantAdded", "API")
		}
	}
	return respond(http.StatusCreated, a.renderConversation(r, c))
}

// participantConversations lists the conversations with a worker or with an address.
func (a *API) participantConversations(r *request) response {
	identity, address := r.values.Get("Identity"), r.values.Get("Address")
	if (identity == "") == (address == "") {
		return invalid("Identity or Address")
	}
	type row struct {
		c *conversation
		p *participant
	}
	var all []row
	for _, c := range a.conversations {
		for _, p := range c.participants {
			if identity != "" && strings.EqualFold(p.identity, identity) || address != "" && p.address == address {
				all = append(all, row{c, p})
			}
		}
	}
	return page(r, "conversations", all, func(row row) string { return row.p.sid }, func(row row) object {
		c, p := row.c, row.p
		conversation := fmt.Sprintf("%s/Conversations/%s", r.root, c.sid)
		var user any
		if p.identity != "" {
			user = "US" + p.sid[2:]
		}
		return object{
			"account_sid": a.options.AccountSID, "chat_service_sid": a.options.ServiceSID, "conversation_sid": c.sid, "participant_sid": p.sid,
			"conversation_friendly_name": orNull(c.name), "conversation_unique_name": orNull(c.uniqueName), "conversation_state": c.state,
			"conversation_attributes": orEmptyObject(c.attributes), "conversation_timers": object{}, "conversation_created_by": "system",
			"conversation_date_created": date(c.created), "conversation_date_updated": date(c.updated),
			"participant_user_sid": user, "participant_identity": orNull(p.identity), "participant_messaging_binding": p.binding(),
			"links": object{"conversation": conversation, "participant": conversation + "/Participants/" + p.sid},
		}
	})
}
