package fakeapi

import (
	"context"
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

// An event is one that already took effect.
type event = url.Values

// WebhookFault is what goes wrong with events that already took effect.
type WebhookFault int

// The faults of webhooks.
const (
	WebhooksInOrder  WebhookFault = iota // nothing goes wrong
	WebhooksTwice                        // each comes twice
	WebhooksReversed                     // those of one act come in the wrong order
	WebhooksLost                         // none comes
)

// SetWebhookFault sets what goes wrong with events from now on.
func (a *API) SetWebhookFault(f WebhookFault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.webhookFault = f
}

// webhookDate returns a time as webhooks write it.
func webhookDate(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// newEvent returns an event with names and values of its own.
func (a *API) newEvent(kind, source string, pairs ...string) event {
	e := event{
		"EventType": {kind}, "AccountSid": {a.options.AccountSID}, "ChatServiceSid": {a.options.ServiceSID},
		"RetryCount": {"0"}, "Source": {source},
	}
	for i := 0; i < len(pairs); i += 2 {
		e.Set(pairs[i], pairs[i+1])
	}
	return e
}

// askBefore sends the event before a conversation of workers is made, and applies the
// response to the request. It reports whether the conversation may be made.
func (a *API) askBefore(r *request, kind string) bool {
	e := a.newEvent(kind, "API", "FriendlyName", r.values.Get("FriendlyName"), "Attributes", orEmptyObject(r.values.Get("Attributes")), "State", "initializing")
	answer, ok := a.ask(r.Context(), e)
	if answer.Name != "" {
		r.values.Set("FriendlyName", answer.Name)
	}
	if answer.Attributes != "" {
		r.values.Set("Attributes", answer.Attributes)
	}
	return ok
}

// An answer is what a webhook changes in a new conversation.
type answer struct {
	Name       string `json:"friendly_name"`
	Attributes string `json:"attributes"`
}

// ask sends an event that has not taken effect yet, and reports whether it may. A webhook
// that fails is as none.
func (a *API) ask(ctx context.Context, e event) (answer, bool) {
	status, body := a.send(ctx, e, func(w *webhooks) string { return w.pre })
	var changes answer
	if status == http.StatusOK {
		json.Unmarshal(body, &changes) // what is not valid changes nothing
	}
	return changes, status < 400 || status >= 500
}

// notify queues an event of a conversation. The caller holds the lock.
func (a *API) notify(c *conversation, kind, source string, pairs ...string) {
	e := a.newEvent(kind, source, pairs...)
	e.Set("ConversationSid", c.sid)
	a.events = append(a.events, e)
	if !a.delivering {
		a.delivering = true
		go a.deliverEvents()
	}
}

func (a *API) notifyConversation(c *conversation, kind, source string) {
	a.notify(c, kind, source, "FriendlyName", c.name, "UniqueName", c.uniqueName, "Attributes", orEmptyObject(c.attributes),
		"State", c.state, "DateCreated", webhookDate(c.created), "DateUpdated", webhookDate(c.updated))
}

func (a *API) notifyParticipant(c *conversation, p *participant, kind, source string, pairs ...string) {
	pairs = append(pairs, "ParticipantSid", p.sid, "DateCreated", webhookDate(p.created), "RoleSid", "RL"+p.sid[2:])
	if p.attributes != nil {
		pairs = append(pairs, "Attributes", *p.attributes)
	}
	if p.identity != "" {
		pairs = append(pairs, "Identity", p.identity)
	} else {
		pairs = append(pairs, "MessagingBinding.Address", p.address, "MessagingBinding.ProxyAddress", p.proxy, "MessagingBinding.Type", channelOf(p.address))
	}
	a.notify(c, kind, source, pairs...)
}

func (a *API) notifyMessage(c *conversation, m *message) {
	pairs := []string{
		"MessageSid", m.sid, "Index", strconv.Itoa(m.index), "Body", m.body, "Author", m.author, "Attributes", orEmptyObject(m.attributes),
		"DateCreated", webhookDate(m.created), "ParticipantSid", m.participant,
	}
	if len(m.media) > 0 {
		var all []object
		for _, f := range m.media {
			all = append(all, object{"Sid": f.sid, "Filename": f.Filename, "ContentType": f.ContentType, "Size": len(f.Content)})
		}
		b, _ := json.Marshal(all) // strings and numbers
		pairs = append(pairs, "Media", string(b))
	}
	a.notify(c, "onMessageAdded", m.source, pairs...)
}

// deliverEvents sends the events in order until there are none.
func (a *API) deliverEvents() {
	for {
		a.mu.Lock()
		batch, fault := a.events, a.webhookFault
		a.events = nil
		a.delivering = len(batch) > 0
		a.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if fault == WebhooksReversed {
			slices.Reverse(batch)
		}
		for _, e := range batch {
			if fault == WebhooksLost {
				continue
			}
			post := func(w *webhooks) string { return w.post }
			a.send(context.Background(), e, post)
			if fault == WebhooksTwice {
				a.send(context.Background(), e, post)
			}
		}
	}
}

// send sends an event to the webhook: the one of the service, or else of the account. The
// status is 0 when there is none, or when it does not respond.
func (a *API) send(ctx context.Context, e event, address func(*webhooks) string) (status int, body []byte) {
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	if a.options.Webhook != nil {
		return a.options.Webhook(ctx, e)
	}
	a.mu.Lock()
	w := a.service
	if address(&w) == "" {
		w = a.account
	}
	a.mu.Unlock()
	to := address(&w)
	if to == "" || !slices.Contains(w.filters, e.Get("EventType")) {
		return 0, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(e.Encode()))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(frontline.SignatureHeader, frontline.Sign(a.options.AuthToken, to, e))
	resp, err := a.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	body, _ = io.ReadAll(resp.Body)
	return resp.StatusCode, body
}
