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

// detailWords are the messages of the details that are known; any other is shown as
// it was written.
var detailWords = map[string]string{
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
	detailMayExport:                     "console.audit.detail.export",
	detailMayNotExport:                  "console.audit.detail.noexport",
	detailPassword:                      "console.audit.detail.reset",
	detailUnbound:                       "console.audit.detail.unbound",
	detailDeactivated:                   "console.audit.detail.deactivated",
	detailActivated:                     "console.audit.detail.activated",
	detailAllSessions:                   "console.audit.detail.sessions",
	detailPasswordsOff:                  "console.audit.detail.passwordsoff",
	detailPasswordsOn:                   "console.audit.detail.passwordson",
	detailWhole:                         "console.audit.detail.whole",
	detailFiltered:                      "console.audit.detail.part",
	detailMasked:                        "console.masking.audit.on",
	detailFull:                          "console.masking.audit.off",
	detailGraceEnded:                    "console.masking.audit.token",
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

// detailRoles are the messages of the roles that details tell of.
var detailRoles = map[string]string{detailAdmin: "account.role.admin", detailWorker: "account.role.worker"}

// counted are the messages of what an import's detail counts.
var counted = map[string]string{
	"created":        "console.audit.detail.created",
	"updated":        "console.audit.detail.updated",
	"unchanged":      "console.audit.detail.unchanged",
	"skipped":        "console.audit.detail.skipped",
	"rejected":       "console.audit.detail.rejected",
	"deleted before": "console.audit.detail.deleted",
	"pruned":         "console.audit.detail.pruned",
}

var (
	counting = regexp.MustCompile(`^([0-9]+) ([a-z ]+)$`)
	handed   = regexp.MustCompile(`^(begun: )?to (.+?)(?:, within [0-9hms.]+)?$`)
	withinOf = regexp.MustCompile(`^different customers within (.+)$`)
)

// detailText is a detail as the visitor reads it.
func detailText(e audit.Entry, v *visit) string {
	var parts []string
	for part := range strings.SplitSeq(e.Detail, "; ") {
		parts = append(parts, detailPart(e.Action, part, v))
	}
	return shownName(strings.Join(parts, "; "))
}

func detailPart(action audit.Action, part string, v *visit) string {
	if key := detailWords[part]; key != "" {
		return v.Locale.Text(key)
	}
	role, more, _ := strings.Cut(part, ", ")
	switch key := detailRoles[role]; {
	case key != "" && more != "":
		return v.Locale.Text("console.audit.detail.role", "role", v.Locale.Text(key)) + ", " + detailPart(action, more, v)
	case key != "":
		return v.Locale.Text("console.audit.detail.role", "role", v.Locale.Text(key))
	}
	switch action {
	case audit.Imported:
		return countsText(part, v)
	case audit.Reassigned:
		if m := handed.FindStringSubmatch(part); m != nil {
			return handedText(m[1] != "", m[2], v)
		}
	case audit.CustomerChanged:
		if name, ok := strings.CutPrefix(part, "assigned to "); ok {
			return v.Locale.Text("console.audit.detail.assigned", "name", name)
		}
	case audit.UnusualViews:
		if m := withinOf.FindStringSubmatch(part); m != nil {
			d, err := time.ParseDuration(m[1])
			if err != nil || d < time.Minute {
				d = time.Minute
			}
			return v.Locale.Count("console.audit.detail.within", int(d/time.Minute))
		}
	}
	return part
}

// handedText says to whom customers were given; how long that took is left out.
func handedText(begun bool, to string, v *visit) string {
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
		m := counting.FindStringSubmatch(one)
		if m == nil || counted[m[2]] == "" {
			return part
		}
		if m[1] != "0" {
			all = append(all, v.Locale.Text(counted[m[2]], "n", m[1]))
		}
	}
	return strings.Join(all, ", ")
}
