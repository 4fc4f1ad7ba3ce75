package fakeapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// webhookTimeout is how long the service waits for a response.
const webhookTimeout = 5 * time.Second

// eventParameters are the parameters of events about a resource, by the kind of its SID.
// The first one is the SID.
var eventParameters = map[string]string{
	"CH": "ConversationSid FriendlyName UniqueName Attributes State DateCreated DateUpdated",
	"MB": "ParticipantSid ConversationSid Identity Attributes RoleSid DateCreated DateUpdated " +
		"MessagingBinding.Type MessagingBinding.Address MessagingBinding.ProxyAddress",
	"IM": "MessageSid ConversationSid Index Body Author ParticipantSid Attributes Media DateCreated",
	"DY": "DeliveryReceiptSid ConversationSid MessageSid ChannelMessageSid ParticipantSid Status ErrorCode DateCreated DateUpdated",
}

// newEvent returns an event about a resource, with names and values of its own.
func (a *API) newEvent(event, source, kind string, o object, pairs ...string) url.Values {
	e := url.Values{
		"EventType": {event}, "AccountSid": {a.options.AccountSID}, "ChatServiceSid": {a.options.ServiceSID}, "RetryCount": {"0"}, "Source": {source},
	}
	for i, parameter := range strings.Fields(eventParameters[kind]) {
		value := get(o, parameter)
		if i == 0 {
			value = o["sid"]
		}
		switch v := value.(type) {
		case string:
			e.Set(parameter, v)
		case int:
			e.Set(parameter, strconv.Itoa(v))
		case date:
			e.Set(parameter, v.UTC().Format("2006-01-02T15:04:05.000Z"))
		case []object: // media
			b, _ := json.Marshal(v) // strings and numbers
			e.Set(parameter, string(b))
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		e.Set(pairs[i], pairs[i+1])
	}
	return e
}

// ask posts the event before a conversation with some fields is added. The response may
// change them. The caller holds the lock, which ask releases meanwhile.
func (a *API) ask(source string, fields object, pairs ...string) {
	if source == "" {
		return
	}
	fields["state"] = "initializing"
	e := a.newEvent(frontline.EventConversationAdd, source, "CH", fields, pairs...)
	a.mu.Unlock()
	response := a.post(e, "pre_webhook_url")
	a.mu.Lock()
	json.Unmarshal(response, &fields) // what is not valid changes nothing
}

// notify queues an event about a resource of a conversation. An act without a source causes
// none. The caller holds the lock.
func (a *API) notify(event, source string, o object, pairs ...string) {
	if source == "" {
		return
	}
	kind := o["sid"].(string)[:2]
	a.events = append(a.events, a.newEvent(event, source, kind, o, pairs...))
	if !a.posting {
		a.posting = true
		go a.postEvents()
	}
}

// postEvents posts the events in order until there are none.
func (a *API) postEvents() {
	for {
		a.mu.Lock()
		batch := a.events
		a.events = nil
		a.posting = len(batch) > 0
		a.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if a.options.Change != nil {
			batch = a.options.Change(batch)
		}
		for _, e := range batch {
			a.post(e, "post_webhook_url")
		}
	}
}

// post posts an event to the webhook of the service, or else of the account, and returns the
// response, nil for none.
func (a *API) post(e url.Values, webhook string) []byte {
	a.mu.Lock()
	w := a.webhooks[a.options.ServiceSID]
	if w[webhook] == nil {
		w = a.webhooks[""]
	}
	to, _ := w[webhook].(string)
	wanted := slices.Contains(w["filters"].([]string), e.Get("EventType"))
	a.mu.Unlock()
	if to == "" || !wanted {
		return nil
	}
	req, err := http.NewRequest(http.MethodPost, to, strings.NewReader(e.Encode()))
	if err != nil {
		return nil
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(frontline.SignatureHeader, frontline.Sign(a.options.AuthToken, to, e))
	resp, err := a.client.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return body
}
