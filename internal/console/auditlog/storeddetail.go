package auditlog

// The audit stores the detail of an entry as English text, which exports and the command
// line show as it is. Pages show it in the viewer's language, so this file recognizes the
// texts that the program writes or has written, and finds their messages. A text must
// stay here for as long as stored entries may have it.

import (
	"regexp"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// detailKeys are the messages of whole details. Any other detail is shown as it is
// stored.
var detailKeys = map[string]string{
	audit.DetailPassword:          "console.audit.detail.password",
	audit.DetailProvider:          "console.audit.detail.provider",
	audit.DetailDemo:              "console.audit.detail.demo",
	audit.DetailTooManyAttempts:   "console.audit.detail.limited",
	audit.DetailPasswordExpired:   "console.audit.detail.expired",
	audit.DetailNoAccount:         "console.audit.detail.unknown",
	audit.DetailDeniedCustomer:    "console.audit.detail.customer",
	audit.DetailEntriesLost:       "console.audit.detail.lost",
	audit.DetailOtherSessions:     "console.audit.detail.others",
	audit.DetailPasswordChanged:   "console.audit.detail.changed",
	audit.DetailNewPassword:       "console.audit.detail.changed",
	audit.DetailRotated:           "console.audit.detail.rotated",
	"passwords on":                "console.audit.detail.passwordson",
	"passwords off":               "console.audit.detail.passwordsoff",
	audit.DetailMayExport:         "console.audit.detail.export",
	audit.DetailMayNotExport:      "console.audit.detail.noexport",
	audit.DetailTemporaryPassword: "console.audit.detail.reset",
	audit.DetailUnlinked:          "console.audit.detail.unlinked",
	audit.DetailDeactivated:       "console.audit.detail.deactivated",
	audit.DetailActivated:         "console.audit.detail.activated",
	audit.DetailAllSessions:       "console.audit.detail.sessions",
	audit.DetailPasswordsOff:      "console.audit.detail.passwordsoff",
	audit.DetailPasswordsOn:       "console.audit.detail.passwordson",
	audit.DetailAllEntries:        "console.audit.detail.all",
	audit.DetailFiltered:          "console.audit.detail.filtered",
	audit.DetailMasked:            "console.masking.audit.on",
	audit.DetailUnmasked:          "console.masking.audit.off",
	audit.DetailGraceEnded:        "console.masking.audit.token",
	audit.DetailBegun:             "console.audit.detail.begun",
	audit.DetailCanceled:          "console.audit.detail.cancelled",
	audit.DetailInterrupted:       "console.audit.detail.cancelled",
	audit.DetailFailed:            "console.audit.detail.failed",
	audit.DetailMerged:            "console.audit.detail.merged",
	audit.DetailMergedInto:        "console.audit.detail.into",
	audit.DetailKeptApart:         "console.audit.detail.separate",
	audit.DetailUnassigned:        "console.audit.detail.unassigned",
	audit.DetailLinked:            "console.audit.detail.linked",
	audit.DetailLinkedElsewhere:   "console.audit.detail.linked_elsewhere",
	audit.DetailUnverified:        "console.audit.detail.unverified",
	audit.DetailLastAdmin:         "console.audit.detail.last_admin",
	audit.DetailManyForIdentity:   "console.audit.detail.manyfailed",
	audit.DetailManyForAddress:    "console.audit.detail.manyaddress",
	audit.DetailManySearches:      "console.audit.detail.manynumbers",
	audit.DetailMoreAttempts:      "console.audit.detail.more_attempts",
	audit.DetailPruneChanged:      "console.audit.detail.prune_changed",

	// Details that older versions wrote.
	"all of it":                      "console.audit.detail.all",
	"a part of it":                   "console.audit.detail.filtered",
	"bound to the identity provider": "console.audit.detail.linked",
	"bound to another account of the identity provider":                "console.audit.detail.linked_elsewhere",
	"parted from the identity provider":                                "console.audit.detail.unlinked",
	"stays administrator, as the last one":                             "console.audit.detail.last_admin",
	"assigned to nobody":                                               "console.audit.detail.unassigned",
	"further attempts, too many to keep one by one":                    "console.audit.detail.more_attempts",
	"nothing imported: others would be pruned than its check had told": "console.audit.detail.prune_changed",
}

// roleKeys are the messages of roles in details.
var roleKeys = map[string]string{audit.DetailAdmin: "account.role.admin", audit.DetailWorker: "account.role.worker"}

// countKeys are the messages of the counts in an import's detail.
var countKeys = map[string]string{
	"created":        "console.audit.detail.created",
	"updated":        "console.audit.detail.updated",
	"unchanged":      "console.audit.detail.unchanged",
	"skipped":        "console.audit.detail.skipped",
	"rejected":       "console.audit.detail.rejected",
	"deleted before": "console.audit.detail.deleted",
	"pruned":         "console.audit.detail.pruned",
}

var (
	countPattern      = regexp.MustCompile(`^([0-9]+) ([a-z ]+)$`)
	reassignedPattern = regexp.MustCompile(`^(begun: )?to (.+?)(?:, within [0-9hms.]+)?$`)
	withinPattern     = regexp.MustCompile(`^different customers within (.+)$`)
)

// detailText returns an entry's detail in the viewer's language.
func detailText(e audit.Entry, v *auth.Viewer) string {
	var parts []string
	for part := range strings.SplitSeq(e.Detail, "; ") {
		parts = append(parts, detailPart(e.Action, part, v))
	}
	return boundedName(strings.Join(parts, "; "))
}

func detailPart(action audit.Action, part string, v *auth.Viewer) string {
	if key := detailKeys[part]; key != "" {
		return v.Locale.Text(key)
	}
	role, more, _ := strings.Cut(part, ", ")
	switch key := roleKeys[role]; {
	case key != "" && more != "":
		return v.Locale.Text("console.audit.detail.role", "role", v.Locale.Text(key)) + ", " + detailPart(action, more, v)
	case key != "":
		return v.Locale.Text("console.audit.detail.role", "role", v.Locale.Text(key))
	}
	switch action {
	case audit.Imported:
		return countsText(part, v)
	case audit.Reassigned:
		if m := reassignedPattern.FindStringSubmatch(part); m != nil {
			return reassignedText(m[1] != "", m[2], v)
		}
	case audit.CustomerChanged:
		if name, ok := strings.CutPrefix(part, "assigned to "); ok {
			return v.Locale.Text("console.audit.detail.assigned", "name", name)
		}
	case audit.UnusualViews:
		if m := withinPattern.FindStringSubmatch(part); m != nil {
			d, err := time.ParseDuration(m[1])
			if err != nil || d < time.Minute {
				d = time.Minute
			}
			return v.Locale.Count("console.audit.detail.within", int(d/time.Minute))
		}
	}
	return part
}

// reassignedText describes the new owner. How long it took is left out.
func reassignedText(started bool, to string, v *auth.Viewer) string {
	s := v.Locale.Text("console.audit.detail.to", "name", to)
	switch to {
	case "unassigned", "nobody": // older entries say nobody
		s = v.Locale.Text("console.audit.detail.unassigned")
	case customer.Everyone:
		s = v.Locale.Text("console.audit.detail.toall")
	}
	if started {
		s = v.Locale.Text("console.audit.detail.begun") + ": " + s
	}
	return s
}

// countsText describes an import's counts, without those that are 0.
func countsText(part string, v *auth.Viewer) string {
	var all []string
	for one := range strings.SplitSeq(part, ", ") {
		m := countPattern.FindStringSubmatch(one)
		if m == nil || countKeys[m[2]] == "" {
			return part
		}
		if m[1] != "0" {
			all = append(all, v.Locale.Text(countKeys[m[2]], "n", m[1]))
		}
	}
	return strings.Join(all, ", ")
}
