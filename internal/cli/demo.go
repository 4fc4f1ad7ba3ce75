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
	"github.com/clientele-project/clientele/internal/server"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

// demoWorkers have customers, and demoAdmin sees the console.
var demoWorkers = []string{sample.Alice, sample.Bob, sample.Carol}

const demoAdmin = "admin@example.com"

// demoLimits bound the calls to a service that is tried in the demo's console. Private
// addresses are allowed: only this machine reaches the console, and the service to try
// usually runs on the same machine.
var demoLimits = server.CallbackLimits{AllowPrivate: true, Concurrency: 8, Rate: 20}

func demoCommand() command {
	return command{
		name:    "demo",
		summary: "try it with sample customers; nothing to set up, nothing kept",
		about: `
Serves a few hundred sample customers of three workers from a temporary database,
which is removed at the end. On this machine, people sign in with one tap and the
callback needs no signature. No one else gets in: the demo listens on this machine
only and refuses requests that came through a proxy. The demo's administrator may set
callback URLs that lead to this machine, to try a service that runs on it.`,
		setup: func(f *flags) action {
			addr := f.String("addr", "127.0.0.1:8080", "listen on `HOST:PORT` of this machine; port 0 picks a free one")
			logs := f.logs("warn")
			return func(ctx context.Context, std streams, _ []string) error {
				if err := checkAddr(*addr); err != nil {
					return err
				}
				if !isLoopbackAddr(*addr) {
					return usageErrorf("--addr %s: the demo needs no password, so it listens on this machine only: use 127.0.0.1:8080 or the like", *addr)
				}
				log, err := logs.open(std.err)
				if err != nil {
					return err
				}
				return demo(ctx, std, *addr, log)
			}
		},
	}
}

func demo(ctx context.Context, std streams, addr string, log *logger) (err error) {
	l, err := listen(addr)
	if err != nil {
		return err
	}
	defer l.Close()
	// A machine may give the name localhost to another address.
	if !isLoopbackAddr(l.Addr().String()) {
		return fmt.Errorf("%s is not an address of this machine only: use 127.0.0.1", addr)
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
	customers := sample.Demo()
	key := secret.NewKey()
	srv, err := server.New(ctx, server.Config{
		DB: db, Key: key, Logger: log.Logger, Notice: log.notice,
		Callbacks: demoLimits, Conversations: demoConversations(customers, rootURL(l.Addr())), AllowUnsigned: server.FromThisMachine, OneTap: demoPeople,
	})
	if err != nil {
		return err
	}
	defer srv.Close()
	if err := seed(ctx, db, srv.Accounts(), customers); err != nil {
		return err
	}
	stored := settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil)
	if _, _, err := stored.SaveTemplates(ctx, func(t *settings.Templates) { *t = demoTemplates }); err != nil {
		return err
	}
	if err := srv.Start(ctx); err != nil {
		return err
	}
	if err := printBanner(std, l.Addr(), len(customers)); err != nil {
		return err
	}
	return srv.Serve(ctx, l)
}

// demoPeople are whom a request from this machine can sign in as with one tap.
func demoPeople(r *http.Request) []string {
	if !server.FromThisMachine(r) {
		return nil
	}
	return append(slices.Clone(demoWorkers), demoAdmin)
}

// seed stores the people and their customers.
func seed(ctx context.Context, db *store.DB, people *account.Service, customers []customer.Customer) error {
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

// printBanner prints where to go and what to try.
func printBanner(std streams, addr net.Addr, customers int) error {
	root := rootURL(addr)
	if _, err := fmt.Fprintf(std.out, "Open %s\n", root); err != nil {
		return err
	}
	fmt.Fprintf(std.err, `
Sign in with one tap as %s: %d sample customers, removed when you stop this with Ctrl-C.
As %s you see the console, at %sconsole.
From this machine, the callback needs no signature:

  curl --location --request POST '%s%s' \
    --header 'Content-Type: application/x-www-form-urlencoded' \
    --data-urlencode 'Location=GetCustomersList' \
    --data-urlencode 'Worker=%s' \
    --data-urlencode 'PageSize=30'

`, orList(demoWorkers), customers, demoAdmin, root, strings.TrimSuffix(root, "/"), server.CallbackPath, sample.Alice)
	return nil
}

// orList writes "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
