package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
)

func TestFirst(t *testing.T) {
	ctx := context.Background()
	d, err := Open(ctx, filepath.Join(t.TempDir(), "a.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := d.Customers()
	fill(t, d, 2000, 500)
	var at customer.Cursor
	n := 0
	anchor := ""
	for {
		p, err := s.List(ctx, customer.ListQuery{Worker: "POOL@example.com", After: at, Limit: 30})
		if err != nil {
			t.Fatal(err)
		}
		if anchor != "" {
			p2, err := s.List(ctx, customer.ListQuery{Worker: "POOL@example.com", Anchor: anchor, Limit: 30})
			if err != nil || p2.Rows[0] != p.Rows[0] {
				t.Fatal(err, p2.Rows[0], p.Rows[0])
			}
		}
		n += len(p.Rows)
		if !p.More {
			break
		}
		at = p.Rows[len(p.Rows)-1].Cursor
		anchor = p.Rows[len(p.Rows)-1].ID
	}
	if n != 1000 {
		t.Fatal(n)
	}
	if _, err := s.Customer(ctx, "pool@example.com", "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Customer(ctx, "pool@example.com", "2"); !errors.Is(err, customer.ErrNotFound) {
		t.Fatal(err)
	}
}
