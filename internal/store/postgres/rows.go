package postgres

import (
	"context"
	"database/sql/driver"
	"io"

	"github.com/jackc/pgx/v5"
)

// rows are the rows of a query, with the values that SQLite would have.
type rows struct {
	found   pgx.Rows
	columns []string
	c       *conn
	ctx     context.Context // of the query
	// kept are rows that were received early, ahead says whether found is at a row that Next has
	// not returned, and err is what Next returns after them.
	kept  [][]driver.Value
	ahead bool
	err   error
}

// read returns the rows of the statement that was sent last.
func (c *conn) read(ctx context.Context) (*rows, error) {
	found, _ := c.sent.Query() // its error is that of advance
	r := &rows{found: found, c: c, ctx: ctx}
	c.open = r
	r.advance()
	if r.err != nil && r.err != io.EOF {
		return nil, r.err
	}
	for _, column := range found.FieldDescriptions() {
		r.columns = append(r.columns, column.Name)
	}
	return r, nil
}

// Columns implements driver.Rows.
func (r *rows) Columns() []string { return r.columns }

// advance goes to the next row, or receives what the server says after the last.
func (r *rows) advance() {
	if r.ahead = r.found.Next(); !r.ahead {
		r.end()
	}
}

// end receives what the server says after the rows.
func (r *rows) end() {
	r.c.open = nil
	if r.err = orEnded(r.ctx, r.c.receive()); r.err == nil {
		r.err = io.EOF
	}
}

// keep receives all rows, so that another statement can run before they are read.
func (r *rows) keep() {
	var err error
	for ; err == nil && (r.ahead || r.found.Next()); r.ahead = false {
		row := make([]driver.Value, len(r.columns))
		err = r.scan(row)
		r.kept = append(r.kept, row)
	}
	if r.end(); err != nil {
		r.kept, r.err = nil, err
	}
}

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	if len(r.kept) > 0 {
		copy(dest, r.kept[0])
		r.kept = r.kept[1:]
		return nil
	}
	if r.err == nil && !r.ahead {
		r.advance()
	}
	if r.err != nil {
		return r.err
	}
	r.ahead = false
	return orEnded(r.ctx, r.scan(dest))
}

// scan copies the row at which found is.
func (r *rows) scan(dest []driver.Value) error {
	values, err := r.found.Values()
	for i, v := range values { // none after an error
		switch v := v.(type) {
		case bool:
			dest[i] = numberOf(v)
		case int16:
			dest[i] = int64(v)
		case int32:
			dest[i] = int64(v)
		case []byte:
			if dest[i] = v; len(v) == 0 {
				dest[i] = []byte(nil)
			}
		case driver.Valuer: // a sum, for example
			if dest[i], err = v.Value(); err != nil {
				return err
			}
		default:
			dest[i] = v
		}
	}
	return err
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	if r.c.open == r {
		r.end()
	}
	if r.err == io.EOF {
		return nil
	}
	return r.err
}

func numberOf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
