package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store"
)

func userListCommand() command {
	return command{
		name:    "user list",
		summary: "list the people who can sign in",
		setup: func(f *flags) action {
			database := f.database()
			asJSON := f.Bool("json", false, "print a JSON array")
			return func(ctx context.Context, std streams, _ []string) error {
				return withPeople(ctx, *database, func(_ *store.DB, people *account.Service) error {
					all, err := people.People(ctx)
					if err != nil {
						return err
					}
					if *asJSON {
						return writePeopleJSON(std.out, all)
					}
					if len(all) == 0 {
						fmt.Fprintln(std.err, "No one can sign in yet. Add a person with clientele user add IDENTITY")
						return nil
					}
					return writePeople(std.out, all)
				})
			}
		},
	}
}

func writePeople(w io.Writer, people []account.Person) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "IDENTITY\tROLE\tSIGNS IN WITH\tEXPORT\tADDED\tLAST ACTIVE\tSTATUS")
	for _, p := range people {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Identity, p.Role, signsInWith(p), yesOrNo(p.MayExport),
			p.Created.Format(time.DateOnly), dayOf(p.LastSeen, "never"), stateOf(p))
	}
	return t.Flush()
}

// signsInWith says how a person signs in.
func signsInWith(p account.Person) string {
	switch password := p.PasswordHash != ""; {
	case password && p.Linked():
		return "password, provider"
	case password && p.Temporary():
		return "temporary password"
	case password:
		return "password"
	case p.Linked():
		return "provider"
	}
	return "nothing yet"
}

func stateOf(p account.Person) string {
	if p.Active() {
		return "active"
	}
	return "deactivated " + p.Deactivated.Format(time.DateOnly)
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// dayOf formats a day; otherwise stands for none.
func dayOf(t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return t.Format(time.DateOnly)
}

func writePeopleJSON(w io.Writer, people []account.Person) error {
	type person struct {
		Identity    string    `json:"identity"`
		Role        string    `json:"role"`
		HasPassword bool      `json:"has_password"`
		Temporary   bool      `json:"temporary_password"`
		Issuer      string    `json:"issuer,omitempty"`
		Subject     string    `json:"subject,omitempty"`
		MayExport   bool      `json:"may_export"`
		Added       time.Time `json:"added"`
		LastSeen    time.Time `json:"last_seen,omitzero"`
		Deactivated time.Time `json:"deactivated,omitzero"`
	}
	list := make([]person, 0, len(people))
	for _, p := range people {
		list = append(list, person{
			Identity: p.Identity, Role: string(p.Role), HasPassword: p.PasswordHash != "", Temporary: p.Temporary(),
			Issuer: p.Issuer, Subject: p.Subject, MayExport: p.MayExport,
			Added: p.Created.UTC(), LastSeen: p.LastSeen.UTC(), Deactivated: p.Deactivated.UTC(),
		})
	}
	return writeJSON(w, list)
}
