package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clientele-project/clientele/internal/storage"
)

// plainError says what an error of the database means, and what to do.
type plainError struct {
	text   string
	causes []error
}

func (e *plainError) Error() string   { return e.text }
func (e *plainError) Unwrap() []error { return e.causes }

// Explain implements sqldb.Engine. Signs of a full disk change what Condition returns.
func (e *engine) Explain(err error) (plain error, ours bool) {
	var server *pgconn.PgError
	var connecting *pgconn.ConnectError
	var network *net.OpError
	switch {
	case errors.As(err, &server):
		switch server.Code {
		case "57014": // query_canceled: not by us, for then the driver returns the error of the context
			return &plainError{storage.ErrTimeout.Error(), []error{err, storage.ErrTimeout}}, true
		case "53100": // disk_full
			e.full.Store(true)
			return &plainError{"the disk of the database server is full", []error{err, storage.ErrFull}}, true
		case "25006": // read_only_sql_transaction
			return &plainError{storage.ErrStandby.Error(), []error{err, storage.ErrStandby}}, true
		case "55P03": // lock_not_available
			return &plainError{"another program is writing to the database: try again", []error{err}}, true
		case "57P01", "57P02", "57P03": // admin_shutdown, crash_shutdown, cannot_connect_now
			return &plainError{storage.ErrUnreachable.Error(), []error{err, storage.ErrUnreachable}}, true
		case "53300": // too_many_connections
			return &plainError{storage.ErrNoConnection.Error(), []error{err, storage.ErrNoConnection}}, true
		case "28P01", "28000": // invalid_password, invalid_authorization_specification
			return &plainError{"the database refuses this user or password", []error{err}}, true
		case "3D000": // invalid_catalog_name
			return &plainError{"there is no database of that name on the server: create it first", []error{err}}, true
		}
		return err, true
	case errors.Is(err, context.Canceled):
		return context.Canceled, true
	case errors.As(err, &connecting):
		return &plainError{storage.ErrUnreachable.Error(), []error{err, storage.ErrUnreachable}}, true
	case errors.Is(err, context.DeadlineExceeded):
		return err, false
	case errors.Is(err, storage.ErrUnreachable), errors.Is(err, driver.ErrBadConn), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, pgconn.ErrConnClosed), pgconn.SafeToRetry(err):
		return &plainError{storage.ErrUnreachable.Error(), []error{err, storage.ErrUnreachable}}, true
	}
	return err, false
}

// IsDuplicate implements sqldb.Engine.
func (e *engine) IsDuplicate(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "23505" // unique_violation
}
