package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
)

// userFlags are what may be changed about a person.
type userFlags struct {
	role                           string
	mayExport                      bool
	deactivate, activate, unlink   bool
	roleGiven, exportGiven, anyOne bool
}

func userSetCommand() command {
	return command{
		name: "user set", args: "IDENTITY", minArgs: 1, maxArgs: 1,
		summary: "change the role or permissions of a person, or deactivate them",
		about: `
A deactivated person is signed out immediately and cannot sign in until --activate; they keep
their customers. The last active administrator cannot be deactivated or made a worker.
--unbind unlinks a person from their account at the identity provider: the next sign-in
with this identity links another one.

  clientele user set ada@example.com --role admin --may-export
  clientele user set bob@example.com --deactivate`,
		setup: func(f *flags) action {
			database := f.database()
			var s userFlags
			f.StringVar(&s.role, "role", "", "give them this `ROLE`: worker or admin")
			f.BoolVar(&s.mayExport, "may-export", false, "let an administrator export all customers; --may-export=false removes the permission")
			f.BoolVar(&s.deactivate, "deactivate", false, "refuse their sign-ins and end their sessions")
			f.BoolVar(&s.activate, "activate", false, "allow them to sign in again")
			f.BoolVar(&s.unlink, "unbind", false, "unlink their account at the identity provider and end their sessions")
			return func(ctx context.Context, std streams, args []string) error {
				s.readGiven(f)
				if err := s.check(); err != nil {
					return err
				}
				return withPeople(ctx, *database, func(db *store.DB, people *account.Service) error {
					return s.apply(ctx, std.err, db, people, args[0])
				})
			}
		},
	}
}

// readGiven records which flags were given.
func (u *userFlags) readGiven(f *flags) {
	f.Visit(func(fl *flag.Flag) {
		switch fl.Name {
		case "role":
			u.roleGiven = true
		case "may-export":
			u.exportGiven = true
		}
	})
	u.anyOne = u.roleGiven || u.exportGiven || u.deactivate || u.activate || u.unlink
}

func (u *userFlags) check() error {
	switch {
	case !u.anyOne:
		return usageErrorf("nothing to change: give --role, --may-export, --deactivate, --activate or --unbind")
	case u.deactivate && u.activate:
		return usageErrorf("--deactivate and --activate cannot be combined")
	case u.roleGiven && account.ValidateRole(account.Role(u.role)) != nil:
		return usageErrorf("--role %s: use worker or admin", u.role)
	case u.exportGiven && u.mayExport && account.Role(u.role) == account.RoleWorker:
		return usageErrorf("--may-export: only administrators may export")
	}
	return nil
}

// apply makes the changes one by one and prints each. It stops at the first that fails.
func (u *userFlags) apply(ctx context.Context, out io.Writer, db *store.DB, people *account.Service, identity string) error {
	role := account.Role(u.role)
	steps := []struct {
		wanted bool
		do     func(ctx context.Context) error
		done   string
		params audit.Params
	}{
		{u.activate, func(ctx context.Context) error { return people.Reactivate(ctx, identity) }, "can sign in again", audit.Activated},
		{u.roleGiven, func(ctx context.Context) error { return people.SetRole(ctx, identity, role) }, "now has the role " + u.role, audit.Role(role == account.RoleAdmin)},
		{u.exportGiven && u.mayExport, func(ctx context.Context) error { return people.SetMayExport(ctx, identity, true) }, "may export", audit.ExportOn},
		{u.exportGiven && !u.mayExport, func(ctx context.Context) error { return people.SetMayExport(ctx, identity, false) }, "may not export", audit.ExportOff},
		{u.unlink, func(ctx context.Context) error { return people.Unlink(ctx, identity) }, "is unlinked from the identity provider and signed out", audit.Unlinked},
		{u.deactivate, func(ctx context.Context) error { return people.Deactivate(ctx, identity) }, "is deactivated and signed out", audit.Deactivated},
	}
	for _, step := range steps {
		if !step.wanted {
			continue
		}
		err := act(ctx, db, audit.Entry{Action: audit.PersonChanged, Subject: identity, Params: step.params}, func(ctx context.Context) (bool, error) {
			return changed(ctx, people, identity, step.do)
		})
		if err != nil {
			return aboutPerson(err, identity)
		}
		fmt.Fprintf(out, "%s %s.\n", identity, step.done)
	}
	return nil
}

// changed runs do and reports whether it changed the person.
func changed(ctx context.Context, people *account.Service, identity string, do func(ctx context.Context) error) (bool, error) {
	before, err := people.Person(ctx, identity)
	if err != nil {
		return false, err
	}
	if err := do(ctx); err != nil {
		return false, err
	}
	after, err := people.Person(ctx, identity)
	return after != before, err
}

// aboutPerson adds to an error the person it is about, and what to do.
func aboutPerson(err error, identity string) error {
	switch {
	case errors.Is(err, account.ErrNotFound):
		return fmt.Errorf("there is no person %s: see clientele user list", identity)
	case errors.Is(err, account.ErrLastAdmin):
		return fmt.Errorf("%s is the last active administrator: make someone else an administrator first, with clientele user set IDENTITY --role admin", identity)
	}
	return err
}
