package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// demoWorkers have customers, and demoAdmin sees the console; all can be signed in as.
var demoWorkers = []string{sample.Alice, sample.Bob, sample.Carol}

const demoAdmin = "admin@example.com"

// demoLimits are how the demo asks a service that somebody tries in its console.
// Private addresses are allowed: only this machine reaches the console, and the
// service to try is most often one that runs beside it.
func demoLimits() *callbackFlags {
	none, private, concurrency, rate := "", true, 8, 20.0
	return &callbackFlags{url: &none, private: &private, concurrency: &concurrency, rate: &rate}
}

func demoCommand() command {
	return command{
		name:    "demo",
		summary: "try it: invented customers, nothing to set up, nothing kept",
		about: `
Serves a few hundred invented customers of three workers from a temporary database,
which is removed at the end. Whoever sits at this machine can sign in with one tap
and ask the callback without a signature; nobody else can: it listens on this
machine only, and refuses what came through a proxy. The administrator of the demo
may set callback URLs that lead to this machine, to try a service that runs on it.`,
		setup: func(f *flags) action {
			addr := f.String("addr", "127.0.0.1:8080", "listen on `HOST:PORT` of this machine alone; port 0 takes a free one")
			logs := f.logs("warn")
			return func(ctx context.Context, std streams, _ []string) error {
				if err := checkAddr(*addr); err != nil {
					return err
				}
				if !loopbackAddr(*addr) {
					return wrongUse("--addr %s: the demo lets anybody in who reaches it, so it listens on this machine only, such as 127.0.0.1:8080", *addr)
				}
				journal, err := logs.open(std.err)
				if err != nil {
					return err
				}
				return demo(ctx, std, *addr, journal)
			}
		},
	}
}

func demo(ctx context.Context, std streams, addr string, journal *journal) (err error) {
	l, err := listen(addr)
	if err != nil {
		return err
	}
	defer l.Close()
	// A machine may give the name localhost to another address.
	if !loopbackAddr(l.Addr().String()) {
		return fmt.Errorf("%s is not an address of this machine alone: use 127.0.0.1", addr)
	}
	dir, err := os.MkdirTemp("", "clientele-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := openDatabase(ctx, filepath.Join(dir, "clientele.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	h := newHouse(ctx, db, secret.NewKey(), journal, demoLimits())
	defer h.close()
	customers := sample.Demo()
	if err := furnish(ctx, db, h.people, customers); err != nil {
		return err
	}
	if err := h.open(ctx); err != nil {
		return err
	}
	handler, err := site{house: h, unsigned: fromThisMachine, oneTap: demoPeople}.handler()
	if err != nil {
		return err
	}
	if err := invite(std, l.Addr(), len(customers)); err != nil {
		return err
	}
	return serveUntilDone(ctx, l, handler, journal.Logger, stopGrace)
}

// demoPeople are those whom somebody at this machine can sign in as with one tap.
func demoPeople(r *http.Request) []string {
	if !fromThisMachine(r) {
		return nil
	}
	return append(slices.Clone(demoWorkers), demoAdmin)
}

// furnish puts the people and their customers into the database.
func furnish(ctx context.Context, db *sqlite.DB, people *account.Service, customers []customer.Customer) error {
	for _, worker := range demoWorkers {
		if err := people.AddPerson(ctx, worker, account.RoleWorker, ""); err != nil {
			return err
		}
	}
	if err := people.AddPerson(ctx, demoAdmin, account.RoleAdmin, ""); err != nil {
		return err
	}
	if err := people.SetMayExport(ctx, demoAdmin, true); err != nil {
		return err
	}
	return db.Customers().Update(ctx, func(tx customer.Tx) error {
		for _, c := range customers {
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// invite says where to go and what to try.
func invite(std streams, addr net.Addr, customers int) error {
	root := rootURL(addr)
	if _, err := fmt.Fprintf(std.out, "Open %s\n", root); err != nil {
		return err
	}
	fmt.Fprintf(std.err, `
Sign in with one tap as %s: %d invented customers, removed when you stop this with Ctrl-C.
As %s you see the console, at %sconsole.
The callback answers this machine without a signature:

  curl --location --request POST '%s%s' \
    --header 'Content-Type: application/x-www-form-urlencoded' \
    --data-urlencode 'Location=GetCustomersList' \
    --data-urlencode 'Worker=%s' \
    --data-urlencode 'PageSize=30'

`, orList(demoWorkers), customers, demoAdmin, root, strings.TrimSuffix(root, "/"), callbackPath, sample.Alice)
	return nil
}

// orList writes "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
