package frontline

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"
)

// Types of conversation events. All but the first one say what has happened.
const (
	// EventConversationAdd comes before a conversation is created. Only its response is
	// used: the ConversationChange.
	EventConversationAdd          = "onConversationAdd"
	EventConversationAdded        = "onConversationAdded"
	EventConversationRemoved      = "onConversationRemoved"
	EventConversationStateUpdated = "onConversationStateUpdated"
	EventParticipantAdded         = "onParticipantAdded"
	EventParticipantRemoved       = "onParticipantRemoved"
	EventMessageAdded             = "onMessageAdded"
	EventMessageUpdated           = "onMessageUpdated"
	EventMessageRemoved           = "onMessageRemoved"
	EventDeliveryUpdated          = "onDeliveryUpdated"
)

// Conversations handles the conversations webhooks of the messaging service.
// Implementations are safe for concurrent use. Errors are those of a [CRM], possibly
// wrapped; after one, the messaging service may send the event again.
type Conversations interface {
	// ConversationEvent handles an event. Events may come twice and in any order. For an
	// event of a type that it does not know, it returns a zero ConversationChange.
	ConversationEvent(ctx context.Context, event ConversationEvent) (ConversationChange, error)
}

// ConversationEvent is an event in the messaging service. Fields that an event of its type
// does not have are zero.
type ConversationEvent struct {
	// Type is a constant of this package, or another type.
	Type            string
	ConversationSID string
	// ServiceSID names the service of the conversation.
	ServiceSID     string
	MessageSID     string
	ParticipantSID string
	// Index is the index of the message, -1 without one.
	Index int
	// Author is a worker's identity, a customer's address or the name of a program.
	Author string
	// Body is the text of the message. Before a conversation is created, it is that of its
	// first message.
	Body string
	// Identity is the identity of a participant who is a worker, "" for a customer.
	Identity string
	// Addresses are the customer's, of a group those of all its members: distinct, in byte
	// order, as the channel writes them. They are absent from a conversation that a worker
	// starts.
	Addresses []string
	// ProxyAddress is the company's address, as the channel writes it.
	ProxyAddress string
	// Attributes are those of the conversation, participant or message: a JSON object, or
	// any other text.
	Attributes string
	// State is the state of the conversation: initializing, active, inactive or closed.
	State string
	// Status is the delivery status of the message, and ErrorCode why it failed, 0 for no
	// reason.
	Status    string
	ErrorCode int
	// DateCreated is zero if the event does not say.
	DateCreated time.Time
	// HasMedia reports whether the message has files.
	HasMedia bool
	// Params are all parameters as they came. They alone are what a Client sends.
	Params url.Values
}

// ConversationChange is what to change about a conversation that is about to be created.
// Empty fields change nothing.
type ConversationChange struct {
	// FriendlyName is the name of the conversation, cut after MaxFriendlyName characters
	// when it is sent.
	FriendlyName string `json:"friendly_name,omitempty"`
	// Attributes is a JSON object.
	Attributes string `json:"attributes,omitempty"`
}

// NewConversationsHandler returns a handler of the conversations webhooks, which the
// messaging service signs with the account's auth token. The response is the change, and
// an empty object without one. The statuses are those of [NewHandler], with EventType and
// without Location, Worker and the rule about unknown parameters:
//
//	400  EventType is missing; invalid UTF-8, NUL or percent-encoding anywhere; a
//	     parameter comes twice that ConversationEvent has a field for, except
//	     MessagingBinding.Address; an *InvalidRequestError
//
// That rule would lose events. The messaging service has many parameters more, whose names
// contain known ones, as ClientIdentity contains Identity; and the known names are ordinary
// words, such as Body and State, which are also in texts that customers write. To gain from
// an event that can be read in two ways, one needs the signature of an event with a text of
// one's own, and only the messaging service and the receiver see it. Still, an event is
// news and no proof: before a change that matters, ask the messaging service.
func NewConversationsHandler(conversations Conversations, opts HandlerOptions) http.Handler {
	return newHandler("conversations webhook", opts, func(b *buffers, r *http.Request, encoded bool) error {
		event, err := readEvent(b.params, encoded)
		if err != nil {
			return err
		}
		if event.Type == "" {
			return invalid("EventType is missing")
		}
		change, err := conversations.ConversationEvent(r.Context(), event)
		if err != nil {
			return err
		}
		if name := []rune(change.FriendlyName); len(name) > MaxFriendlyName {
			change.FriendlyName = string(name[:MaxFriendlyName])
		}
		return b.encode(change)
	})
}

// ConversationEvent sends the parameters of an event to another conversations webhook,
// signed for its URL: a relay. They need an EventType. Of a pre-event, give ctx what is
// left of WebhookTimeout.
//
// A response that is not a JSON object, such as OK, changes nothing; a broken object has
// CodeInvalidResponse.
func (c *Client) ConversationEvent(ctx context.Context, event ConversationEvent) (ConversationChange, error) {
	if event.Params.Get("EventType") == "" {
		return ConversationChange{}, invalid("EventType is missing")
	}
	var params []param
	for name, values := range event.Params {
		for _, value := range values {
			params = append(params, param{name: name, value: value})
		}
	}
	sortParams(params)
	body, err := c.call(ctx, CallTimeout, params)
	if err != nil {
		return ConversationChange{}, err
	}
	if body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF"))); !bytes.HasPrefix(body, []byte("{")) {
		return ConversationChange{}, nil
	}
	var resp struct {
		FriendlyName wireText `json:"friendly_name"`
		Attributes   wireText `json:"attributes"`
	}
	if err := parseResponse(body, &resp); err != nil {
		return ConversationChange{}, err
	}
	return ConversationChange{string(resp.FriendlyName), string(resp.Attributes)}, nil
}
