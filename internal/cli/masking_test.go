package cli

import (
	"os"
	"strings"
	"testing"
)

func TestMaskingCommand(t *testing.T) {
	file := newDatabase(t)
	masking := func(to string, code int, want string) {
		t.Helper()
		if got := run(t, "", "masking", to, "--database", file); got.code != code || !strings.Contains(got.out+got.err, want) {
			t.Errorf("masking %s: exit code %d, %q, %q; want %d and %q", to, got.code, got.out, got.err, code, want)
		}
	}
	masking("show", 0, "off")
	masking("on", 0, "hidden from workers")
	masking("on", 0, "hidden from workers")
	masking("show", 0, "on\n")
	masking("off", 0, "shown in full")
	masking("maybe", 2, "on, off or show")
	if got := run(t, "", "audit", "--database", file).out; strings.Count(got, ",masking,") != 2 {
		t.Errorf("audit, want two entries of masking:\n%s", got)
	}
	if err := os.Remove(file + ".secret"); err != nil {
		t.Fatal(err)
	}
	masking("off", 1, "does not exist")
	if _, err := os.Stat(file + ".secret"); err == nil {
		t.Error("masking off created a secret file that cannot open the settings")
	}
}
