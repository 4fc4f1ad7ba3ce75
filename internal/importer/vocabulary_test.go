package importer

import (
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/importer/source"
)

func TestAliases_MeanOneFieldEach(t *testing.T) {
	files, err := aliases.ReadDir("aliases")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range files {
		text, err := aliases.ReadFile("aliases/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			section, names, _ := strings.Cut(line, ": ")
			if strings.HasPrefix(line, "#") {
				continue
			}
			for name := range strings.SplitSeq(names, ",") {
				key := source.NameKey(name)
				if old := seen[key]; key == "" || old != "" && old != section {
					t.Errorf("%s: %q is %q, elsewhere %q", f.Name(), strings.TrimSpace(name), section, old)
				}
				seen[key] = section
			}
		}
	}
}
