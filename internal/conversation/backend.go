package conversation

import (
	"context"
	"io"
)

// Backend is a messaging service. Implementations are safe for concurrent use.
//
// Errors are ErrNotFound, ErrInitializing, ErrUnavailable, a *RefusedError, the context's
// error, and, from writes only, ErrOutcomeUnknown. A read is retried within the context, a
// write is not.
type Backend interface {
	Conversation(ctx context.Context, sid string) (Conversation, error)
	// Participants returns all participants of a conversation.
	Participants(ctx context.Context, sid string) ([]Participant, error)
	// Participant returns one participant.
	Participant(ctx context.Context, sid, participantSID string) (Participant, error)
	// Messages returns a page of messages, newest first: the first page, or the one of a
	// token that the page before ended with.
	Messages(ctx context.Context, sid string, limit int, token string) (MessagePage, error)
	Message(ctx context.Context, sid, messageSID string) (Message, error)
	// FailureCode returns the published code of why a message was not delivered, 0 for
	// none.
	FailureCode(ctx context.Context, sid, messageSID string) (int, error)
	// OfWorker returns a page of the conversations in which a worker takes part, in no
	// useful order.
	OfWorker(ctx context.Context, identity, token string) (ConversationPage, error)
	// Active returns a page of all active conversations, of workers and of none.
	Active(ctx context.Context, token string) (ConversationPage, error)
	// OfAddress returns the open conversations with a customer's address, written as the
	// channel does.
	OfAddress(ctx context.Context, channel, address string) ([]string, error)

	// Start begins a conversation of a worker with a customer.
	Start(ctx context.Context, n NewConversation) (Conversation, error)
	// Send adds a message.
	Send(ctx context.Context, sid string, m NewMessage) (Message, error)
	// AddWorker adds a worker.
	AddWorker(ctx context.Context, sid, identity string) (Participant, error)
	RemoveParticipant(ctx context.Context, sid, participantSID string) error
	// SetAttributes replaces a participant's attributes. It causes no webhook.
	SetAttributes(ctx context.Context, sid, participantSID, attributes string) error
	// Close closes a conversation for ever.
	Close(ctx context.Context, sid string) error

	// Media opens a file. The caller closes the content.
	Media(ctx context.Context, mediaSID string) (MediaContent, error)
}

// MessagePage is a run of messages, newest first. Next is the token of the page before
// them, "" at the beginning of the conversation.
type MessagePage struct {
	Messages []Message
	Next     string
}

// ConversationPage is a run of conversations. Next is the token of the next page, ""
// at the end.
type ConversationPage struct {
	Conversations []Conversation
	Next          string
}

// NewConversation is a conversation to begin. Addresses are without "whatsapp:".
type NewConversation struct {
	Worker                         string
	Channel, Address, ProxyAddress string
	// Name is the friendly name, and Attributes those of the customer's participant.
	Name, Attributes string
}

// NewMessage is a message to send.
type NewMessage struct {
	Author string
	Body   string
	// ContentSID is a content template with its variables, a JSON object, instead of Body.
	ContentSID, ContentVariables string
	Attributes                   string
}

// MediaContent is an open file.
type MediaContent struct {
	Media
	io.ReadCloser
}
