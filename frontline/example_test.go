package frontline_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"

	"github.com/clientele-project/clientele/frontline"
)

// A client calls an integration service.
func ExampleClient() {
	tokens := func() []string { return []string{"12345"} }
	service := httptest.NewServer(frontline.NewHandler(everyone{
		{ID: "1", DisplayName: "Bobby S.", Channels: []frontline.Channel{{Type: "sms", Value: "+123456789"}}},
		{ID: "31", DisplayName: "John S."},
	}, frontline.HandlerOptions{AuthTokens: tokens}))
	defer service.Close()

	client, err := frontline.NewClient(service.URL, frontline.ClientOptions{AuthToken: func() string { return "12345" }})
	if err != nil {
		fmt.Println("this URL cannot be called:", err)
		return
	}
	ctx := context.Background()
	page, err := client.CustomersList(ctx, frontline.ListRequest{Worker: "alice"})
	if err != nil {
		fmt.Println("no list:", err)
		return
	}
	for _, customer := range page.Customers {
		fmt.Println(customer.ID, customer.DisplayName)
	}
	details, err := client.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: "1"})
	if err != nil {
		fmt.Println("no details:", err)
		return
	}
	fmt.Println(details.Customer.Channels[0].Value)
	_, err = client.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: "2"})
	fmt.Println(errors.Is(err, frontline.ErrNotFound))
	// Output:
	// 1 Bobby S.
	// 31 John S.
	// +123456789
	// true
}

// Every failed call has a published code.
func ExampleCallbackError() {
	client, err := frontline.NewClient("http://127.0.0.1:1/nobody-listens-here", frontline.ClientOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.CustomersList(context.Background(), frontline.ListRequest{Worker: "alice"})
	var failed *frontline.CallbackError
	if errors.As(err, &failed) {
		fmt.Println(failed.Code == frontline.CodeCallbackFailed, failed.Code)
	}
	// Output: true 48004
}

func ExampleSign() {
	params := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, "PageSize": {"30"}}
	fmt.Println(frontline.Sign("12345", "https://example.com/callbacks/crm", params))
	// Output: fCxdMBO8P83YKOwYbmfK4IlRb1Q=
}

func ExampleVerify() {
	params := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, "PageSize": {"30"}}
	signature := frontline.Sign("12345", "https://example.com:443/callbacks/crm", params)
	fmt.Println(frontline.Verify("12345", "https://example.com/callbacks/crm", params, signature))
	params.Set("Worker", "bob")
	fmt.Println(frontline.Verify("12345", "https://example.com/callbacks/crm", params, signature))
	// Output:
	// true
	// false
}

func ExampleCheckCallbackURL() {
	fmt.Println(frontline.CheckCallbackURL("https://example.com/callbacks/crm?account=7"))
	fmt.Println(frontline.CheckCallbackURL("https://user:secret@example.com/"))
	// Output:
	// <nil>
	// the URL must not contain a username or password
}
