package records

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/text"
)

// Conversations is the conversation.Store of a DB.
type Conversations struct{ db *sqldb.DB }

// NewConversations returns the index of conversations in a database.
func NewConversations(db *sqldb.DB) Conversations { return Conversations{db} }

var _ conversation.Store = Conversations{}

// Each query for entries has a row for each member of each entry, and for an entry without
// members one row.
const (
	entryColumns = `c.sid, c.closed, c.customer_id, c.last_at, c.last_index, c.inbound_at, c.sealed,
		m.identity, m.participant, m.last_read, m.muted, m.owner`
	oneEntry = `SELECT ` + entryColumns + ` FROM conversation c LEFT JOIN conversation_worker m ON m.sid = c.sid
		WHERE c.sid = ? ORDER BY m.worker`
	openEntries = `SELECT ` + entryColumns + ` FROM
		(SELECT sid FROM conversation WHERE closed = 0 AND sid > ? ORDER BY sid LIMIT ?) p
		JOIN conversation c ON c.sid = p.sid LEFT JOIN conversation_worker m ON m.sid = c.sid
		ORDER BY c.sid, m.worker`
	pageEntries = `SELECT ` + entryColumns + ` FROM
		(SELECT sid FROM conversation_worker WHERE worker = ? AND closed = ? AND (last_at, sid) < (?, ?)
			ORDER BY last_at DESC, sid DESC LIMIT ?) p
		JOIN conversation c ON c.sid = p.sid JOIN conversation_worker m ON m.sid = c.sid
		ORDER BY c.last_at DESC, c.sid DESC, m.worker`
)

// scanEntry scans an entry with one member or none.
func scanEntry(rows *sql.Rows) (e conversation.Entry, err error) {
	var lastAt int64
	var inboundAt sql.NullInt64
	var identity, participant sql.NullString
	var lastRead sql.NullInt64
	var muted, owner sql.NullBool
	err = rows.Scan(&e.SID, &e.Closed, &e.CustomerID, &lastAt, &e.LastIndex, &inboundAt, &e.Sealed,
		&identity, &participant, &lastRead, &muted, &owner)
	e.LastAt, e.InboundAt = time.UnixMilli(lastAt), timeOrZero(inboundAt)
	if identity.Valid {
		e.Members = []conversation.Member{{Worker: identity.String, ParticipantSID: participant.String,
			LastRead: int(lastRead.Int64), Muted: muted.Bool, Owner: owner.Bool}}
	}
	return e, err
}

// entries returns the entries of a query.
func (c Conversations) entries(ctx context.Context, query string, args ...any) (all []conversation.Entry, err error) {
	err = c.db.ReadTx(ctx, func(tx *sql.Tx) error {
		all, err = entriesIn(ctx, tx, query, args...)
		return err
	})
	return all, c.db.DomainError(err, conversation.ErrStore)
}

func entriesIn(ctx context.Context, tx *sql.Tx, query string, args ...any) (all []conversation.Entry, err error) {
	rows, err := sqldb.Query(ctx, tx, scanEntry, query, args...)
	for _, e := range rows {
		if n := len(all); n > 0 && all[n-1].SID == e.SID {
			all[n-1].Members = append(all[n-1].Members, e.Members...)
			continue
		}
		all = append(all, e)
	}
	return all, err
}

// Entry implements conversation.Store.
func (c Conversations) Entry(ctx context.Context, sid string) (conversation.Entry, error) {
	found, err := c.entries(ctx, oneEntry, sid)
	if len(found) == 0 {
		return conversation.Entry{}, cmp.Or(err, conversation.ErrNotFound)
	}
	return found[0], err
}

// Open implements conversation.Store.
func (c Conversations) Open(ctx context.Context, after string, limit int) ([]conversation.Entry, error) {
	return c.entries(ctx, openEntries, after, limit)
}

