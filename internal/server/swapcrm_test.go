package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/clientele-project/clientele/frontline"
)

// namedCRM returns lists with its name as the token, once release is closed.
type namedCRM struct {
	name    string
	release chan struct{}
}

func (n namedCRM) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	if n.release != nil {
		<-n.release
	}
	return frontline.ListResponse{NextPageToken: n.name}, nil
}

func (n namedCRM) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{Customer: frontline.Customer{ID: n.name}}, nil
}

// servedBy returns the name of the namedCRM behind crm.
func servedBy(t *testing.T, crm frontline.CRM) string {
	t.Helper()
	list, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	details, err := crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "ada", CustomerID: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if list.NextPageToken != details.Customer.ID {
		t.Errorf("CustomersList is served by %s, CustomerDetails by %s", list.NextPageToken, details.Customer.ID)
	}
	return details.Customer.ID
}

func TestSwapCRM_ClosesReplacedService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s swapCRM
		happened := make(chan string, 10)
		release := make(chan struct{})
		s.swap(&service{crm: namedCRM{"first", release}, close: func() { happened <- "first closed" }}, func() {})
		results := make(chan string)
		for range 2 {
			go func() {
				list, _ := s.CustomersList(t.Context(), frontline.ListRequest{})
				results <- list.NextPageToken
			}()
		}
		synctest.Wait()

		s.swap(&service{crm: namedCRM{name: "second"}, key: "2"}, func() { happened <- "first purged" })
		if got := servedBy(t, &s); got != "second" {
			t.Errorf("CustomersList after the swap is served by %s, want second", got)
		}
		if s.current().key != "2" {
			t.Errorf("current().key = %q, want 2", s.current().key)
		}
		synctest.Wait()
		if len(happened) != 0 {
			t.Fatalf("swap during calls: %s, want nothing closed or purged", <-happened)
		}
		close(release)
		for range 2 {
			if got := <-results; got != "first" {
				t.Errorf("CustomersList from before the swap is served by %s, want first", got)
			}
		}
		synctest.Wait()
		for _, want := range []string{"first closed", "first purged"} {
			if got := <-happened; got != want {
				t.Errorf("swap after the calls: %s, want %s", got, want)
			}
		}

		s.swap(&service{crm: namedCRM{name: "third"}}, func() { happened <- "second purged" })
		synctest.Wait()
		if got := <-happened; got != "second purged" || len(happened) != 0 {
			t.Errorf("swap of an idle service without close: %s and %d more, want second purged", got, len(happened))
		}
		if got := servedBy(t, &s); got != "third" {
			t.Errorf("CustomersList after the last swap is served by %s, want third", got)
		}
	})
}

func TestErrorCRM(t *testing.T) {
	why := errors.New("sealed")
	_, list := errorCRM{why}.CustomersList(t.Context(), frontline.ListRequest{})
	_, details := errorCRM{why}.CustomerDetails(t.Context(), frontline.DetailsRequest{})
	for _, err := range []error{list, details} {
		var failed *frontline.CallbackError
		if !errors.As(err, &failed) || failed.Code != frontline.CodeNoCallbackURL || !errors.Is(err, why) {
			t.Errorf("call of errorCRM: error %v, want code 48001 with the reason", err)
		}
	}
}
