package auditlog

import (
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/console/view/viewtest"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

func TestDescribe_CoversEveryAction(t *testing.T) {
	grouped := make(map[audit.Action]int)
	for _, k := range actionGroups {
		for _, a := range k.actions {
			grouped[a]++
		}
	}
	for _, a := range audit.Actions() {
		if grouped[a] != 1 {
			t.Errorf("action %s is in %d groups, want 1", a, grouped[a])
		}
	}
	for _, l := range viewtest.Locales(t) {
		v := &auth.Viewer{Locale: l, Zone: time.UTC, Now: time.Now()}
		for _, a := range audit.Actions() {
			for _, e := range []audit.Entry{{Action: a}, {Action: a, Subject: "s-1", Count: 3, Unusual: true}} {
				row := Describe(e, v)
				if strings.Contains(string(row.What), string(a)+" ") || strings.Contains(string(row.What), "console.") || strings.Contains(string(row.What), "{") {
					t.Errorf("Describe(%s) in %s = %q, want the translated text", a, l.Tag(), row.What)
				}
				if e.Subject == "" && strings.Contains(string(row.What), "<bdi></bdi>") {
					t.Errorf("Describe(%s without a subject) in %s = %q, want no empty <bdi>", a, l.Tag(), row.What)
				}
			}
		}
		for _, via := range []string{"app", "console", "callback", "command"} {
			if got := viaText(via, v); got == via || strings.Contains(got, "console.") {
				t.Errorf("viaText(%s) in %s = %q, want the translated text", via, l.Tag(), got)
			}
		}
	}
}

func TestDetailText_TranslatesStoredDetails(t *testing.T) {
	for _, l := range viewtest.Locales(t) {
		v := &auth.Viewer{Locale: l, Zone: time.UTC, Now: time.Now()}
		for detail, key := range detailKeys {
			if got := detailText(audit.Entry{Action: audit.PersonChanged, Detail: detail}, v); got != boundedName(l.Text(key)) || !l.Has(key) {
				t.Errorf("detailText(%q) in %s = %q, want the text of %s", detail, l.Tag(), got, key)
			}
		}
	}
	v := &auth.Viewer{Locale: viewtest.Locales(t)[0], Zone: time.UTC, Now: time.Now()}
	for _, c := range []struct {
		action       audit.Action
		detail, want string
	}{
		{audit.PersonAdded, "role: worker", "role: Worker"},
		{audit.PersonAdded, "role: administrator, may export", "role: Administrator, can export"},
		{audit.Imported, "started", "started"},
		{audit.Imported, "12 created, 0 updated, 3 unchanged, 0 skipped, 1 rejected, 2 deleted before", "12 created, 3 unchanged, 1 rejected, 2 previously deleted"},
		{audit.Imported, "12 created, something new", "12 created, something new"},
		{audit.Reassigned, "begun: to nobody", "started: unassigned"},
		{audit.Reassigned, "to unassigned, within 1s", "unassigned"},
		{audit.Reassigned, "to bob@example.com, within 1m3s; cancelled", "to bob@example.com; canceled"},
		{audit.Reassigned, "to a, within b", "to a, within b"},
		{audit.Reassigned, "begun: to *", "started: to everyone"},
		{audit.SignedIn, "demo", "in the demo"},
		{audit.SignInFailed, "too many attempts", "too many attempts"},
		{audit.CustomerChanged, "assigned to a, b", "assigned to a, b"},
		{audit.ServiceTested, "as bob@example.com", "as bob@example.com"},
		{audit.UnusualViews, "different customers within a minute", "different customers within 1 minute"},
		{audit.UnusualViews, "different customers within 1h2m0s", "different customers within 62 minutes"},
		{audit.Exported, "csv", "csv"},
		{audit.SettingChanged, "said by a newer program", "said by a newer program"},
		{audit.Viewed, "", ""},
	} {
		if got := detailText(audit.Entry{Action: c.action, Detail: c.detail}, v); got != c.want {
			t.Errorf("detailText(%s, %q) = %q, want %q", c.action, c.detail, got, c.want)
		}
	}
}

func TestBoundedName(t *testing.T) {
	long := strings.Repeat("ä", 300)
	for _, s := range []string{long, "\u202eevil", "a\nb"} {
		if got := boundedName(s); len(got) > maxNameShown+len("…") || strings.ContainsAny(got, "\u202e\n") {
			t.Errorf("boundedName(%q) = %q", s, got)
		}
	}
}

func TestDescribe_CountsAndEveryone(t *testing.T) {
	v := &auth.Viewer{Locale: viewtest.Locales(t)[0], Zone: time.UTC, Now: time.Now()}
	for n, want := range []string{"", "", "× 2"} {
		if got := Describe(audit.Entry{Action: audit.SignedIn, Subject: "alice", Count: n}, v).Count; got != want {
			t.Errorf("Describe with count %d: Count = %q, want %q", n, got, want)
		}
	}
	if got := Describe(audit.Entry{Action: audit.Reassigned, Subject: "*", Detail: "to bob"}, v).What; strings.Contains(string(got), "*") {
		t.Errorf("Describe of everyone's customers: What = %q", got)
	}
}
