package server

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
)

// BenchmarkMasking_Pages measures whole pages of a worker, with numbers masked and not:
// the session, the list of 30 and the rendered page.
func BenchmarkMasking_Pages(b *testing.B) {
	for _, masked := range []bool{false, true} {
		l := newLeakServer(b, masked, "")
		for worker, id := range map[string]string{"names": "c-%d", "ids": "100000%02d"} {
			l.add(b, worker, account.RoleWorker)
			for i := range 40 {
				l.put(b, customer.Customer{
					ID: fmt.Sprintf(id, i), Name: fmt.Sprintf("Bobby %c Example", 'A'+i), Workers: []string{worker},
					Channels: []customer.Channel{{Type: "sms", Value: "+15557048291"}, {Type: "email", Value: "bobby@example.com"}},
					Links:    []customer.Link{{Type: "CRM", Value: "https://example.com/profile", DisplayName: "Profile"}},
					Details:  customer.Detail{Title: "Purchase history", Content: "Product: Unobtanium\nQuantity: 1000 units"},
				})
			}
		}
		for _, screen := range []struct{ name, worker, target, part string }{
			{"list", "names", "/customers", ""}, {"list as a part", "names", "/customers", "list"}, {"list of ids with numbers", "ids", "/customers", ""},
			{"details as a part", "names", "/customers/c-7", "detail"},
		} {
			b.Run(fmt.Sprintf("%s, masked is %v", screen.name, masked), func(b *testing.B) {
				for b.Loop() {
					if code := l.get(screen.worker, screen.target, screen.part).Code; code != http.StatusOK {
						b.Fatal(code)
					}
				}
			})
		}
	}
}
