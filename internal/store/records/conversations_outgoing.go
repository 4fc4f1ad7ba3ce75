package records

import (
	"context"
	"database/sql"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

const (
	outgoingColumns = `client_id, sid, worker, sealed, at, state, message_sid, code`
	addOutgoing     = `INSERT INTO outgoing_message (` + outgoingColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	oneOutgoing     = `SELECT ` + outgoingColumns + ` FROM outgoing_message WHERE client_id = ?`
	unsentOutgoing  = `SELECT ` + outgoingColumns + ` FROM outgoing_message WHERE sid = ? AND state <> 1 ORDER BY at, client_id`
	endOutgoing     = `UPDATE outgoing_message SET state = ?, message_sid = ?, code = ? WHERE client_id = ?`
	dropOutgoing    = `DELETE FROM outgoing_message WHERE at < ?`
)

func scanOutgoing(row scanner) (o conversation.Outgoing, err error) {
	var at int64
	err = row.Scan(&o.ClientID, &o.SID, &o.Worker, &o.Sealed, &at, &o.State, &o.MessageSID, &o.Code)
	o.At = time.UnixMilli(at)
	return o, err
}

// BeginSend implements conversation.Store.
func (c Conversations) BeginSend(ctx context.Context, o conversation.Outgoing) (stored conversation.Outgoing, added bool, err error) {
	err = c.db.WriteTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, addOutgoing, o.ClientID, o.SID, o.Worker, append([]byte{}, o.Sealed...), o.At.UnixMilli(),
			o.State, o.MessageSID, o.Code)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		added = n == 1
		stored, err = scanOutgoing(tx.QueryRowContext(ctx, oneOutgoing, o.ClientID))
		return err
	})
	if err != nil {
		return conversation.Outgoing{}, false, c.db.DomainError(err, conversation.ErrStore)
	}
	return stored, added, nil
}

// EndSend implements conversation.Store.
func (c Conversations) EndSend(ctx context.Context, o conversation.Outgoing) error {
	_, err := c.db.ExecContext(ctx, endOutgoing, o.State, o.MessageSID, o.Code, o.ClientID)
	return c.db.DomainError(err, conversation.ErrStore)
}

// Outgoing implements conversation.Store.
func (c Conversations) Outgoing(ctx context.Context, sid string) (all []conversation.Outgoing, err error) {
	err = c.db.ReadTx(ctx, func(tx *sql.Tx) error {
		all, err = sqldb.Query(ctx, tx, func(rows *sql.Rows) (conversation.Outgoing, error) { return scanOutgoing(rows) }, unsentOutgoing, sid)
		return err
	})
	return all, c.db.DomainError(err, conversation.ErrStore)
}

// DeleteOutgoing implements conversation.Store.
func (c Conversations) DeleteOutgoing(ctx context.Context, before time.Time) error {
	_, err := c.db.ExecContext(ctx, dropOutgoing, before.UnixMilli())
	return c.db.DomainError(err, conversation.ErrStore)
}
