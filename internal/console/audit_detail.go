package console

import (
	"regexp"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// The audit keeps details as plain English: it is read in many languages, by people
// and by programs. Here those that we write ourselves are put into the reader's.

// detailKeys are the messages of the details that are known; any other is shown as
// it was written.
var detailKeys = map[string]string{
	"password":                          "console.audit.detail.password",
	"identity provider":                 "console.audit.detail.provider",
	"demo":                              "console.audit.detail.demo",
	"too many attempts":                 "console.audit.detail.limited",
	"no account here":                   "console.audit.detail.unknown",
	"a customer":                        "console.audit.detail.customer",
	"they could not be written in time": "console.audit.detail.lost",
	"all other sessions":                "console.audit.detail.others",
	"password changed":                  "console.audit.detail.changed",
	"new password":                      "console.audit.detail.changed",
	"rotated":                           "console.audit.detail.rotated",
	"passwords on":                      "console.audit.detail.passwordson",
	"passwords off":                     "console.audit.detail.passwordsoff",
	DetailMayExport:                     "console.audit.detail.export",
	DetailMayNotExport:                  "console.audit.detail.noexport",
	DetailPassword:                      "console.audit.detail.reset",
	DetailUnbound:                       "console.audit.detail.unbound",
	DetailDeactivated:                   "console.audit.detail.deactivated",
	DetailActivated:                     "console.audit.detail.activated",
	DetailAllSessions:                   "console.audit.detail.sessions",
	DetailPasswordsOff:                  "console.audit.detail.passwordsoff",
	DetailPasswordsOn:                   "console.audit.detail.passwordson",
	DetailAllEntries:                    "console.audit.detail.whole",
	DetailFiltered:                      "console.audit.detail.part",
	DetailMasked:                        "console.masking.audit.on",
	DetailUnmasked:                      "console.masking.audit.off",
	DetailGraceEnded:                    "console.masking.audit.token",
	"begun":                             "console.audit.detail.begun",
	"cancelled":                         "console.audit.detail.cancelled",
	"interrupted":                       "console.audit.detail.cancelled",
	"failed":                            "console.audit.detail.failed",
	"with others":                       "console.audit.detail.merged",
	"into another customer":             "console.audit.detail.into",
	"duplicates kept apart":             "console.audit.detail.apart",
	"assigned to nobody":                "console.audit.detail.unassigned",
	"bound to the identity provider":    "console.audit.detail.bound",
	"bound to another account of the identity provider": "console.audit.detail.boundelse",
	"not confirmed by the identity provider":            "console.audit.detail.unproven",
	"stays administrator, as the last one":              "console.audit.detail.stays",
	"many failed for this identity":                     "console.audit.detail.manyfailed",
	"many failed from this address":                     "console.audit.detail.manyaddress",
	"many numbers were searched for":                    "console.audit.detail.manynumbers",
	"further attempts, too many to keep one by one":     "console.audit.detail.flood",
}

// roleKeys are the messages of the roles that details tell of.
var roleKeys = map[string]string{DetailAdmin: "account.role.admin", DetailWorker: "account.role.worker"}

// countKeys are the messages of what an import's detail counts.
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

// detailText is a detail as the visitor reads it.
func detailText(e audit.Entry, v *visit) string {
	var parts []string
	for part := range strings.SplitSeq(e.Detail, "; ") {
		parts = append(parts, detailPart(e.Action, part, v))
	}
	return boundedName(strings.Join(parts, "; "))
}

func detailPart(action audit.Action, part string, v *visit) string {
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

// reassignedText says to whom customers were given; how long that took is left out.
func reassignedText(begun bool, to string, v *visit) string {
	s := v.Locale.Text("console.audit.detail.to", "name", to)
	switch to {
	case "nobody":
		s = v.Locale.Text("console.audit.detail.unassigned")
	case customer.Everyone:
		s = v.Locale.Text("console.audit.detail.toall")
	}
	if begun {
		s = v.Locale.Text("console.audit.detail.begun") + ": " + s
	}
	return s
}

// countsText is what an import did, without what it did not: "3 created, 0 updated".
func countsText(part string, v *visit) string {
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
