package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// standingFlags are what may be changed about somebody; nil leaves it.
type standingFlags struct {
	role                           string
	mayExport                      bool
	deactivate, activate, unbind   bool
	roleGiven, exportGiven, anyOne bool
}

func userSetCommand() command {
	return command{
		name: "user set", args: "IDENTITY", minArgs: 1, maxArgs: 1,
		summary: "change what somebody may do",
		about: `
Who is deactivated is signed out at once and cannot sign in, until --activate; their
customers stay theirs. The last active administrator cannot be deactivated or made
a worker. --unbind parts somebody from their account at the identity provider: the
next sign-in with this identity binds another one.

  clientele user set ada@example.com --role admin --may-export
  clientele user set bob@example.com --deactivate`,
		setup: func(f *flags) action {
			database := f.database()
			var s standingFlags
			f.StringVar(&s.role, "role", "", "make them a `ROLE`: worker or admin")
			f.BoolVar(&s.mayExport, "may-export", false, "let an administrator export all customers; --may-export=false takes it back")
			f.BoolVar(&s.deactivate, "deactivate", false, "keep them from signing in, and end their sessions")
			f.BoolVar(&s.activate, "activate", false, "let them sign in again")
			f.BoolVar(&s.unbind, "unbind", false, "forget their account at the identity provider, and end their sessions")
			return func(ctx context.Context, std streams, args []string) error {
				s.note(f)
				if err := s.check(); err != nil {
					return err
				}
				db, err := openExisting(ctx, *database)
				if err != nil {
					return err
				}
				return withAccounts(db, func(people *account.Service) error {
					return s.apply(ctx, std.err, db, people, args[0])
				})
			}
		},
	}
}

// note keeps which flags were given.
func (s *standingFlags) note(f *flags) {
	f.Visit(func(fl *flag.Flag) {
		switch fl.Name {
		case "role":
			s.roleGiven = true
		case "may-export":
			s.exportGiven = true
		}
	})
	s.anyOne = s.roleGiven || s.exportGiven || s.deactivate || s.activate || s.unbind
}

func (s *standingFlags) check() error {
	switch {
	case !s.anyOne:
		return usageErrorf("nothing to change: give --role, --may-export, --deactivate, --activate or --unbind")
	case s.deactivate && s.activate:
		return usageErrorf("--deactivate and --activate cannot go together")
	case s.roleGiven && account.ValidateRole(account.Role(s.role)) != nil:
		return usageErrorf("--role %s: it is worker or admin", s.role)
	case s.exportGiven && s.mayExport && account.Role(s.role) == account.RoleWorker:
		return usageErrorf("--may-export: only administrators may export")
	}
	return nil
}

// apply makes the changes one by one and says each; the first that cannot be ends it.
func (s *standingFlags) apply(ctx context.Context, say io.Writer, db *sqlite.DB, people *account.Service, identity string) error {
	role := detailWorker
	if account.Role(s.role) == account.RoleAdmin {
		role = detailAdmin
	}
	steps := []struct {
		wanted       bool
		do           func() error
		done, detail string
	}{
		{s.activate, func() error { return people.Reactivate(ctx, identity) }, "can sign in again", detailActivated},
		{s.roleGiven, func() error { return people.SetRole(ctx, identity, account.Role(s.role)) }, "has the role " + s.role + " now", role},
		{s.exportGiven && s.mayExport, func() error { return people.SetMayExport(ctx, identity, true) }, "may export", detailMayExport},
		{s.exportGiven && !s.mayExport, func() error { return people.SetMayExport(ctx, identity, false) }, "may not export", detailMayNotExport},
		{s.unbind, func() error { return people.Unbind(ctx, identity) }, "has no account at the identity provider any more, and is signed out", detailUnbound},
		{s.deactivate, func() error { return people.Deactivate(ctx, identity) }, "is deactivated and signed out", detailDeactivated},
	}
	for _, step := range steps {
		if !step.wanted {
			continue
		}
		if err := step.do(); err != nil {
			return aboutPerson(err, identity)
		}
		fmt.Fprintf(say, "%s %s.\n", identity, step.done)
		if err := audited(ctx, db, audit.Entry{Action: audit.PersonChanged, Subject: identity, Detail: step.detail}); err != nil {
			return err
		}
	}
	return nil
}

// aboutPerson adds to an error whom it is about, and what to do.
func aboutPerson(err error, identity string) error {
	switch {
	case errors.Is(err, account.ErrNotFound):
		return fmt.Errorf("there is nobody called %s: see clientele user list", identity)
	case errors.Is(err, account.ErrLastAdmin):
		return fmt.Errorf("%s is the last active administrator: make somebody else one first, with clientele user set IDENTITY --role admin", identity)
	}
	return err
}
