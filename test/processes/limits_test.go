package processes

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// One address has four guesses at an account, wherever they are made.
func TestLimits_SignInOverAllProcesses(t *testing.T) {
	i := install(t)
	processes := []*process{i.serve(), i.serve()}
	tried, limited := 0, 0
	for n := range 12 {
		switch got := newBrowser(t).post(processes[n%2], "/signin", "identity", worker, "password", fmt.Sprint("wr0ng guess ", n)); got.StatusCode {
		case http.StatusUnauthorized:
			tried++
		case http.StatusTooManyRequests:
			limited++
		default:
			t.Fatalf("POST /signin with a wrong password: status %d, want 401 or 429", got.StatusCode)
		}
	}
	if tried != 4 || limited != 8 {
		t.Errorf("POST /signin at two processes in turn: %d guesses, %d refused, want 4 and 8", tried, limited)
	}
}

// A worker can search for five numbers in a row, wherever.
func TestLimits_NumberSearchOverAllProcesses(t *testing.T) {
	i := install(t)
	i.run("", "masking", "on")
	processes := []*process{i.serve(), i.serve()}
	ada := signedIn(processes[0], worker)
	for n := range 12 {
		refused := strings.Contains(ada.get(processes[n%2], "/customers?q="+url.QueryEscape(fmt.Sprintf("+120255502%02d", n))).body, "Too many number searches")
		if refused != (n >= 5) {
			t.Errorf("search for a number, the %d., at two processes in turn: refused %v", n+1, refused)
		}
	}
}

// Two processes together call the company's service no more often than one may.
func TestLimits_CallbacksOverAllProcesses(t *testing.T) {
	const concurrency, perSecond = 4, 20
	i := install(t)
	var mu sync.Mutex
	var began []time.Time
	running, most := 0, 0
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		began = append(began, time.Now())
		running++
		most = max(most, running)
		mu.Unlock()
		time.Sleep(300 * time.Millisecond)
		mu.Lock()
		running--
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"objects":{"customers":[]}}`)
	}))
	defer service.Close()
	flags := []string{"--crm-callback-url", service.URL + "/crm", "--allow-private-callbacks", "--callback-concurrency", fmt.Sprint(concurrency), "--callback-rate", fmt.Sprint(perSecond)}
	processes := []*process{i.serve(flags...), i.serve(flags...)}
	time.Sleep(2 * time.Second) // until both know of the other
	const searches = 24
	ada := signedIn(processes[0], worker)
	var all sync.WaitGroup
	for n := range searches {
		all.Go(func() { ada.get(processes[n%2], fmt.Sprintf("/customers?q=name+%c", 'a'+n)) })
	}
	all.Wait()
	within(t, 10*time.Second, "all calls were made", func() bool { mu.Lock(); defer mu.Unlock(); return len(began) >= searches })
	mu.Lock()
	defer mu.Unlock()
	if most > concurrency {
		t.Errorf("%d calls at once, want at most %d", most, concurrency)
	}
	for n := range began {
		if within := slices.IndexFunc(began[n:], func(at time.Time) bool { return at.Sub(began[n]) > time.Second }); within > perSecond+perSecond/2 {
			t.Errorf("%d calls within a second, want at most a burst of %d and %d more", within, perSecond/2, perSecond)
		}
	}
}
