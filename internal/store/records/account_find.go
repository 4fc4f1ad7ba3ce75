package records

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// selectedKeys are all keys in one value in any order, one on a line: to read each of
	// 100,000 rows through the driver would cost more than all the rest.
	selectedKeys = `SELECT group_concat(CASE WHEN deactivated IS NULL THEN ' ' ELSE '-' END || key, ?3)
	FROM person WHERE (?1 = '' OR role = ?1) AND (?2 = 0 OR deactivated IS NOT NULL)`
	peopleByKey = `SELECT ` + personColumns + ` FROM person p WHERE p.key IN (%s) ORDER BY p.deactivated IS NOT NULL, p.key`
)

// FindPeople implements account.Store.
func (a Accounts) FindPeople(ctx context.Context, q account.PeopleQuery) (page account.PeoplePage, err error) {
	err = a.db.ReadTx(ctx, func(tx *sql.Tx) error {
		var lines sql.NullString
		if err := tx.QueryRowContext(ctx, selectedKeys, q.Role, q.Inactive, "\n").Scan(&lines); err != nil {
			return err
		}
		keys := matchingKeys(lines.String, q.Text)
		page.Count = len(keys)
		last := max(1, (len(keys)+q.Limit-1)/q.Limit)
		page.Page = min(max(q.Page, 1), last)
		keys = keys[(page.Page-1)*q.Limit:]
		if len(keys) == 0 {
			return nil // no keys are no SQL
		}
		query, args := withKeys(peopleByKey, keys[:min(q.Limit, len(keys))])
		page.People, err = sqldb.Query(ctx, tx, func(rows *sql.Rows) (account.Person, error) { return scanPerson(rows) }, query, args...)
		return err
	})
	return page, a.db.DomainError(err, account.ErrUnavailable)
}

// matchingKeys returns those keys of selectedKeys that contain a text, sorted, with those of
// deactivated people last. A key and its identity fold to the same.
func matchingKeys(lines, part string) (keys []string) {
	wanted := text.AppendFold(nil, part)
	var inactive []string
	var folded []byte
	for line := range strings.SplitSeq(lines, "\n") {
		if line == "" {
			continue
		}
		key := line[1:]
		if len(wanted) > 0 {
			if folded = text.AppendFold(folded[:0], key); !bytes.Contains(folded, wanted) {
				continue
			}
		}
		if line[0] == '-' {
			inactive = append(inactive, key)
		} else {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	slices.Sort(inactive)
	return append(keys, inactive...)
}

// withKeys returns a query with the parameters of a list of keys, and their values.
func withKeys(query string, keys []string) (string, []any) {
	args := make([]any, len(keys))
	for i, key := range keys {
		args[i] = key
	}
	return fmt.Sprintf(query, strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ")), args
}

// maxKeys is how many keys one query takes.
const maxKeys = 1000

const knownKeys = `SELECT key FROM person WHERE key IN (%s)`

// WithoutAccount implements account.Store.
func (a Accounts) WithoutAccount(ctx context.Context, identities []string) (without []string, err error) {
	for some := range slices.Chunk(identities, maxKeys) {
		keys := make([]string, len(some))
		for i, identity := range some {
			keys[i] = text.IdentityKey(identity)
		}
		query, args := withKeys(knownKeys, keys)
		known, err := sqldb.Query(ctx, a.db.Readers, func(rows *sql.Rows) (key string, err error) { return key, rows.Scan(&key) }, query, args...)
		if err != nil {
			return nil, a.db.DomainError(err, account.ErrUnavailable)
		}
		slices.Sort(known)
		for i, identity := range some {
			if _, found := slices.BinarySearch(known, keys[i]); !found {
				without = append(without, identity)
			}
		}
	}
	return without, nil
}
