package messaging_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// A conversation opens as fast however many messages it has. The messaging service is in
// the same process.
func BenchmarkService_Thread(b *testing.B) {
	for _, n := range []int{30, 10_000} {
		b.Run(fmt.Sprint(n, " messages"), func(b *testing.B) {
			w := newWorld(b, sqlitetest.File(b))
			seed := fakeapi.SeedConversation{Workers: []string{"alice"}, Channel: conversation.SMS, Address: bobby, ProxyAddress: proxy}
			for i := range n {
				seed.Messages = append(seed.Messages, fakeapi.SeedMessage{Body: fmt.Sprint("message ", i), At: time.Now()})
			}
			sid := w.api.Seed(seed)
			if err := w.Reconcile(b.Context(), "alice"); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := w.Thread(b.Context(), "alice", sid, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
