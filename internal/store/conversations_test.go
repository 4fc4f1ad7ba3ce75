package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/storetest"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

func TestConversations(t *testing.T) {
	dbtest.ForEachKind(t, func(t *testing.T, create func(t testing.TB) string) {
		storetest.Run(t, func(t *testing.T) conversation.Store {
			return dbtest.Open(t, create(t), store.Options{}).Conversations()
		})
	})
}

func TestConversations_DatabaseErrorsAreErrStore(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		if _, err := dbtest.Raw(t, database).Exec("DROP TABLE conversation_worker; DROP TABLE outgoing_message"); err != nil {
			t.Fatal(err)
		}
		c := d.Conversations()
		_, entry := c.Entry(ctx, "CH1")
		_, page := c.Page(ctx, conversation.PageQuery{Worker: "ada", Limit: 1})
		_, unread := c.Unread(ctx, "ada")
		_, _, begin := c.BeginSend(ctx, conversation.Outgoing{ClientID: "a"})
		_, update := c.Update(ctx, "CH1", func(e *conversation.Entry) error { e.Closed = true; return nil })
		for name, err := range map[string]error{"Entry": entry, "Page": page, "Unread": unread, "BeginSend": begin, "Update": update} {
			if !errors.Is(err, conversation.ErrStore) {
				t.Errorf("%s() = %v, want ErrStore", name, err)
			}
		}
	})
}

// fillConversations makes 100,000 conversations of 1,000 workers. A tenth is open; of those,
// a quarter has unread messages.
const fillConversations = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
	INSERT INTO conversation SELECT printf('CH%032d', i), i % 10 > 0, i % 5000, i * 7919 % 1000000, i % 50, NULL, zeroblob(300) FROM n;
	INSERT INTO conversation_worker SELECT sid, 'worker' || abs(random()) % 1000, 'worker', 'MB', last_index - (random() % 4 = 0), 0, 1,
	closed, last_at, last_index FROM conversation`

func BenchmarkConversations(b *testing.B) {
	d := openTest(b, store.Options{})
	raw := dbtest.Raw(b, d.File())
	if _, err := raw.Exec(fillConversations); err != nil {
		b.Fatal(err)
	}
	c := d.Conversations()
	worker := func() string { return fmt.Sprint("worker", rand.IntN(1000)) }
	for name, op := range map[string]func(ctx context.Context) error{
		"page": func(ctx context.Context) error {
			_, err := c.Page(ctx, conversation.PageQuery{Worker: worker(), Closed: true, Limit: 30})
			return err
		},
		"unread": func(ctx context.Context) error { _, err := c.Unread(ctx, worker()); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := op(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
