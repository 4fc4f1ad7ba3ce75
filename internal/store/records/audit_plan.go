package records

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
)

// auditPlan is the range of an index that a query scans, and its other conditions.
type auditPlan struct {
	index string
	// where limits the range, besides the time.
	where     []string
	whereArgs []any
	rest      []string
	restArgs  []any
	// byActions: there is one such range for each of the actions.
	byActions bool
}

// planAudit chooses the index with the fewest rows to scan: by subject, unusual,
// actor, action, or else time.
func planAudit(q audit.Query) auditPlan {
	var p auditPlan
	notViews := len(q.Actions) > 0 && !slices.Contains(q.Actions, audit.Viewed)
	if q.Subject != "" {
		p.by("audit_subject", "subject = ? COLLATE NOCASE", q.Subject)
		p.matchCase("subject", q.Subject)
	}
	if q.Unusual {
		p.by("audit_unusual", "unusual = 1")
	}
	if q.Actor != "" {
		if notViews {
			p.by("audit_done", "action <> 'view' AND actor = ? COLLATE NOCASE", q.Actor)
		} else {
			p.by("audit_actor", "actor = ? COLLATE NOCASE", q.Actor)
		}
		p.matchCase("actor", q.Actor)
	}
	switch {
	case notViews && p.index == "":
		p.by("audit_action", "action <> 'view' AND action = ?")
		p.byActions = true
	case len(q.Actions) > 0:
		args := make([]any, len(q.Actions))
		for i, action := range q.Actions {
			args[i] = string(action)
		}
		p.filter("action IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	}
	if p.index == "" {
		p.index = "audit_at"
	}
	return p
}

// by makes a condition the range, or one of the others if there is a range already.
func (p *auditPlan) by(index, condition string, args ...any) {
	if p.index != "" {
		p.filter(condition, args...)
		return
	}
	p.index, p.where, p.whereArgs = index, []string{condition}, args
}

func (p *auditPlan) filter(condition string, args ...any) {
	p.rest, p.restArgs = append(p.rest, condition), append(p.restArgs, args...)
}

// matchCase adds a condition for a value that is no email address: its case counts,
// but the indexes ignore it.
func (p *auditPlan) matchCase(column, value string) {
	if !strings.Contains(value, "@") && strings.ContainsFunc(value, isLetter) {
		p.filter(column+" = ?", value)
	}
}

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

const auditColumns = `id, at, actor, via, action, subject, name, detail, count, address, unusual, params`

// rangeSQL returns a query for at most limit rows of the range, newest first. PostgreSQL plans
// for a tenth of the table when it does not know the limit.
func (p *auditPlan) rangeSQL(columns string, limit int) string {
	where := append(slices.Clone(p.where), "at >= ?", "at <= ?", "(at < ? OR id < ?)")
	return "SELECT " + columns + " FROM audit INDEXED BY " + p.index + " WHERE " + strings.Join(where, " AND ") +
		" ORDER BY at DESC, id DESC LIMIT " + strconv.Itoa(limit)
}

func rangeArgs(first []any, r auditRange) []any {
	return append(slices.Clone(first), r.from, r.at, r.at, r.id)
}

// pageSQL returns a query for one row more than the page holds, of the first
// scanLimit rows of the range.
func (p *auditPlan) pageSQL(q audit.Query, r auditRange, scanLimit int) (query string, args []any) {
	limit := q.Limit + 1
	switch {
	case p.byActions:
		var each []string
		for _, action := range q.Actions {
			each = append(each, "SELECT * FROM ("+p.rangeSQL(auditColumns, limit)+") AS found")
			args = append(args, rangeArgs([]any{string(action)}, r)...)
		}
		return strings.Join(each, " UNION ALL ") + " ORDER BY at DESC, id DESC LIMIT ?", append(args, limit)
	case len(p.rest) == 0:
		return p.rangeSQL(auditColumns, limit), rangeArgs(p.whereArgs, r)
	}
	args = append(rangeArgs(p.whereArgs, r), p.restArgs...)
	return "SELECT * FROM (" + p.rangeSQL(auditColumns, scanLimit) + ") AS found WHERE " + strings.Join(p.rest, " AND ") + " LIMIT ?", append(args, limit)
}

// lastSQL returns a query for the last of the first scanLimit rows of the range, if
// there are so many.
func (p *auditPlan) lastSQL(r auditRange, scanLimit int) (query string, args []any) {
	return "SELECT id FROM (" + p.rangeSQL("id, at", scanLimit) + ") AS found LIMIT 1 OFFSET ?", append(rangeArgs(p.whereArgs, r), scanLimit-1)
}
