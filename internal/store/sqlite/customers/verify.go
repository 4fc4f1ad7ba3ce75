package customers

import (
	"context"
	"errors"
)

// Verify returns where searches do not find the customers that lists have.
func (s *Store) Verify(ctx context.Context) (problems []string, err error) {
	c, err := s.db.Connect() // not one of those that serve
	if err != nil {
		return nil, s.readError(err)
	}
	defer func() { err = errors.Join(err, s.readError(c.Close())) }()
	end, err := c.Begin()
	if err != nil {
		return nil, s.readError(err)
	}
	defer end()
	problems, err = s.index.Verify(ctx, c)
	return problems, s.readError(err)
}
