package external_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

// A responder is a callback URL without a network, so that it works in a bubble.
type responder func(w http.ResponseWriter, form url.Values)

func (f responder) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	f(w, r.PostForm)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// newHTTPService returns a service in front of a callback URL.
func newHTTPService(t *testing.T, respond responder) *external.Service {
	t.Helper()
	client, err := frontline.NewClient("https://crm.example.com/callback", frontline.ClientOptions{Transport: limit.MeasureTransport(respond)})
	if err != nil {
		t.Fatal(err)
	}
	return newUnlimited(client)
}

// rows returns the JSON of rows with ids from+1 to to.
func rows(from, to int) string {
	var all []string
	for i := from + 1; i <= to; i++ {
		all = append(all, fmt.Sprintf(`{"customer_id":"a%d","display_name":"Person %d","worker":null,"properties":{"x":1}}`, i, i))
	}
	return strings.Join(all, ",")
}

// Each service has 70 customers, a1 to a70; respond gets the first row requested.
func TestService_WireForms(t *testing.T) {
	page := func(from int, token string) string {
		to := min(from+30, 70)
		if token != "" {
			token = `,"next_page_token":` + token
		}
		return `{"objects":{"customers":[` + rows(from, to) + `]` + token + `}}`
	}
	byAnchor := func(from int) string { return page(from, "") }
	byToken := func(form string, last string) func(int) string {
		return func(from int) string {
			if from+30 >= 70 {
				return page(from, last)
			}
			return page(from, fmt.Sprintf(form, from+30))
		}
	}
	prepend := func(rows string) func(int) string {
		return func(from int) string {
			if from >= 70 {
				return page(from, "")
			}
			return strings.Replace(page(from, ""), "[", "["+rows+",", 1)
		}
	}
	for name, respond := range map[string]func(from int) string{
		"anchors":            byAnchor,
		"tokens":             byToken(`"%d"`, ""),
		"number tokens":      byToken(`%d`, ""),
		"null as last token": byToken(`"%d"`, "null"),
		"\"\" as last token": byToken(`"%d"`, `""`),
		"null tokens":        func(from int) string { return page(from, "null") },
		"empty tokens":       func(from int) string { return page(from, `""`) },
		"number ids": func(from int) string {
			return strings.NewReplacer(`"a`, ``, `","display`, `,"display`).Replace(page(from, ""))
		},
		"byte order mark": func(from int) string { return "\ufeff" + page(from, "") },
		"unusable rows":   prepend(`null,7,"x",{},{"display_name":"No id"},{"customer_id":null,"display_name":"Null"}`),
		"null as last page": func(from int) string {
			if from >= 70 {
				return `{"objects":{"customers":null}}`
			}
			return page(from, "")
		},
		"extra objects": func(from int) string {
			return strings.Replace(page(from, ""), `{"objects":{`, `{"x":[],"objects":{"searchable":null,"y":{},`, 1)
		},
		"rows without a name": prepend(`{"customer_id":"n","display_name":null},{"customer_id":"n2"}`),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newHTTPService(t, func(w http.ResponseWriter, form url.Values) {
					from := 0
					fmt.Sscan(strings.TrimPrefix(form.Get("Anchor"), "a"), &from)
					fmt.Sscan(form.Get("NextPageToken"), &from)
					fmt.Fprint(w, respond(from))
				})
				defer closeService(t, s)
				got, err := walkIDs(t, s, alice)
				got = slices.DeleteFunc(got, func(id string) bool { return strings.HasPrefix(id, "n") }) // without a name: may show
				for i, id := range got {
					got[i] = strings.TrimPrefix(id, "a")
				}
				var want []string
				for i := range 70 {
					want = append(want, fmt.Sprint(i+1))
				}
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("walk = %d customers %v, %v, want 1 to 70", len(got), got, err)
				}
			})
		})
	}
}

func TestService_WireFormsOfDetails(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		found  bool
	}{
		"whole":             {200, `{"objects":{"customer":{"customer_id":"a1","display_name":"Person 1"}}}`, true},
		"null fields":       {200, `{"objects":{"customer":{"customer_id":"a1","display_name":"Person 1","channels":null,"links":null,"details":null,"avatar":null}}}`, true},
		"404":               {404, `{"error":"not found"}`, false},
		"an empty customer": {200, `{"objects":{"customer":{}}}`, false},
		"null":              {200, `{"objects":{"customer":null}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newHTTPService(t, func(w http.ResponseWriter, form url.Values) {
					if form.Get("Location") == frontline.LocationCustomersList {
						fmt.Fprint(w, `{"objects":{"customers":[`+rows(0, 2)+`]}}`)
						return
					}
					w.WriteHeader(test.status)
					fmt.Fprint(w, test.body)
				})
				defer closeService(t, s)
				resp, err := openDetails(t.Context(), s, "alice", "a1")
				if test.found && (err != nil || resp.Customer.DisplayName != "Person 1") || !test.found && !errors.Is(err, frontline.ErrNotFound) {
					t.Errorf("CustomerDetails = %+v, %v, want found %v", resp, err, test.found)
				}
				if _, err := walkIDs(t, s, alice); err != nil {
					t.Errorf("CustomersList afterwards: %v", err)
				}
			})
		})
	}
}

func TestService_HeedsRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := newHTTPService(t, func(w http.ResponseWriter, _ url.Values) {
			if calls++; calls == 1 {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			fmt.Fprint(w, `{"objects":{"customers":[`+rows(0, 30)+`],"next_page_token":"30"}}`)
		})
		defer closeService(t, s)
		began := time.Now()
		resp := mustOpen(t, s, alice)
		if took := time.Since(began); len(resp.Customers) != 30 || calls != 2 || took < 7*time.Second || took > 10*time.Second {
			t.Errorf("CustomersList = %d customers, %d calls, after %v, want 30 and 2 after 7s", len(resp.Customers), calls, took)
		}
		if state := s.Stats().Breaker.State; state != "closed" {
			t.Errorf("breaker is %s after a 429, want closed", state)
		}
	})
}
