package sqlite

import (
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
)

// auditScan is a range of an index, and what else must hold of its rows.
type auditScan struct {
	index string
	// where makes the range, beside the time.
	where     []string
	whereArgs []any
	rest      []string
	restArgs  []any
	// byActions: there is one such range for each of the actions.
	byActions bool
}

// chooseAudit takes the index with the fewest rows to look through: of what, of the
// unusual, of whom, of the actions, or else of the time.
func chooseAudit(q audit.Query) auditScan {
	var s auditScan
	notViews := len(q.Actions) > 0 && !slices.Contains(q.Actions, audit.Viewed)
	if q.Subject != "" {
		s.by("audit_subject", "subject = ? COLLATE NOCASE", q.Subject)
		s.exactly("subject", q.Subject)
	}
	if q.Unusual {
		s.by("audit_unusual", "unusual = 1")
	}
	if q.Actor != "" {
		if notViews {
			s.by("audit_done", "action <> 'view' AND actor = ? COLLATE NOCASE", q.Actor)
		} else {
			s.by("audit_actor", "actor = ? COLLATE NOCASE", q.Actor)
		}
		s.exactly("actor", q.Actor)
	}
	switch {
	case notViews && s.index == "":
		s.by("audit_action", "action <> 'view' AND action = ?")
		s.byActions = true
	case len(q.Actions) > 0:
		args := make([]any, len(q.Actions))
		for i, action := range q.Actions {
			args[i] = string(action)
		}
		s.also("action IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	}
	if s.index == "" {
		s.index = "audit_at"
	}
	return s
}

// by makes a condition the range, unless there is one already.
func (s *auditScan) by(index, condition string, args ...any) {
	if s.index != "" {
		s.also(condition, args...)
		return
	}
	s.index, s.where, s.whereArgs = index, []string{condition}, args
}

func (s *auditScan) also(condition string, args ...any) {
	s.rest, s.restArgs = append(s.rest, condition), append(s.restArgs, args...)
}

// exactly is for a value that is no e-mail address: the indexes ignore its case, but
// it counts.
func (s *auditScan) exactly(column, value string) {
	if !strings.Contains(value, "@") && strings.ContainsFunc(value, isLetter) {
		s.also(column+" = ?", value)
	}
}

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

const auditColumns = `id, at, actor, via, action, subject, name, detail, count, address, unusual`

// rangeSQL is a query for columns of at most ? rows of the range, newest first.
func (s *auditScan) rangeSQL(columns string) string {
	where := append(slices.Clone(s.where), "at >= ?", "at <= ?", "(at < ? OR id < ?)")
	return "SELECT " + columns + " FROM audit INDEXED BY " + s.index + " WHERE " + strings.Join(where, " AND ") +
		" ORDER BY at DESC, id DESC LIMIT ?"
}

func rangeArgs(first []any, r auditRange, limit int) []any {
	return append(slices.Clone(first), r.from, r.at, r.at, r.id, limit)
}

// pageSQL is a query for one row more than the page may have, of the first look rows
// of the range.
func (s *auditScan) pageSQL(q audit.Query, r auditRange, look int) (query string, args []any) {
	limit := q.Limit + 1
	switch {
	case s.byActions:
		var each []string
		for _, action := range q.Actions {
			each = append(each, "SELECT * FROM ("+s.rangeSQL(auditColumns)+")")
			args = append(args, rangeArgs([]any{string(action)}, r, limit)...)
		}
		return strings.Join(each, " UNION ALL ") + " ORDER BY at DESC, id DESC LIMIT ?", append(args, limit)
	case len(s.rest) == 0:
		return s.rangeSQL(auditColumns), rangeArgs(s.whereArgs, r, limit)
	}
	args = append(rangeArgs(s.whereArgs, r, look), s.restArgs...)
	return "SELECT * FROM (" + s.rangeSQL(auditColumns) + ") WHERE " + strings.Join(s.rest, " AND ") + " LIMIT ?", append(args, limit)
}

// lastSQL is a query for the last of the first look rows of the range, if there are
// so many.
func (s *auditScan) lastSQL(r auditRange, look int) (query string, args []any) {
	return "SELECT id FROM (" + s.rangeSQL("id, at") + ") LIMIT 1 OFFSET ?", append(rangeArgs(s.whereArgs, r, look), look-1)
}
