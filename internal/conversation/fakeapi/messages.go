package fakeapi

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

type message struct {
	sid                                           string
	index                                         int
	author, participant, body, attributes, source string
	contentSID                                    string
	media                                         []*media
	created                                       time.Time
	receipts                                      []*receipt
}

// A receipt is the delivery of a message to one customer. Its status is "" at first.
type receipt struct {
	sid, participant, status string
	code                     int
	updated                  time.Time
}

// addMessage adds a message of an author, with receipts for the customers among the others.
func (a *API) addMessage(c *conversation, m *message) *message {
	m.sid, m.created = newSID("IM"), a.now()
	if n := len(c.messages); n > 0 {
		m.index = c.messages[n-1].index + 1
	}
	for _, p := range c.participants {
		if p.identity == m.author || p.address == m.author {
			m.participant = p.sid
		} else if p.address != "" {
			m.receipts = append(m.receipts, &receipt{sid: newSID("DY"), participant: p.sid})
		}
	}
	c.messages = append(c.messages, m)
	return m
}

// reached says of each status how many receipts came so far. What is read was delivered,
// and what was delivered was sent; what failed was not.
var reached = map[string][]string{
	"sent":        {"sent", "delivered", "read", "undelivered"},
	"delivered":   {"delivered", "read"},
	"read":        {"read"},
	"failed":      {"failed"},
	"undelivered": {"undelivered"},
}

// delivery returns how far the message came, nil when it went to no customer.
func (m *message) delivery() any {
	if len(m.receipts) == 0 {
		return nil
	}
	o := object{"total": len(m.receipts)}
	for status, those := range reached {
		n := 0
		for _, r := range m.receipts {
			if slices.Contains(those, r.status) {
				n++
			}
		}
		switch n {
		case 0:
			o[status] = "none"
		case len(m.receipts):
			o[status] = "all"
		default:
			o[status] = "some"
		}
	}
	return o
}

func (a *API) renderMessage(r *request, m *message) object {
	address := r.root + "/Conversations/" + r.c.sid + "/Messages/" + m.sid
	return r.scopedTo(a.options.ServiceSID, object{
		"sid": m.sid, "account_sid": a.options.AccountSID, "conversation_sid": r.c.sid, "index": m.index, "author": m.author,
		"participant_sid": orNull(m.participant), "body": orNull(m.body), "media": m.renderMedia(), "attributes": orEmptyObject(m.attributes),
		"date_created": date(m.created), "date_updated": date(m.created), "delivery": m.delivery(), "content_sid": orNull(m.contentSID),
		"url": address, "links": object{"delivery_receipts": address + "/Receipts", "channel_metadata": address + "/ChannelMetadata"},
	})
}

func (a *API) listMessages(r *request) response {
	all := slices.Clone(r.c.messages)
	if r.values.Get("Order") == "desc" {
		slices.Reverse(all)
	}
	return page(r, "messages", all, func(m *message) string { return m.sid }, func(m *message) object {
		return a.renderMessage(r, m)
	})
}

func (a *API) fetchMessage(r *request) response {
	return respond(http.StatusOK, a.renderMessage(r, r.m))
}

func (a *API) createMessage(r *request) response {
	get := r.values.Get
	m := &message{author: cmp.Or(get("Author"), "system"), body: get("Body"), attributes: get("Attributes"), contentSID: get("ContentSid"), source: "API"}
	if file := a.media[get("MediaSid")]; file != nil {
		m.media = append(m.media, file)
	}
	switch {
	case m.body == "" && m.contentSID == "" && len(m.media) == 0:
		return invalid("Body")
	case !validAttributes(m.attributes):
		return invalid("Attributes")
	}
	a.addMessage(r.c, m)
	if r.notify {
		a.notifyMessage(r.c, m)
	}
	a.deliverLater(r.c, m)
	return respond(http.StatusCreated, a.renderMessage(r, m))
}

func (a *API) listReceipts(r *request) response {
	m := r.m
	made := slices.DeleteFunc(slices.Clone(m.receipts), func(d *receipt) bool { return d.status == "" })
	return page(r, "delivery_receipts", made, func(d *receipt) string { return d.sid }, func(d *receipt) object {
		return r.scopedTo(a.options.ServiceSID, object{
			"sid": d.sid, "account_sid": a.options.AccountSID, "conversation_sid": r.c.sid, "message_sid": m.sid, "channel_message_sid": "SM" + d.sid[2:],
			"participant_sid": d.participant, "status": d.status, "error_code": d.code, "date_created": date(m.created), "date_updated": date(d.updated),
			"url": r.root + "/Conversations/" + r.c.sid + "/Messages/" + m.sid + "/Receipts/" + d.sid,
		})
	})
}
