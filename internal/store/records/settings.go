package records

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Settings is the settings.Store of a DB.
type Settings struct{ db *sqldb.DB }

// NewSettings returns the settings in a database.
func NewSettings(db *sqldb.DB) Settings { return Settings{db} }

var _ settings.Store = Settings{}

const oneSetting = `SELECT value FROM setting WHERE name = ?`

// Setting implements settings.Store.
func (s Settings) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.db.QueryRowContext(ctx, oneSetting, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", settings.ErrNotSet
	}
	return value, s.db.DomainError(err, settings.ErrUnavailable)
}

const (
	addSetting     = `INSERT INTO setting (name, value) VALUES (?1, ?3) ON CONFLICT DO NOTHING`
	replaceSetting = `UPDATE setting SET value = ?3 WHERE name = ?1 AND value = ?2`
)

// ReplaceSetting implements settings.Store.
func (s Settings) ReplaceSetting(ctx context.Context, name, old, value string) (bool, error) {
	statement := replaceSetting
	if old == "" {
		statement = addSetting
	}
	result, err := s.db.ExecContext(ctx, statement, name, old, value)
	if err != nil {
		return false, s.db.DomainError(err, settings.ErrUnavailable)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