// Page implements conversation.Store. Next is the time and the SID of the last entry.
func (c Conversations) Page(ctx context.Context, q conversation.PageQuery) (page conversation.Page, err error) {
	at, sid := int64(1<<63-1), ""
	if q.After != "" {
		ms, rest, ok := strings.Cut(q.After, ".")
		if at, err = strconv.ParseInt(ms, 10, 64); err != nil || !ok {
			return page, fmt.Errorf("page token: %w", conversation.ErrNotFound)
		}
		sid = rest
	}
	page.Entries, err = c.entries(ctx, pageEntries, text.IdentityKey(q.Worker), q.Closed, at, sid, q.Limit+1)
	if len(page.Entries) > q.Limit {
		page.Entries = page.Entries[:q.Limit]
		last := page.Entries[q.Limit-1]
		page.Next = fmt.Sprintf("%d.%s", last.LastAt.UnixMilli(), last.SID)
	}
	return page, err
}

const unreadCount = `SELECT count(*) FROM conversation_worker INDEXED BY conversation_worker_unread
	WHERE worker = ? AND closed = 0 AND muted = 0 AND last_index > last_read`

// Unread implements conversation.Store.
func (c Conversations) Unread(ctx context.Context, worker string) (n int, err error) {
	err = c.db.QueryRowContext(ctx, unreadCount, text.IdentityKey(worker)).Scan(&n)
	return n, c.db.DomainError(err, conversation.ErrStore)
}

const (
	putEntry = `INSERT INTO conversation (sid, closed, customer_id, last_at, last_index, inbound_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (sid) DO UPDATE SET closed = excluded.closed, customer_id = excluded.customer_id, last_at = excluded.last_at,
		last_index = excluded.last_index, inbound_at = excluded.inbound_at, sealed = excluded.sealed`
	// Two identities that differ in the case of letters are one worker: the last one counts.
	putMember = `INSERT OR REPLACE INTO conversation_worker (sid, worker, identity, participant, last_read, muted, owner,
		closed, last_at, last_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	deleteMembers = `DELETE FROM conversation_worker WHERE sid = ?`
)

// entryRows returns an entry as its tables have it: its own row, and those of its members.
func entryRows(e conversation.Entry) [][]any {
	rows := [][]any{{e.SID, e.Closed, e.CustomerID, e.LastAt.UnixMilli(), e.LastIndex, nullableTime(e.InboundAt), append([]byte{}, e.Sealed...)}}
	for _, m := range e.Members {
		rows = append(rows, []any{e.SID, text.IdentityKey(m.Worker), m.Worker, m.ParticipantSID, m.LastRead, m.Muted, m.Owner,
			e.Closed, e.LastAt.UnixMilli(), e.LastIndex})
	}
	return rows
}

// Update implements conversation.Store.
func (c Conversations) Update(ctx context.Context, sid string, change func(e *conversation.Entry) error) (e conversation.Entry, err error) {
	err = c.db.WriteTx(ctx, func(tx *sql.Tx) error {
		found, err := entriesIn(ctx, tx, oneEntry, sid)
		if err != nil {
			return err
		}
		e = conversation.Entry{SID: sid, LastIndex: -1}
		if len(found) > 0 {
			e = found[0]
		}
		before := entryRows(e)
		if err := change(&e); err != nil {
			return err
		}
		after := entryRows(e)
		if reflect.DeepEqual(before, after) {
			return nil
		}
		if _, err := tx.ExecContext(ctx, putEntry, after[0]...); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, deleteMembers, sid); err != nil {
			return err
		}
		for _, m := range after[1:] {
			if _, err := tx.ExecContext(ctx, putMember, m...); err != nil {
				return err
			}
		}
		return nil
	})
	return e, c.db.DomainError(err, conversation.ErrStore)
}

const deleteConversation = `DELETE FROM conversation WHERE sid = ?`

// Delete implements conversation.Store. Members are deleted by cascade.
func (c Conversations) Delete(ctx context.Context, sid string) error {
	_, err := c.db.ExecContext(ctx, deleteConversation, sid)
	return c.db.DomainError(err, conversation.ErrStore)
}
