package words_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/audit/words"
	"github.com/clientele-project/clientele/internal/locale"
)

func locales(t *testing.T) []*locale.Locale {
	t.Helper()
	catalog, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalog.Locales()
}

// Every parameter with a fixed value has a message in every language.
func TestDetail_KnowsEveryParameter(t *testing.T) {
	source, err := os.ReadFile("../params.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := regexp.MustCompile(`Params = "([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(constants) < 40 {
		t.Fatalf("found %d parameters in params.go, want at least 40", len(constants))
	}
	for _, loc := range locales(t) {
		for _, c := range constants {
			got := words.Detail(audit.Entry{Params: audit.Params(c[1])}, loc)
			if _, value, _ := strings.Cut(c[1], "="); got == "" || strings.Contains(got, c[1]) || strings.HasSuffix(got, ": "+value) || strings.Contains(got, "audit.") {
				t.Errorf("Detail(%s) in %s = %q, want words", c[1], loc.Tag(), got)
			}
		}
	}
}

func TestDetail(t *testing.T) {
	english := locales(t)[0]
	for params, want := range map[audit.Params]string{
		"":                      "",
		audit.Added(true, true): "role: Administrator, can export",
		audit.Params("").WithCount("created", 12).WithCount("updated", 0) + "&" + audit.Failed: "12 created, failed",
		audit.To("bob, \u202e&co=") + "&" + audit.Begun:                                        "to bob, \u202e&co=, started",
		audit.To(""):                              "unassigned",
		audit.To("*"):                             "to everyone",
		audit.Owners([]string{"a", "b"}):          "assigned to a, b",
		audit.Owners(nil):                         "unassigned",
		audit.WithPassword.WithCount("ended", 2):  "with password, 2 earlier sessions ended (limit reached)",
		audit.Params("").With("minutes", "1"):     "different customers within 1 minute",
		audit.Params("").With("minutes", "62"):    "different customers within 62 minutes",
		audit.Params("").With("format", "csv"):    "csv",
		audit.Params("").With("newer", "a=b & c"): "newer: a=b & c",
		"broken=%zz":                              "broken: %zz",
	} {
		if got := words.Detail(audit.Entry{Params: params}, english); got != want {
			t.Errorf("Detail(%s) = %q, want %q", params, got, want)
		}
	}
}

// Entries of earlier versions are stored as English text.
func TestDetail_OfProse(t *testing.T) {
	english := locales(t)[0]
	for _, c := range []struct {
		action       audit.Action
		detail, want string
	}{
		{audit.PersonAdded, "role: worker", "role: Worker"},
		{audit.PersonAdded, "role: administrator, may export", "role: Administrator, can export"},
		{audit.PersonChanged, "parted from the identity provider", "disconnected from the identity provider"},
		{audit.Imported, "begun", "started"},
		{audit.Imported, "12 created, 0 updated, 3 unchanged, 0 skipped, 1 rejected, 2 deleted before", "12 created, 3 unchanged, 1 rejected, 2 previously deleted"},
		{audit.Imported, "12 created, 0 updated; interrupted", "12 created, canceled"},
		{audit.Imported, "12 created, something new", "12 created, something new"},
		{audit.Reassigned, "begun: to nobody", "started, unassigned"},
		{audit.Reassigned, "to unassigned, within 1s", "unassigned"},
		{audit.Reassigned, "to bob@example.com, within 1m3s; cancelled", "to bob@example.com, canceled"},
		{audit.Reassigned, "to a, within b", "to a, within b"},
		{audit.Reassigned, "begun: to *", "started, to everyone"},
		{audit.SignedIn, "demo", "in the demo"},
		{audit.SignInFailed, "too many attempts", "too many attempts"},
		{audit.CustomerChanged, "assigned to a, b", "assigned to a, b"},
		{audit.UnusualViews, "different customers within 1m", "different customers within 1 minute"},
		{audit.UnusualViews, "different customers within 1h2m0s", "different customers within 62 minutes"},
		{audit.Exported, "csv", "csv"},
		{audit.SettingChanged, "said by another program", "said by another program"},
		{audit.Viewed, "", ""},
	} {
		if got := words.Detail(audit.Entry{Action: c.action, Detail: c.detail}, english); got != c.want {
			t.Errorf("Detail(%s, %q) = %q, want %q", c.action, c.detail, got, c.want)
		}
	}
}
