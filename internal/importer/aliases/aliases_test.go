package aliases_test

import (
	"testing"

	"github.com/clientele-project/clientele/internal/importer/aliases"
	"github.com/clientele-project/clientele/internal/importer/source"
)

func TestNames_MeanOneFieldEach(t *testing.T) {
	seen := map[string]string{}
	for section, name := range aliases.Names {
		key := source.NameKey(name)
		if old := seen[key]; key == "" || old != "" && old != section {
			t.Errorf("%q is %q, elsewhere %q", name, section, old)
		}
		seen[key] = section
	}
}
