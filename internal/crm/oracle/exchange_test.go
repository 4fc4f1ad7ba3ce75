package external

import (
	"context"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// panicking is a CRM that panics with what it was asked.
type panicking struct{ frontline.CRM }

func (panicking) CustomersList(_ context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	panic("no such worker: " + req.Worker + req.Query)
}

func TestAPanicIsToldWithoutWhatItHolds(t *testing.T) {
	shelf := newShelf(shelfOptions{Service: "s"})
	for name, crm := range map[string]frontline.CRM{
		"a question": newDeadline(panicking{}, deadlineOptions{}),
		"a walk":     newWalk(panicking{}, shelf, walkOptions{Sealer: testSealer()}),
	} {
		_, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "jane roe"})
		if err == nil || strings.Contains(err.Error(), "alice") || strings.Contains(err.Error(), "jane") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "string") || !strings.Contains(err.Error(), "exchange_test.go")) {
			t.Errorf("%s: the error does not lead anywhere: %v", name, err)
		}
	}
	defer func() {
		if got := panicked(recover()); !strings.Contains(got, "index out of range") {
			t.Errorf("a panic of the language reads %q", got)
		}
	}()
	var none []int
	_ = none[len(shelf.books)]
}
