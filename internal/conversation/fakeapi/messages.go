package fakeapi

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/clientele-project/clientele/frontline"
)

// addMessage adds a message of an author with some fields. One that a customer did not
// write is delivered to the customer.
func (a *API) addMessage(c *conversation, source, author string, fields object) object {
	m := a.newObject("IM", c.url()+"/Messages", object{
		"conversation_sid": c.fields["sid"], "index": len(c.messages), "author": author, "participant_sid": nil, "body": nil,
		"media": nil, "attributes": "{}", "delivery": nil, "content_sid": nil,
	})
	maps.Copy(m, fields)
	address := m["url"].(string)
	m["links"] = object{"delivery_receipts": address + "/Receipts", "channel_metadata": address + "/ChannelMetadata"}
	for _, p := range c.participants {
		if p["identity"] == author || get(p, "MessagingBinding.Address") == author {
			m["participant_sid"] = p["sid"]
		}
	}
	if customer := c.customer(); customer != nil && customer["sid"] != m["participant_sid"] {
		m["delivery"] = delivery("")
	}
	c.messages = append(c.messages, m)
	a.notify(frontline.EventMessageAdded, source, m)
	return m
}

// reached says of each status at which others it is reached. What is read was delivered,
// and what was delivered was sent; what failed was not.
var reached = map[string][]string{
	"sent":        {"sent", "delivered", "read", "undelivered"},
	"delivered":   {"delivered", "read"},
	"read":        {"read"},
	"failed":      {"failed"},
	"undelivered": {"undelivered"},
}

// delivery returns how far a message came that is at a status, to its only recipient.
func delivery(at string) object {
	o := object{"total": 1}
	for status, those := range reached {
		o[status] = "none"
		if slices.Contains(those, at) {
			o[status] = "all"
		}
	}
	return o
}

// deliver sets how far a message came, and returns the receipt of it.
func (a *API) deliver(c *conversation, m object, status string, code int) (receipt object) {
	m["delivery"] = delivery(status)
	receipt = a.newObject("DY", m["url"].(string)+"/Receipts", object{
		"conversation_sid": c.fields["sid"], "message_sid": m["sid"], "channel_message_sid": newSID("SM"), "participant_sid": c.customer()["sid"],
		"status": status, "error_code": code,
	})
	a.receipts[m["sid"].(string)] = receipt
	return receipt
}

func (a *API) listReceipts(r *request) (int, any) {
	var all []object
	if receipt := a.receipts[r.PathValue("IM")]; receipt != nil {
		all = append(all, receipt)
	}
	return r.page("delivery_receipts", all)
}

func (a *API) listMessages(r *request) (int, any) {
	all := slices.Clone(r.c.messages)
	if r.FormValue("Order") == "desc" {
		slices.Reverse(all)
	}
	return r.page("messages", all)
}

func (a *API) createMessage(r *request) (int, any) {
	m := a.addMessage(r.c, r.source, cmp.Or(r.FormValue("Author"), "system"), object{
		"body": orNull(r.FormValue("Body")), "attributes": cmp.Or(r.FormValue("Attributes"), "{}"), "content_sid": orNull(r.FormValue("ContentSid")),
	})
	a.deliverLater(r.c, m)
	return http.StatusCreated, m
}

// Media is a file that a customer sends.
type Media struct {
	Filename, ContentType string
	Content               []byte
}

// contentPath is where files are read without credentials.
const contentPath = "/media-content/"

// addMedia adds files, and returns what messages say of them, nil for none.
func (a *API) addMedia(files []Media) any {
	var all []object
	for _, f := range files {
		sid := newSID("ME")
		a.media[sid] = f
		all = append(all, object{"sid": sid, "size": len(f.Content), "content_type": f.ContentType, "filename": orNull(f.Filename)})
	}
	if all == nil {
		return nil
	}
	return all
}

func (a *API) mediaDetails(r *request) (int, any) {
	sid := r.PathValue("ME")
	f, ok := a.media[sid]
	if !ok {
		return notFound(r)
	}
	base := cmp.Or(r.URL.Scheme, "http") + "://" + r.Host // has no scheme over a network
	return http.StatusOK, object{
		"sid": sid, "service_sid": a.options.ServiceSID, "account_sid": a.options.AccountSID, "category": "media", "filename": orNull(f.Filename),
		"content_type": f.ContentType, "size": len(f.Content), "date_created": now(), "date_upload_updated": now(),
		"url": base + r.URL.Path, "links": object{"content": r.URL.Path + "/Content", "content_direct_temporary": base + contentPath + sid},
	}
}

// content responds with a file. Its address takes no credentials, as real ones do.
func (a *API) content(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.media[r.PathValue("ME")]
	w.Header().Set("Content-Type", f.ContentType)
	w.WriteHeader(http.StatusOK)
	w.Write(f.Content)
}
