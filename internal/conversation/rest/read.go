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
	var body conversationBody
	if err := c.get(ctx, c.scoped("Conversations", sid), nil, &body); err != nil {
		return conversation.Conversation{}, err
	}
	if body.State == "initializing" {
		return conversation.Conversation{}, conversation.ErrInitializing
	}
	return body.conversation(), nil
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
func (c *Client) page(ctx context.Context, p path, query url.Values, size int, token string) (*list, error) {
	page, err := url.ParseQuery(token)
	if err != nil {
		return nil, conversation.ErrNotFound
	}
	page = pageOf(page)
	maps.Copy(page, query)
	page.Set("PageSize", strconv.Itoa(size))
	l := new(list)
	return l, c.get(ctx, p, page, l)
}

// eachPage calls add for each page of a list.
func (c *Client) eachPage(ctx context.Context, p path, query url.Values, size int, add func(*list)) error {
	token := ""
	for range maxPages {
		l, err := c.page(ctx, p, query, size, token)
		if err != nil {
			return err
		}
		add(l)
		if token = l.next(); token == "" {
			break
		}
	}
	return nil
}

// Participants implements conversation.Backend.
func (c *Client) Participants(ctx context.Context, sid string) ([]conversation.Participant, error) {
	var all []conversation.Participant
	err := c.eachPage(ctx, c.scoped("Conversations", sid, "Participants"), nil, longPage, func(l *list) {
		for _, p := range l.Participants {
			all = append(all, p.participant())
		}
	})
	if err != nil {
		return nil, c.orInitializing(ctx, sid, err)
	}
	return all, nil
}

// Participant implements conversation.Backend.
func (c *Client) Participant(ctx context.Context, sid, participantSID string) (conversation.Participant, error) {
	var body participant
	if err := c.get(ctx, c.scoped("Conversations", sid, "Participants", participantSID), nil, &body); err != nil {
		return conversation.Participant{}, c.orInitializing(ctx, sid, err)
	}
	return body.participant(), nil
}

// Messages implements conversation.Backend.
func (c *Client) Messages(ctx context.Context, sid string, limit int, token string) (conversation.MessagePage, error) {
	newestFirst := url.Values{"Order": {"desc"}}
	l, err := c.page(ctx, c.scoped("Conversations", sid, "Messages"), newestFirst, min(limit, longPage), token)
	if err != nil {
		return conversation.MessagePage{}, err
	}
	page := conversation.MessagePage{Next: l.next()}
	for _, m := range l.Messages {
		page.Messages = append(page.Messages, m.message())
	}
	return page, nil
}

// Message implements conversation.Backend.
func (c *Client) Message(ctx context.Context, sid, messageSID string) (conversation.Message, error) {
	var body message
	if err := c.get(ctx, c.scoped("Conversations", sid, "Messages", messageSID), nil, &body); err != nil {
		return conversation.Message{}, err
	}
	return body.message(), nil
}

// FailureCode implements conversation.Backend.
func (c *Client) FailureCode(ctx context.Context, sid, messageSID string) (int, error) {
	l, err := c.page(ctx, c.scoped("Conversations", sid, "Messages", messageSID, "Receipts"), nil, shortPage, "")
	if err != nil {
		return 0, err
	}
	for _, r := range l.Receipts {
		if r.Code != 0 {
			return int(r.Code), nil
		}
	}
	return 0, nil
}

// OfWorker implements conversation.Backend.
func (c *Client) OfWorker(ctx context.Context, identity, token string) (conversation.WorkerPage, error) {
	l, err := c.page(ctx, c.scoped("ParticipantConversations"), url.Values{"Identity": {identity}}, shortPage, token)
	if err != nil {
		return conversation.WorkerPage{}, err
	}
	page := conversation.WorkerPage{Next: l.next()}
	for _, p := range l.Conversations {
		page.Conversations = append(page.Conversations, p.conversation())
	}
	return page, nil
}

// OfAddress implements conversation.Backend.
func (c *Client) OfAddress(ctx context.Context, channel, address string) ([]string, error) {
	var open []string
	query := url.Values{"Address": {wireAddress(channel, address)}}
	err := c.eachPage(ctx, c.scoped("ParticipantConversations"), query, shortPage, func(l *list) {
		for _, p := range l.Conversations {
			if p.State != "closed" {
				open = append(open, string(p.SID))
			}
		}
	})
	return open, err
}
