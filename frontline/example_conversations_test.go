package frontline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/clientele-project/clientele/frontline"
)

// support handles all callbacks around conversations, for one customer of one worker.
type support struct{}

func (support) ProxyAddress(_ context.Context, req frontline.ProxyAddressRequest) (string, error) {
	switch {
	case req.Worker != "alice" || req.CustomerID != "1":
		return "", frontline.ErrNotFound
	case req.ChannelType == frontline.ChannelEmail:
		return "", frontline.ErrForbidden
	}
	return "+15550001", nil
}

func (support) Templates(context.Context, frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
	return []frontline.TemplateCategory{{DisplayName: "Openers", Templates: []frontline.Template{{Content: "Hello Bobby!"}}}}, nil
}

func (support) Route(_ context.Context, req frontline.RouteRequest) error {
	fmt.Println("alice gets", req.ConversationSID, "with", req.Address)
	return nil
}

func (support) ConversationEvent(_ context.Context, event frontline.ConversationEvent) (frontline.ConversationChange, error) {
	switch event.Type {
	case frontline.EventConversationAdd:
		return frontline.ConversationChange{FriendlyName: "Bobby S."}, nil
	case frontline.EventMessageAdded:
		fmt.Println(event.Author, "wrote:", event.Body)
	}
	return frontline.ConversationChange{}, nil
}

// A service handles the callbacks around conversations, and a client of each URL calls it.
func Example_conversations() {
	opts := frontline.HandlerOptions{AuthTokens: func() []string { return []string{"12345"} }}
	mux := http.NewServeMux()
	mux.Handle("/outgoing", frontline.NewOutgoingHandler(support{}, opts))
	mux.Handle("/templates", frontline.NewTemplatesHandler(support{}, opts))
	mux.Handle("/routing", frontline.NewRouterHandler(support{}, opts))
	mux.Handle("/conversations", frontline.NewConversationsHandler(support{}, opts))
	service := httptest.NewServer(mux)
	defer service.Close()

	client := func(path string) *frontline.Client {
		c, err := frontline.NewClient(service.URL+path, frontline.ClientOptions{AuthToken: func() string { return "12345" }})
		if err != nil {
			panic(err)
		}
		return c
	}
	ctx := context.Background()
	req := frontline.ProxyAddressRequest{Worker: "alice", CustomerID: "1", ChannelType: frontline.ChannelWhatsApp, ChannelValue: "whatsapp:+123456789"}
	fmt.Println(client("/outgoing").ProxyAddress(ctx, req))
	req.ChannelType = frontline.ChannelEmail
	fmt.Println(client("/outgoing").ProxyAddress(ctx, req))
	categories, err := client("/templates").Templates(ctx, frontline.TemplatesRequest{Worker: "alice", CustomerID: "1"})
	fmt.Println(categories[0].Templates[0].Content, err)
	fmt.Println(client("/routing").Route(ctx, frontline.RouteRequest{ConversationSID: "CH1", Address: "+123456789"}))

	// A relay has the event from its own handler; its Params are all that a client needs.
	relay := client("/conversations")
	limited, cancel := context.WithTimeout(ctx, frontline.WebhookTimeout)
	defer cancel()
	change, err := relay.ConversationEvent(limited, frontline.ConversationEvent{Params: url.Values{
		"EventType": {frontline.EventConversationAdd}, "MessagingBinding.Address": {"+123456789"},
	}})
	fmt.Println(change.FriendlyName, err)
	_, err = relay.ConversationEvent(ctx, frontline.ConversationEvent{Params: url.Values{
		"EventType": {frontline.EventMessageAdded}, "Author": {"+123456789"}, "Body": {"Hi!"},
	}})
	fmt.Println(err)
	// Output:
	// whatsapp:+15550001 <nil>
	//  callback error 48004 (status 403): the worker may not write to this customer
	// Hello Bobby! <nil>
	// alice gets CH1 with +123456789
	// <nil>
	// Bobby S. <nil>
	// +123456789 wrote: Hi!
	// <nil>
}
