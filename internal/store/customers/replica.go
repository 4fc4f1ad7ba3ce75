package customers

import (
	"context"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// A generationOf returns the generation of the customers in a database now: each change is of
// a new one.
type generationOf func(ctx context.Context) (int64, error)

func newGenerationOf(db *sqldb.DB) generationOf {
	read := func(ctx context.Context) (generation int64, err error) {
		err = db.Read(ctx, func(c *sqldb.Conn) error {
			generation, err = c.Count(generationSQL)
			return err
		})
		return generation, err
	}
	if db.Server {
		// Other processes may have changed a customer just now, who must be seen at once.
		return sqldb.NewLatest(func() (int64, error) { return read(context.Background()) }).Get
	}
	cache := sqldb.NewCache[struct{}, int64](db, 1)
	return func(ctx context.Context) (int64, error) {
		return cache.Get(ctx, struct{}{}, func() (int64, error) { return read(ctx) })
	}
}

// reader returns the database from which a list, a search or details are read: the replica,
// unless it has not yet received the latest change or does not respond.
func (s *Store) reader(ctx context.Context) *sqldb.DB {
	if s.replica == nil {
		return s.db
	}
	latest, err := s.generation(ctx)
	if err != nil {
		return s.db
	}
	received, err := s.received(ctx)
	if err != nil || received < latest {
		return s.db
	}
	return s.replica
}

// read runs fn on a reading connection of that database.
func (s *Store) read(ctx context.Context, fn func(c *sqldb.Conn) error) error {
	return s.reader(ctx).Read(ctx, fn)
}
