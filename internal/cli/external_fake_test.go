package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// externalService is an external integration service on this machine, which can be
// stopped and started again at the same address.
type externalService struct {
	t      *testing.T
	addr   string
	token  atomic.Pointer[string]
	prefix string // of its customers' names
	asked  atomic.Int64

	mu     sync.Mutex
	server *http.Server
}

// elsewhereCustomers is how many customers each of its workers has.
const elsewhereCustomers = 75

func startExternalService(t *testing.T, token, prefix string) *externalService {
	t.Helper()
	e := &externalService{t: t, addr: "127.0.0.1:0", prefix: prefix}
	e.token.Store(&token)
	e.start()
	t.Cleanup(e.stop)
	return e
}

func (e *externalService) url() string { return "http://" + e.addr + "/my/crm?key=qu3ry-secret" }

func (e *externalService) start() {
	e.t.Helper()
	l, err := net.Listen("tcp", e.addr)
	if err != nil {
		e.t.Fatal(err)
	}
	e.addr = l.Addr().String()
	callee := frontline.NewHandler(e, frontline.HandlerOptions{AuthTokens: func() []string { return []string{*e.token.Load()} }})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.server = &http.Server{Handler: callee}
	go e.server.Serve(l)
}

func (e *externalService) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.server.Close()
}

// CustomersList pages with the index of the next customer as the token.
func (e *externalService) CustomersList(_ context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	e.asked.Add(1)
	from := 0
	if req.NextPageToken != "" {
		from, _ = strconv.Atoi(req.NextPageToken)
	}
	to := min(from+req.PageSize, elsewhereCustomers)
	resp := frontline.ListResponse{Customers: []frontline.Customer{}, Searchable: frontline.SearchableYes}
	for i := from; i < to; i++ {
		resp.Customers = append(resp.Customers, e.customer(req.Worker, i))
	}
	if to < elsewhereCustomers {
		resp.NextPageToken = strconv.Itoa(to)
	}
	return resp, nil
}

func (e *externalService) CustomerDetails(_ context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	e.asked.Add(1)
	for i := range elsewhereCustomers {
		if c := e.customer(req.Worker, i); c.ID == req.CustomerID {
			c.Channels = []frontline.Channel{{Type: "sms", Value: "+12025550199"}}
			return frontline.DetailsResponse{Customer: c}, nil
		}
	}
	return frontline.DetailsResponse{}, frontline.ErrNotFound
}

func (e *externalService) customer(worker string, i int) frontline.Customer {
	return frontline.Customer{ID: fmt.Sprintf("%s-%s-%d", e.prefix, worker, i), DisplayName: fmt.Sprintf("%s %03d", e.prefix, i)}
}
