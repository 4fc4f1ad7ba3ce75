package frontline

import (
	"context"
	"net/http"
)

// Router handles the routing callback: an incoming conversation has no worker yet.
// Implementations are safe for concurrent use. Errors are those of a [CRM], possibly
// wrapped.
type Router interface {
	// Route adds a worker to a conversation. It may be called twice for one conversation.
	Route(ctx context.Context, req RouteRequest) error
}

// RouteRequest requests a worker for a conversation.
type RouteRequest struct {
	ConversationSID string
	// ServiceSID names the service of the conversation.
	ServiceSID string
	// Address is the customer's, and ProxyAddress the company's, as the channel writes them.
	Address, ProxyAddress string
	// Attributes are those of the conversation: a JSON object.
	Attributes string
}

// NewRouterHandler returns a handler of the routing callback. Its statuses are those of
// [NewHandler], with ConversationSid, and without Location, Worker and the rule about
// unknown parameters, for the reason that [NewConversationsHandler] gives. Of several
// addresses, as in a group, Route gets the first in byte order. The response is an empty
// object.
func NewRouterHandler(router Router, opts HandlerOptions) http.Handler {
	return newHandler("routing callback", opts, func(b *buffers, r *http.Request, encoded bool) error {
		e, err := readEvent(b.params, encoded)
		if err != nil {
			return err
		}
		if e.ConversationSID == "" {
			return invalid("ConversationSid is missing")
		}
		req := RouteRequest{ConversationSID: e.ConversationSID, ServiceSID: e.ServiceSID, ProxyAddress: e.ProxyAddress, Attributes: e.Attributes}
		if len(e.Addresses) > 0 {
			req.Address = e.Addresses[0]
		}
		if err := router.Route(r.Context(), req); err != nil {
			return err
		}
		return b.encode(struct{}{})
	})
}

// Route calls the routing callback, within RouteTimeout. What the response says is of no
// importance.
func (c *Client) Route(ctx context.Context, req RouteRequest) error {
	if req.ConversationSID == "" {
		return invalid("ConversationSid is missing")
	}
	_, err := c.call(ctx, RouteTimeout, []param{
		{name: "ConversationServiceSid", value: req.ServiceSID},
		{name: "ConversationSid", value: req.ConversationSID},
		{name: "MessagingBinding.Address", value: req.Address},
		{name: "MessagingBinding.ProxyAddress", value: req.ProxyAddress},
		{name: "Attributes", value: req.Attributes},
		{name: "State", value: "active"},
	})
	return err
}
