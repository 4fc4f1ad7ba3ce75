package messaging

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

// Summary is a conversation as a worker's list shows it.
type Summary struct {
	SID string
	// CustomerID is "" for a conversation without a customer: then Candidates is how many
	// customers have the address.
	CustomerID string
	Candidates int
	// Name is the customer's, "" when unknown. Address is without "whatsapp:".
	Name, Avatar, Channel, Address string
	Closed, Muted                  bool
	LastAt                         time.Time
	// Text is the beginning of the last message, LastBy a worker who wrote it, or "", and
	// LastIsFile reports whether it is only a file.
	Text, LastBy string
	LastIsFile   bool
	// Unread is how many messages the worker has not read.
	Unread int
}

// ListQuery selects a page of a worker's conversations: open or closed ones, with a Query
// only of customers whose name matches, from the beginning or after the next of another
// page.
type ListQuery struct {
	Closed bool
	Query  string
	After  string
}

const (
	listPage = 30
	// maxSearched is how many of a worker's conversations a search looks at, and maxFound how
	// many it returns.
	maxSearched = 2000
	maxFound    = 300
)

// List returns a page of a worker's conversations, the newest first. next continues after
// it, "" at the end. In the background it compares them with the messaging service, if that
// was not done lately.
func (s *Service) List(ctx context.Context, worker string, q ListQuery) (rows []Summary, next string, err error) {
	s.reconcileSoon(worker)
	query := search.ParseQuery(q.Query)
	limit := listPage
	if !query.IsEmpty() {
		limit = maxSearched
	}
	page, err := s.Store.Page(ctx, conversation.PageQuery{Worker: worker, Closed: q.Closed, After: q.After, Limit: limit})
	for _, e := range page.Entries {
		c := s.open(e)
		if !query.IsEmpty() {
			page.Next = ""
			if _, ok := query.Match(search.AppendNamed(nil, c.Name)); !ok || len(rows) == maxFound {
				continue
			}
		}
		rows = append(rows, s.summary(worker, e, c))
	}
	return rows, page.Next, err
}

// summary returns a conversation as a worker may see it.
func (s *Service) summary(worker string, e conversation.Entry, c contents) Summary {
	hide := s.hide(c.addresses()...)
	v := Summary{
		SID: e.SID, CustomerID: e.CustomerID, Candidates: c.Candidates, Name: hide.name(c.Name), Avatar: c.Avatar, Channel: c.Channel, Address: c.Address,
		Closed: e.Closed, LastAt: e.LastAt, Text: firstRunes(hide.body(c.Text), maxSnippet), LastBy: hide.name(c.By), LastIsFile: c.File,
	}
	if hide.masked {
		v.CustomerID, v.Address = s.VisibleID(worker, e.CustomerID), text.MaskAddress(c.Address)
	}
	if m := e.Member(worker); m != nil {
		v.Muted, v.Unread = m.Muted, e.LastIndex-m.LastRead
	}
	return v
}

// hidden masks the numbers of a conversation in what workers see of it, while masked.
type hidden struct {
	masked  bool
	numbers text.Numbers
	names   func(string) string
}

func (s *Service) hide(addresses ...string) hidden {
	return hidden{s.Masked(), text.NumbersOf(addresses...), s.MaskName}
}

// name masks everything that looks like a number.
func (h hidden) name(s string) string {
	if !h.masked {
		return s
	}
	return h.names(h.numbers.MaskName(s))
}

// body masks the numbers of the conversation. Other digits stay: an order number is no
// phone number.
func (h hidden) body(s string) string {
	if !h.masked {
		return s
	}
	return h.numbers.MaskKnown(s)
}

// Unread returns how many of a worker's open conversations have unread messages.
func (s *Service) Unread(ctx context.Context, worker string) (int, error) {
	return s.Store.Unread(ctx, worker)
}
