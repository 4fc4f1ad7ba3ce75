package processes

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
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
