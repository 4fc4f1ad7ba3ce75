package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store/postgres"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// TestDB_ATimeoutOfTheServerIsNoCanceledContext: the server reports both in the same way.
func TestDB_ATimeoutOfTheServerIsNoCanceledContext(t *testing.T) {
	db, err := postgres.Open(t.Context(), postgrestest.URL(t)+"&statement_timeout=500ms", postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, test := range []struct {
		name, query string
		after       time.Duration // which the context is canceled
		want        error
	}{
		{"a statement", "SELECT pg_sleep(10)", time.Hour, storage.ErrTimeout},
		{"a statement that is canceled", "SELECT pg_sleep(10)", 100 * time.Millisecond, context.Canceled},
		{"rows", "SELECT pg_sleep(n / 1000.0) FROM generate_series(1, 1000) n", time.Hour, storage.ErrTimeout},
		{"rows that are canceled", "SELECT pg_sleep(n / 1000.0) FROM generate_series(1, 1000) n", 100 * time.Millisecond, context.Canceled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(test.after, cancel)
		err := db.ReadTx(ctx, func(tx *sql.Tx) error {
			rows, err := tx.QueryContext(ctx, test.query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		})
		cancel()
		if err = db.Explain(err); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}
