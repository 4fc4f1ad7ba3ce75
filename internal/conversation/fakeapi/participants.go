package fakeapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	domain "github.com/clientele-project/clientele/internal/conversation"
)

type participant struct {
	sid, identity, address, proxy string
	// attributes are nil when the API is to report null.
	attributes       *string
	lastRead         *int
	readAt           time.Time
	created, updated time.Time
}

func (a *API) newParticipant(identity, address, proxy, attributes string) *participant {
	now := a.now()
	attributes = orEmptyObject(attributes)
	return &participant{
		sid: newSID("MB"), identity: identity, address: address, proxy: proxy, attributes: &attributes, created: now, updated: now,
	}
}

// channelOf returns the type of the channel of an address.
func channelOf(address string) string {
	if strings.HasPrefix(address, "whatsapp:") {
		return domain.WhatsApp
	}
	return domain.SMS
}

// binding returns the messaging binding, which a worker has not.
func (p *participant) binding() any {
	if p.address == "" {
		return nil
	}
	return object{"type": channelOf(p.address), "address": p.address, "proxy_address": p.proxy}
}

func (a *API) renderParticipant(r *request, p *participant) object {
	var readAt any
	if p.lastRead != nil {
		readAt = date(p.readAt)
	}
	return r.scopedTo(a.options.ServiceSID, object{
		"account_sid": a.options.AccountSID, "conversation_sid": r.c.sid, "sid": p.sid, "identity": orNull(p.identity), "attributes": p.attributes,
		"messaging_binding": p.binding(), "role_sid": "RL" + p.sid[2:], "date_created": date(p.created), "date_updated": date(p.updated),
		"last_read_message_index": p.lastRead, "last_read_timestamp": readAt, "url": r.root + "/Conversations/" + r.c.sid + "/Participants/" + p.sid,
	})
}

func (a *API) listParticipants(r *request) response {
	return page(r, "participants", r.c.participants, func(p *participant) string { return p.sid }, func(p *participant) object {
		return a.renderParticipant(r, p)
	})
}

func (a *API) fetchParticipant(r *request) response {
	return respond(http.StatusOK, a.renderParticipant(r, r.p))
}

func (a *API) createParticipant(r *request) response {
	c, get := r.c, r.values.Get
	identity, address, proxy := get("Identity"), get("MessagingBinding.Address"), get("MessagingBinding.ProxyAddress")
	switch {
	case (identity == "") == (address == ""), address != "" && proxy == "":
		return invalid("Identity or MessagingBinding.Address")
	case !validAttributes(get("Attributes")):
		return invalid("Attributes")
	case identity != "" && slices.ContainsFunc(c.participants, func(p *participant) bool { return p.identity == identity }):
		return refuse(http.StatusConflict, 50433, "Participant already exists")
	}
	if other := a.byBinding(address, proxy); other != nil {
		return refuse(http.StatusConflict, domain.CodeDuplicateBinding,
			"A binding for this participant and proxy address already exists in Conversation "+other.sid)
	}
	p := a.newParticipant(identity, address, proxy, get("Attributes"))
	c.participants = append(c.participants, p)
	if r.notify {
		a.notifyParticipant(c, p, "onParticipantAdded", "API")
	}
	return respond(http.StatusCreated, a.renderParticipant(r, p))
}

func (a *API) updateParticipant(r *request) response {
	p, attributes := r.p, r.values.Get("Attributes")
	if !validAttributes(attributes) {
		return invalid("Attributes")
	}
	p.updated = a.now()
	if r.values.Has("Attributes") {
		p.attributes = &attributes
	}
	if r.values.Has("LastReadMessageIndex") {
		index, _ := strconv.Atoi(r.values.Get("LastReadMessageIndex"))
		p.lastRead, p.readAt = &index, p.updated
	}
	if r.notify {
		a.notifyParticipant(r.c, p, "onParticipantUpdated", "API")
	}
	return respond(http.StatusOK, a.renderParticipant(r, p))
}

func (a *API) deleteParticipant(r *request) response {
	r.c.participants = slices.DeleteFunc(r.c.participants, func(p *participant) bool { return p == r.p })
	if r.notify {
		a.notifyParticipant(r.c, r.p, "onParticipantRemoved", "API", "DateRemoved", webhookDate(a.now()))
	}
	return response{status: http.StatusNoContent}
}
