package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

var _ sqldb.Copier = (*conn)(nil)

// Copy implements sqldb.Copier.
func (c *conn) Copy(table string, columns []string, rows [][]any) error {
	if err := c.finish(context.Background()); err != nil {
		return err
	}
	_, err := c.Conn.Conn().CopyFrom(context.Background(), pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
	return err
}
