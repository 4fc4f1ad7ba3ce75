package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store/postgres"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// A relay passes bytes between connections and a server; while it hangs, it keeps them.
type relay struct {
	net.Listener
	socket string // of the server
	hangs  sync.Mutex
}

func (r *relay) serve() {
	for {
		c, err := r.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			s, err := net.Dial("unix", r.socket)
			if err != nil {
				return
			}
			defer s.Close()
			go r.pass(s, c)
			r.pass(c, s)
		}()
	}
}

func (r *relay) pass(to io.Writer, from io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		r.hangs.Lock()
		_, werr := to.Write(buf[:n])
		r.hangs.Unlock()
		if err != nil || werr != nil {
			return
		}
	}
}

func TestDB_AServerThatHangsIsNoticed(t *testing.T) {
	address, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	options := address.Query()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := &relay{Listener: l, socket: options.Get("host") + "/.s.PGSQL.5432"}
	go r.serve()
	options.Set("host", "127.0.0.1")
	options.Set("port", fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
	address.RawQuery = options.Encode()
	db, err := postgres.Open(t.Context(), address.String(), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	query := func(sql string) (time.Duration, error) {
		begun := time.Now()
		var s string
		err := db.QueryRowContext(context.Background(), sql).Scan(&s)
		return time.Since(begun), db.Explain(err)
	}
	if took, err := query("SELECT pg_sleep(4)::text"); err != nil {
		t.Errorf("a statement of 4 s: %v after %v", err, took)
	}
	r.hangs.Lock()
	if took, err := query("SELECT 'x'"); !errors.Is(err, storage.ErrUnreachable) || took > 7*time.Second {
		t.Errorf("a query while the server hangs: %v after %v, want %v within 7 s", err, took, storage.ErrUnreachable)
	}
	if took, err := query("SELECT 'x'"); !errors.Is(err, storage.ErrUnreachable) || took > 500*time.Millisecond {
		t.Errorf("the next query: %v after %v, want %v at once", err, took, storage.ErrUnreachable)
	}
	r.hangs.Unlock()
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, err := query("SELECT 'x'")
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a query once the server goes on: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
