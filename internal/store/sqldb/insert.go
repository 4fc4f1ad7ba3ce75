package sqldb

import (
	"database/sql/driver"
	"slices"
	"strings"
)

// rowsPerInsert is how many rows one statement of an Inserter inserts.
const rowsPerInsert = 32

// Inserter inserts rows of type R in the order of their table, several with one
// statement. Rows in random order would each change a page of their own; the pages
// of a million rows do not fit the cache.
type Inserter[R any] struct {
	one, several string
	columns      int
	compare      func(a, b R) int
	bind         func(args []driver.Value, row R) []driver.Value
}

// NewInserter returns an Inserter. insert ends with VALUES, onConflict
// is what follows the rows, compare gives the order
// of the table, and bind appends the values of the columns.
func NewInserter[R any](insert, onConflict string, columns int, compare func(a, b R) int, bind func(args []driver.Value, row R) []driver.Value) *Inserter[R] {
	row := " (?" + strings.Repeat(", ?", columns-1) + ")"
	return &Inserter[R]{
		one: insert + row + " " + onConflict, several: insert + row + strings.Repeat(","+row, rowsPerInsert-1) + " " + onConflict,
		columns: columns, compare: compare, bind: bind,
	}
}

// Insert sorts and inserts the rows. Equal ones stay in their order.
func (i *Inserter[R]) Insert(c *Conn, rows []R) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, i.compare)
	args := make([]driver.Value, 0, rowsPerInsert*i.columns)
	for len(rows) > 0 {
		sql, n := i.one, 1
		if len(rows) >= rowsPerInsert {
			sql, n = i.several, rowsPerInsert
		}
		args = args[:0]
		for _, row := range rows[:n] {
			args = i.bind(args, row)
		}
		if err := c.Exec(sql, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// A Copier is a connection to a server that takes very many rows faster than by statements.
type Copier interface {
	Copy(table string, columns []string, rows [][]any) error
}

// InsertRows inserts rows with values for these columns, which should be in the order of the
// table.
func (c *Conn) InsertRows(table string, columns []string, rows [][]any) error {
	if copier, ok := c.raw.(Copier); ok {
		return copier.Copy(table, columns, rows)
	}
	inOrder := func(_, _ []any) int { return 0 }
	insert := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES"
	return NewInserter(insert, "", len(columns), inOrder, func(args []driver.Value, row []any) []driver.Value {
		for _, v := range row {
			args = append(args, v)
		}
		return args
	}).Insert(c, rows)
}
