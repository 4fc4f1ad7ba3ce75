package frontline_test

import (
	"context"
	"log"
	"net/http"

	"github.com/clientele-project/clientele/frontline"
)

// everyone shows the same two customers to every worker.
type everyone []frontline.Customer

func (e everyone) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	return frontline.ListResponse{Customers: e}, nil
}

func (e everyone) CustomerDetails(_ context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	for _, c := range e {
		if c.ID == req.CustomerID {
			return frontline.DetailsResponse{Customer: c}, nil
		}
	}
	return frontline.DetailsResponse{}, frontline.ErrNotFound
}

// An integration service of your own: give your customers a CRM's two methods,
// and mount the handler where the callback URL leads.
func Example_service() {
	crm := everyone{{ID: "1", DisplayName: "Bobby S."}, {ID: "31", DisplayName: "John S."}}
	http.Handle("/callbacks/crm", frontline.NewHandler(crm, frontline.HandlerOptions{
		AuthTokens: func() []string { return []string{"the account's auth token"} },
	}))
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}
