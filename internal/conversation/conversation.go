// Package conversation is the domain of conversations between workers and customers: what
// a worker does with them, what the local index holds of them, and the interfaces to the
// messaging service (Backend) and to the database (Store).
//
// The messaging service stores the conversations. The index holds what it cannot list: a
// worker's conversations by time, with their last message and the number of unread ones.
// Webhooks and the workers' own messages update the index; package messaging reads a
// conversation again when they are not enough.
package conversation

import (
	"errors"
	"fmt"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// Types of channels.
const (
	SMS      = "sms"
	WhatsApp = "whatsapp"
)

// WireAddress returns an address as the messaging service writes it: one of WhatsApp begins
// with "whatsapp:".
func WireAddress(channel, address string) string {
	if channel == WhatsApp {
		return text.WhatsAppPrefix + address
	}
	return address
}

// Limits of the messaging service.
const (
	// MaxBody is the most characters in a message.
	MaxBody = 1600
	// MaxName is the most characters in a friendly name.
	MaxName = 256
	// MaxAttributes is the most bytes of a participant's attributes.
	MaxAttributes = 4 << 10
	// Window is how long after the customer's last message WhatsApp takes messages other
	// than approved templates.
	Window = 24 * time.Hour
)

// Conversation is a conversation as the messaging service has it.
type Conversation struct {
	SID string
	// Name is the friendly name, "" for none.
	Name    string
	Closed  bool
	Created time.Time
}

// Participant is a worker or a customer in a conversation.
type Participant struct {
	SID string
	// Identity is a worker's identity, and "" for a customer.
	Identity string
	// Channel, Address and ProxyAddress are a customer's: the type of the channel, the
	// customer's address and the company's, both without "whatsapp:".
	Channel, Address, ProxyAddress string
	// Attributes is a JSON object, or any other text.
	Attributes string
	// LastRead is the index of the last message that a worker has read, -1 for none.
	LastRead int
}

// Message is a message of a conversation.
type Message struct {
	SID string
	// Index orders the messages of a conversation, from 0.
	Index int
	// Author is a worker's identity, a customer's address, or another program's name.
	Author string
	// ParticipantSID is the author's, "" when the author is no participant.
	ParticipantSID string
	Body           string
	Media          []Media
	Created        time.Time
	Attributes     string
	Delivery       Delivery
}

// Media is a file in a message.
type Media struct {
	SID         string
	Filename    string
	ContentType string
	Bytes       int64
}

// Delivery is how far a message came.
type Delivery string

// The steps of a delivery. Undelivered and Failed are ends.
const (
	DeliveryUnknown Delivery = "" // the service reports none, as for received messages
	Sending         Delivery = "sending"
	Sent            Delivery = "sent"
	Delivered       Delivery = "delivered"
	Read            Delivery = "read"
	Undelivered     Delivery = "undelivered"
	Failed          Delivery = "failed"
)

// Errors of a Backend, of a Store and of messaging.Service, possibly wrapped.
var (
	// ErrNotFound: there is no such conversation or message, or, not distinguished, the
	// worker takes no part in it.
	ErrNotFound = errors.New("no such conversation")
	// ErrOff: no messaging service is configured.
	ErrOff = errors.New("conversations are not configured")
	// ErrOutcomeUnknown: a write may have been performed or not.
	ErrOutcomeUnknown = errors.New("the messaging service did not respond in time")
	// ErrUnavailable: the messaging service did not respond, or could not.
	ErrUnavailable = errors.New("the messaging service is unavailable")
	// ErrStore: the database failed.
	ErrStore = errors.New("the conversations in the database are unavailable")
	// ErrInitializing: the conversation is still being created; try again.
	ErrInitializing = errors.New("the conversation is still being created")
)

// Published error codes of the messaging service.
const (
	CodeDuplicateBinding   = 50416 // the customer and the proxy address are in an open conversation
	CodeDuplicateAddresses = 48031 // the same, for a new conversation with participants
	CodeClosed             = 50377 // the conversation is closed
	CodeOptedOut           = 21610 // the customer asked for no more messages
)

// RefusedError says that the messaging service refused a request.
type RefusedError struct {
	// Status is the HTTP status and Code the published code, 0 for none.
	Status, Code int
	// Message is the service's own text. It may hold addresses: it is not for the log, and
	// not for workers while numbers are masked.
	Message string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the messaging service refused the request: status %d, code %d", e.Status, e.Code)
}
