package conversation

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// Store holds the index of conversations, and the messages that workers send until their
// outcome is known. Workers are named by identity and compared by text.IdentityKey.
// Implementations are safe for concurrent use and pass storetest. Errors are ErrNotFound
// and ErrStore.
type Store interface {
	// Entry returns a conversation of the index.
	Entry(ctx context.Context, sid string) (Entry, error)
	// Update stores and returns what change makes of a conversation, in one transaction. An
	// unknown conversation is a zero Entry with its SID and LastIndex -1. Entries without a
	// change are not written. change may be called again; its error ends the update.
	Update(ctx context.Context, sid string, change func(e *Entry) error) (Entry, error)
	// Delete removes a conversation; an unknown one is no error. Its messages to send stay:
	// if the conversation comes back, they must not be sent again.
	Delete(ctx context.Context, sid string) error
	// Page returns a page of a worker's conversations, the newest first.
	Page(ctx context.Context, q PageQuery) (Page, error)
	// Open returns up to limit open conversations of all workers, and of none, in the order
	// of their SID, after the one with SID after.
	Open(ctx context.Context, after string, limit int) ([]Entry, error)
	// Unread returns how many open conversations of a worker have messages that the worker
	// has not read, without muted ones.
	Unread(ctx context.Context, worker string) (int, error)

	// BeginSend stores a message to send, unless there is one with its ClientID already:
	// then it returns that one, and false.
	BeginSend(ctx context.Context, o Outgoing) (Outgoing, bool, error)
	// EndSend stores the outcome of a message to send: its State, MessageSID and Code.
	EndSend(ctx context.Context, o Outgoing) error
	// Outgoing returns the messages of a conversation whose State is not OutgoingSent, the
	// oldest first.
	Outgoing(ctx context.Context, sid string) ([]Outgoing, error)
	// DeleteOutgoing deletes the messages that began before a time.
	DeleteOutgoing(ctx context.Context, before time.Time) error
}

// Entry is a conversation in the index.
type Entry struct {
	SID    string
	Closed bool
	// CustomerID is the id of the customer of the conversation, "" for none.
	CustomerID string
	// LastAt is the time of the last message, or of the beginning of the conversation, and
	// LastIndex the index of the last message, -1 for none.
	LastAt    time.Time
	LastIndex int
	// InboundAt is the time of the customer's last message, zero for none.
	InboundAt time.Time
	// Sealed is encrypted by messaging.Service: names, addresses, the beginning of the last
	// message.
	Sealed  []byte
	Members []Member
}

// Member returns a worker's part in the conversation, nil for none.
func (e *Entry) Member(worker string) *Member {
	for i := range e.Members {
		if text.SameIdentity(e.Members[i].Worker, worker) {
			return &e.Members[i]
		}
	}
	return nil
}

// Member is a worker who takes part in a conversation.
type Member struct {
	Worker         string
	ParticipantSID string
	// LastRead is the index of the last message that the worker has read, -1 for none, plus
	// the number of later ones that are not unread: colleagues wrote them.
	LastRead int
	Muted    bool
	// Owner reports whether the customer was the worker's own when the worker was added.
	// When the customer gets another worker, the conversation goes along.
	Owner bool
}

// PageQuery selects a page of a worker's open or closed conversations: the first one, or
// the one after the Next of another page. Limit is at least 1.
type PageQuery struct {
	Worker string
	Closed bool
	After  string
	Limit  int
}

// Page is a run of conversations. Next continues after it, "" at the end.
type Page struct {
	Entries []Entry
	Next    string
}

// Outgoing is a message that a worker sends.
type Outgoing struct {
	// ClientID identifies the message before the messaging service does. The form that
	// sends it makes it up.
	ClientID string
	SID      string // of the conversation
	Worker   string
	// Sealed is the text.
	Sealed []byte
	At     time.Time
	State  OutgoingState
	// MessageSID is set once sent, and Code when refused.
	MessageSID string
	Code       int
}

// OutgoingState is the outcome of a message to send.
type OutgoingState uint8

// The outcomes. A message of unknown outcome may have been sent or not.
const (
	OutgoingSending OutgoingState = iota
	OutgoingSent
	OutgoingUnknown
	OutgoingRefused
)
