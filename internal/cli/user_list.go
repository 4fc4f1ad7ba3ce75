package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/clientele-project/clientele/internal/account"
)

func userListCommand() command {
	return command{
		name:    "user list",
		summary: "list the people who can sign in",
		setup: func(f *flags) action {
			database := f.database()
			asJSON := f.Bool("json", false, "print a JSON array")
			return func(ctx context.Context, std streams, _ []string) error {
				db, err := openExisting(ctx, *database)
				if err != nil {
					return err
				}
				return withAccounts(db, func(people *account.Service) error {
					all, err := people.People(ctx)
					if err != nil {
						return err
					}
					if *asJSON {
						return writePeopleJSON(std.out, all)
					}
					if len(all) == 0 {
						fmt.Fprintln(std.err, "Nobody can sign in yet: clientele user add IDENTITY")
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
	fmt.Fprintln(t, "IDENTITY\tROLE\tPASSWORD\tADDED")
	for _, p := range people {
		password := "yes"
		if p.PasswordHash == "" {
			password = "none"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", p.Identity, p.Role, password, p.Created.Format(time.DateOnly))
	}
	return t.Flush()
}

func writePeopleJSON(w io.Writer, people []account.Person) error {
	type person struct {
		Identity    string    `json:"identity"`
		Role        string    `json:"role"`
		HasPassword bool      `json:"has_password"`
		Added       time.Time `json:"added"`
	}
	list := make([]person, 0, len(people))
	for _, p := range people {
		list = append(list, person{p.Identity, string(p.Role), p.PasswordHash != "", p.Created.UTC()})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}
