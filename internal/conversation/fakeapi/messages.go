package fakeapi

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/clientele-project/clientele/frontline"
)

// addMessage adds a message with some fields. One that a customer did not write is
// delivered to the customer.
func (a *API) addMessage(c *conversation, source string, fields object) object {
	m := a.newObject("IM", c.url()+"/Messages", object{
		"conversation_sid": c.fields["sid"], "index": len(c.messages), "author": "system", "participant_sid": nil, "body": nil,
		"media": nil, "attributes": "{}", "delivery": nil, "content_sid": nil,
	})
	maps.Copy(m, fields)
	address := m["url"].(string)
	m["links"] = object{"delivery_receipts": address + "/Receipts", "channel_metadata": address + "/ChannelMetadata"}
	for _, p := range c.participants {
		if m["author"] == p["identity"] || m["author"] == get(p, "MessagingBinding.Address") {
			m["participant_sid"] = p["sid"]
		}
	}
	if c.customer["sid"] != m["participant_sid"] {
		m["delivery"] = delivery("")
	}
	c.messages = append(c.messages, m)
	a.notify(frontline.EventMessageAdded, source, m)
	return m
}

// reached are the statuses that a message reached, by its last one.
var reached = map[string][]string{
	"sent": {"sent"}, "delivered": {"sent", "delivered"}, "read": {"sent", "delivered", "read"}, "failed": {"failed"}, "undelivered": {"sent", "undelivered"},
}

// delivery returns how far a message came, to its only recipient.
func delivery(status string) object {
	o := object{"total": 1, "sent": "none", "delivered": "none", "read": "none", "failed": "none", "undelivered": "none"}
	for _, status := range reached[status] {
		o[status] = "all"
	}
	return o
}

// deliver sets how far a message came, and returns the receipt of it.
func (a *API) deliver(c *conversation, m object, status string, code int) (receipt object) {
	m["delivery"] = delivery(status)
	receipt = a.newObject("DY", m["url"].(string)+"/Receipts", object{
		"conversation_sid": c.fields["sid"], "message_sid": m["sid"], "channel_message_sid": newSID("SM"), "participant_sid": c.customer["sid"],
		"status": status, "error_code": code,
	})
	a.receipts[m["sid"].(string)] = []object{receipt}
	return receipt
}

func (a *API) listReceipts(r *request) (int, any) {
	return r.page("delivery_receipts", a.receipts[r.sids["IM"]])
}

func (a *API) listMessages(r *request) (int, any) {
	all := slices.Clone(r.c.messages)
	if r.FormValue("Order") == "desc" {
		slices.Reverse(all)
	}
	return r.page("messages", all)
}

func (a *API) createMessage(r *request) (int, any) {
	fields := object{}
	r.set(fields)
	m := a.addMessage(r.c, r.source, fields)
	a.deliverLater(r.c, m)
	return http.StatusCreated, m
}

// Media is a file that a customer sends.
type Media struct {
	Filename, ContentType string
	Content               []byte
}

// addMedia adds files, and returns what messages say of them.
func (a *API) addMedia(files []Media) (all []object) {
	for _, f := range files {
		sid := newSID("ME")
		a.media[sid] = f
		all = append(all, object{"sid": sid, "size": len(f.Content), "content_type": f.ContentType, "filename": orNull(f.Filename)})
	}
	return all
}

func (a *API) mediaDetails(r *request) (int, any) {
	sid := r.sids["ME"]
	f, ok := a.media[sid]
	if !ok {
		return notFound(r)
	}
	base := cmp.Or(r.URL.Scheme, "http") + "://" + r.Host // has no scheme over a network
	return http.StatusOK, object{
		"sid": sid, "service_sid": a.options.ServiceSID, "account_sid": a.options.AccountSID, "category": "media", "filename": orNull(f.Filename),
		"content_type": f.ContentType, "size": len(f.Content), "date_created": now(), "date_upload_updated": now(),
		"url": base + r.URL.Path, "links": object{"content": r.URL.Path + "/Content", "content_direct_temporary": base + "/v1/Files/" + sid},
	}
}

// file responds with a file itself. Its address takes no credentials, as real ones do.
func (a *API) file(r *request) (int, any) {
	return http.StatusOK, a.media[r.sids["ME"]]
}
