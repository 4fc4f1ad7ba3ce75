package customers

import (
	"context"
	"errors"

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

var errLate = errors.New("the replica has not received the latest change")

// read runs fn on a reading connection that lend, a method of sqldb.DB, gives: of the replica,
// or of the database when the replica is late or does not respond. fn may run twice.
func (s *Store) read(ctx context.Context, lend func(*sqldb.DB, context.Context, func(*sqldb.Conn) error) error, fn func(db *sqldb.DB, c *sqldb.Conn) error) error {
	if s.replica != nil {
		latest, err := s.generation(ctx)
		if err != nil {
			return err
		}
		err = lend(s.replica, ctx, func(c *sqldb.Conn) error {
			// On this connection: others may be to another replica behind the same address.
			if received, err := c.Count(generationSQL); err != nil || received < latest {
				return errors.Join(err, errLate)
			}
			return fn(s.replica, c)
		})
		if _, broke := s.replica.Engine.Explain(err); err == nil || !broke && !errors.Is(err, errLate) {
			return err
		}
	}
	return lend(s.db, ctx, func(c *sqldb.Conn) error { return fn(s.db, c) })
}
