package rest

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strconv"

	"github.com/clientele-project/clientele/internal/conversation"
)

// The most rows that the API returns in a page of a list, and the most pages that are read
// of a list that is needed whole.
const (
	longPage  = 100 // of messages and participants
	shortPage = 50  // of the other lists
	maxPages  = 20
)

// Conversation implements conversation.Backend.
func (c *Client) Conversation(ctx context.Context, sid string) (conversation.Conversation, error) {
	o, err := c.get(ctx, c.scoped("Conversations", sid), nil)
	if err == nil && o.text("state") == "initializing" {
		err = conversation.ErrInitializing
	}
	return o.conversation(""), err
}

// orInitializing returns the error of a call about participants: those of a conversation
// that is initializing are not found yet.
func (c *Client) orInitializing(ctx context.Context, sid string, err error) error {
	if errors.Is(err, conversation.ErrNotFound) {
		if _, err := c.Conversation(ctx, sid); errors.Is(err, conversation.ErrInitializing) {
			return err
		}
	}
	return err
}

// page reads the page of a list that a token of the page before leads to, "" for the first.
func (c *Client) page(ctx context.Context, p path, query url.Values, size int, token string) (object, error) {
	page := pageOf(token)
	maps.Copy(page, query)
	page.Set("PageSize", strconv.Itoa(size))
	return c.get(ctx, p, page)
}

// all reads the rows of a list from all its pages.
func (c *Client) all(ctx context.Context, p path, query url.Values, size int, key string) ([]object, error) {
	var rows []object
	token := ""
	for range maxPages {
		list, err := c.page(ctx, p, query, size, token)
		if err != nil {
			return nil, err
		}
		rows = append(rows, list.objects(key)...)
		if token = list.nextPage(); token == "" {
			break
		}
	}
	return rows, nil
}

// Participants implements conversation.Backend.
func (c *Client) Participants(ctx context.Context, sid string) ([]conversation.Participant, error) {
	rows, err := c.all(ctx, c.scoped("Conversations", sid, "Participants"), nil, longPage, "participants")
	all := make([]conversation.Participant, 0, len(rows))
	for _, p := range rows {
		all = append(all, p.participant())
	}
	return all, c.orInitializing(ctx, sid, err)
}

// Participant implements conversation.Backend.
func (c *Client) Participant(ctx context.Context, sid, participantSID string) (conversation.Participant, error) {
	o, err := c.get(ctx, c.scoped("Conversations", sid, "Participants", participantSID), nil)
	return o.participant(), c.orInitializing(ctx, sid, err)
}

// Messages implements conversation.Backend.
func (c *Client) Messages(ctx context.Context, sid string, limit int, token string) (conversation.MessagePage, error) {
	newestFirst := url.Values{"Order": {"desc"}}
	list, err := c.page(ctx, c.scoped("Conversations", sid, "Messages"), newestFirst, min(limit, longPage), token)
	page := conversation.MessagePage{Next: list.nextPage()}
	for _, m := range list.objects("messages") {
		page.Messages = append(page.Messages, m.message())
	}
	return page, err
}

// Message implements conversation.Backend.
func (c *Client) Message(ctx context.Context, sid, messageSID string) (conversation.Message, error) {
	o, err := c.get(ctx, c.scoped("Conversations", sid, "Messages", messageSID), nil)
	return o.message(), err
}

// FailureCode implements conversation.Backend.
func (c *Client) FailureCode(ctx context.Context, sid, messageSID string) (int, error) {
	list, err := c.page(ctx, c.scoped("Conversations", sid, "Messages", messageSID, "Receipts"), nil, shortPage, "")
	for _, r := range list.objects("delivery_receipts") {
		if code := r.number("error_code", 0); code != 0 {
			return code, nil
		}
	}
	return 0, err
}

// OfWorker implements conversation.Backend.
func (c *Client) OfWorker(ctx context.Context, identity, token string) (conversation.ConversationPage, error) {
	list, err := c.page(ctx, c.scoped("ParticipantConversations"), url.Values{"Identity": {identity}}, shortPage, token)
	return list.conversations("conversation_"), err
}

// Active implements conversation.Backend.
func (c *Client) Active(ctx context.Context, token string) (conversation.ConversationPage, error) {
	list, err := c.page(ctx, c.scoped("Conversations"), url.Values{"State": {"active"}}, longPage, token)
	return list.conversations(""), err
}

// OfAddress implements conversation.Backend.
func (c *Client) OfAddress(ctx context.Context, channel, address string) ([]string, error) {
	query := url.Values{"Address": {conversation.WireAddress(channel, address)}}
	rows, err := c.all(ctx, c.scoped("ParticipantConversations"), query, shortPage, "conversations")
	var open []string
	for _, row := range rows {
		if found := row.conversation("conversation_"); !found.Closed {
			open = append(open, found.SID)
		}
	}
	return open, err
}
