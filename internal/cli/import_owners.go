package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/text"
)

// matchList is the value of --owner.
type matchList []customer.OwnerMatch

func (l *matchList) String() string { return "" }

func (l *matchList) Set(value string) error {
	i := strings.LastIndexByte(value, '=') // the name of an owner may have one
	if i < 0 || strings.TrimSpace(value[:i]) == "" || strings.TrimSpace(value[i+1:]) == "" {
		return errors.New(`write OWNER=IDENTITY, such as "Alice Adams=alice@example.com"`)
	}
	*l = append(*l, customer.OwnerMatch{Owner: strings.TrimSpace(value[:i]), Person: strings.TrimSpace(value[i+1:])})
	return nil
}

// importOwners are the people and the matches of owners that an import uses.
type importOwners struct {
	hasAccount func(identity string) bool
	matches    map[string]string
	// added are the matches of --owner.
	added matchList
}

// options sets the options of the importer. It reads them once load was called.
func (o *importOwners) options(opts *importer.Options) {
	o.matches, o.hasAccount = map[string]string{}, account.Contains(nil)
	opts.OwnerMatches, opts.HasAccount = o.matches, func(identity string) bool { return o.hasAccount(identity) }
}

// load reads people and matches from a database, nil for none, and adds the matches of
// --owner.
func (o *importOwners) load(ctx context.Context, db *store.DB) error {
	if db != nil {
		people, err := db.Accounts().People(ctx)
		if err != nil {
			return err
		}
		o.hasAccount = account.Contains(people)
		stored, err := db.Customers().OwnerMatches(ctx)
		if err != nil {
			return err
		}
		for _, m := range stored {
			o.matches[text.IdentityKey(m.Owner)] = m.Person
		}
	}
	for _, m := range o.added {
		switch {
		case !o.hasAccount(m.Person):
			return fmt.Errorf("--owner: %s has no account: add it first with clientele user add %s", m.Person, shellQuote(m.Person))
		case o.hasAccount(m.Owner):
			return fmt.Errorf("--owner: %s has an account and needs no match", m.Owner)
		}
		o.matches[text.IdentityKey(m.Owner)] = m.Person
	}
	return nil
}

// store stores the matches of --owner that are new.
func (o *importOwners) store(ctx context.Context, db *store.DB) error {
	stored, err := db.Customers().OwnerMatches(ctx)
	if err != nil {
		return err
	}
	was := map[string]string{}
	for _, m := range stored {
		was[text.IdentityKey(m.Owner)] = m.Person
	}
	for _, m := range o.added {
		if was[text.IdentityKey(m.Owner)] == m.Person {
			continue
		}
		err := act(ctx, db, audit.Entry{Action: audit.OwnerMatched, Subject: m.Owner, Params: audit.To(m.Person)}, func(ctx context.Context) (bool, error) {
			return true, db.Customers().Update(ctx, func(tx customer.Tx) error { return tx.MatchOwner(ctx, m.Owner, m.Person) })
		})
		if err != nil {
			return fmt.Errorf("--owner %s: %w", m.Owner, err)
		}
	}
	return nil
}

// maxShownOwners is how many owners without an account are listed.
const maxShownOwners = 10

// ownersHint says which owners have no account, and what to do.
func ownersHint(r importer.Report) string {
	list := r.OwnersWithoutAccount
	if len(list) == 0 {
		return ""
	}
	var names []string
	for _, o := range list[:min(len(list), maxShownOwners)] {
		names = append(names, fmt.Sprintf("%s (%s)", ownerName(o.Owner), text.GroupDigits(o.Customers, ",")))
	}
	n := len(list) + r.MoreOwners
	if n > len(names) {
		names = append(names, fmt.Sprintf("and %s more", text.GroupDigits(n-len(names), ",")))
	}
	begin := "1 owner has no account yet"
	if n > 1 {
		begin = text.GroupDigits(n, ",") + " owners have no account yet"
	}
	customers := " customers"
	if r.WithoutAccount == 1 {
		customers = " customer"
	}
	example := "OWNER"
	if first := list[0].Owner; ownerName(first) == first {
		example = first
	}
	return begin + ", and can't see their " + text.GroupDigits(r.WithoutAccount, ",") + customers + ":\n  " +
		strings.ReplaceAll(wrapWords(names, 70), "\n", "\n  ") +
		"\nAdd them with clientele user add, or match them to people who have an account:\nimport again with --owner " +
		shellQuote(example+"=IDENTITY") + ", or open People in the console."
}

// ownerName returns an owner for a list: quoted if it has a comma, is long, or cannot be
// printed as it is.
func ownerName(owner string) string {
	if short := shorten(owner, 60); text.Visible(short) != owner || strings.Contains(owner, ",") {
		return strconv.QuoteToGraphic(short)
	}
	return owner
}
