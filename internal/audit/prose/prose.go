// Package prose reads the details of audit entries that were stored as English text, up to
// the version that introduced audit.Params. Entries are never rewritten, so it is needed
// for as long as the longest retention. It is frozen: new entries have parameters.
package prose

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
)

// Params returns the parameters of an entry's detail, and whether all of it is known.
func Params(e audit.Entry) (params audit.Params, known bool) {
	for part := range strings.SplitSeq(e.Detail, "; ") {
		p, ok := partParams(e.Action, part)
		if !ok {
			return "", false
		}
		if params != "" && p != "" {
			params += "&"
		}
		params += p
	}
	return params, true
}

// texts are the details without a value.
var texts = map[string]audit.Params{
	"password":                               audit.WithPassword,
	"identity provider":                      audit.WithProvider,
	"demo":                                   audit.InDemo,
	"too many attempts":                      audit.TooManyAttempts,
	"no account here":                        audit.NoAccount,
	"a customer":                             audit.DeniedCustomer,
	"all other sessions":                     audit.OtherSessions,
	"all sessions":                           audit.AllSessions,
	"password changed":                       audit.NewPassword,
	"new password":                           audit.NewPassword,
	"rotated":                                audit.TokenRotated,
	"role: administrator":                    audit.RoleAdmin,
	"role: worker":                           audit.RoleWorker,
	"may export":                             audit.ExportOn,
	"may no longer export":                   audit.ExportOff,
	"role: administrator, may export":        audit.Added(true, true),
	"new temporary password":                 audit.TemporaryPassword,
	"deactivated":                            audit.Deactivated,
	"activated":                              audit.Activated,
	"passwords off":                          audit.PasswordsOff,
	"passwords switched off":                 audit.PasswordsOff,
	"passwords on":                           audit.PasswordsOn,
	"passwords switched on":                  audit.PasswordsOn,
	"numbers masked":                         audit.MaskingOn,
	"numbers shown in full":                  audit.MaskingOff,
	"the previous one ended":                 audit.TokenGraceEnded,
	"all entries":                            audit.AllEntries,
	"all of it":                              audit.AllEntries,
	"filtered entries":                       audit.FilteredEntries,
	"a part of it":                           audit.FilteredEntries,
	"begun":                                  audit.Begun,
	"cancelled":                              audit.Canceled,
	"interrupted":                            audit.Canceled,
	"failed":                                 audit.Failed,
	"with others":                            audit.MergedOthers,
	"into another customer":                  audit.MergedInto,
	"duplicates kept apart":                  audit.KeptApart,
	"unassigned":                             audit.Owners(nil),
	"assigned to nobody":                     audit.Owners(nil),
	"linked to the identity provider":        audit.Linked,
	"bound to the identity provider":         audit.Linked,
	"unlinked from the identity provider":    audit.Unlinked,
	"parted from the identity provider":      audit.Unlinked,
	"not confirmed by the identity provider": audit.Unverified,
	"still an administrator: the last one":   audit.KeptLastAdmin,
	"stays administrator, as the last one":   audit.KeptLastAdmin,
	"they could not be written in time":      audit.NotWritten,
	"many failed for this identity":          audit.ManyForIdentity,
	"many failed from this address":          audit.ManyForAddress,
	"many numbers were searched for":         audit.ManySearches,
	"linked to another account of the identity provider":                audit.LinkedElsewhere,
	"bound to another account of the identity provider":                 audit.LinkedElsewhere,
	"further attempts, too many to record individually":                 audit.MoreAttempts,
	"further attempts, too many to keep one by one":                     audit.MoreAttempts,
	"nothing imported: the customers to delete changed since the check": audit.PruneChanged,
	"nothing imported: others would be pruned than its check had told":  audit.PruneChanged,
}

// counts are the names of the counts in the detail of an import.
var counts = map[string]string{
	"created": "created", "updated": "updated", "unchanged": "unchanged", "skipped": "skipped", "rejected": "rejected",
	"deleted before": "previously-deleted", "pruned": "pruned",
}

var (
	countPattern      = regexp.MustCompile(`^([0-9]+) ([a-z ]+)$`)
	reassignedPattern = regexp.MustCompile(`^(begun: )?to (.+?)(?:, within [0-9hms.]+)?$`)
	withinPattern     = regexp.MustCompile(`^different customers within (.+)$`)
)

// partParams returns the parameters of one part of a detail.
func partParams(action audit.Action, part string) (audit.Params, bool) {
	if p, ok := texts[part]; ok {
		return p, true
	}
	switch action {
	case audit.Imported:
		return imported(part)
	case audit.Exported:
		return audit.Params("").With("format", part), part == "csv" || part == "json"
	case audit.Reassigned:
		if m := reassignedPattern.FindStringSubmatch(part); m != nil {
			return reassigned(m[2], m[1] != ""), true
		}
	case audit.CustomerChanged, audit.CustomerAdded:
		if names, ok := strings.CutPrefix(part, "assigned to "); ok {
			return audit.Params("").With("owners", names), true
		}
	case audit.UnusualViews:
		if m := withinPattern.FindStringSubmatch(part); m != nil {
			d, err := time.ParseDuration(m[1])
			return audit.Params("").With("minutes", strconv.Itoa(max(int(d/time.Minute), 1))), err == nil
		}
	}
	return "", false
}

// reassigned returns the parameters of a reassignment. How long it took is left out.
func reassigned(to string, began bool) audit.Params {
	if to == "unassigned" || to == "nobody" {
		to = ""
	}
	if began {
		return audit.Begun + "&" + audit.To(to)
	}
	return audit.To(to)
}

// imported returns the counts of an import.
func imported(part string) (p audit.Params, ok bool) {
	for one := range strings.SplitSeq(part, ", ") {
		m := countPattern.FindStringSubmatch(one)
		if m == nil || counts[m[2]] == "" {
			return "", false
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return "", false
		}
		p = p.WithCount(counts[m[2]], n)
	}
	return p, true
}
