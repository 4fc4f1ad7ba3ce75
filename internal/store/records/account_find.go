package records

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// selectedKeys are all keys in one value in any order, with a NUL between them: to read
	// each of 100,000 rows through the driver would cost more than all the rest.
	selectedKeys = `SELECT group_concat(iif(deactivated IS NULL, ' ', '-') || key, x'00')
	FROM person WHERE (?1 = '' OR role = ?1) AND (NOT ?2 OR deactivated IS NOT NULL)`
	peopleByKey = `SELECT ` + personColumns + ` FROM person p WHERE p.key IN (SELECT value FROM json_each(?))
	ORDER BY p.deactivated IS NOT NULL, p.key`
)

// FindPeople implements account.Store.
func (a Accounts) FindPeople(ctx context.Context, q account.PeopleQuery) (page account.PeoplePage, err error) {
	err = a.db.ReadTx(ctx, func(tx *sql.Tx) error {
		var lines sql.NullString
		if err := tx.QueryRowContext(ctx, selectedKeys, q.Role, q.Inactive).Scan(&lines); err != nil {
			return err
		}
		keys := matchingKeys(lines.String, q.Text)
		page.Count = len(keys)
		last := max(1, (len(keys)+q.Limit-1)/q.Limit)
		page.Page = min(max(q.Page, 1), last)
		keys = keys[(page.Page-1)*q.Limit:]
		list, err := json.Marshal(keys[:min(q.Limit, len(keys))])
		if err != nil {
			return err
		}
		page.People, err = sqldb.Query(ctx, tx, func(rows *sql.Rows) (account.Person, error) { return scanPerson(rows) }, peopleByKey, string(list))
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
	for line := range strings.SplitSeq(lines, "\x00") {
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

const unknownKeys = `SELECT j.key FROM json_each(?) j WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.key = j.value) ORDER BY j.key`

// WithoutAccount implements account.Store.
func (a Accounts) WithoutAccount(ctx context.Context, identities []string) ([]string, error) {
	keys := make([]string, len(identities))
	for i, identity := range identities {
		keys[i] = text.IdentityKey(identity)
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	without, err := sqldb.Query(ctx, a.db.Readers, func(rows *sql.Rows) (string, error) {
		var i int
		err := rows.Scan(&i)
		return identities[i], err
	}, unknownKeys, string(list))
	return without, a.db.DomainError(err, account.ErrUnavailable)
}
