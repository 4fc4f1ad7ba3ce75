package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/storage"
)

// conditions are the titles of the database's conditions.
var conditions = map[error]string{
	storage.ErrFull:     "disk is full",
	storage.ErrReplaced: "database file was replaced or deleted",
	storage.ErrDamaged:  "database is damaged",
	storage.ErrReadOnly: "database cannot be written",
}

func TestPages_SayWhyTheDatabaseTakesNoChanges(t *testing.T) {
	var condition error
	f := newFixture(t, func(o *console.Options) { o.Condition = func() error { return condition } })
	for condition = range conditions {
		pages := 0
		for _, rt := range routes {
			if rt.get != http.StatusOK {
				continue
			}
			if pages++; !strings.Contains(f.get("root", rt.path).body, conditions[condition]) {
				t.Errorf("GET %s while %q does not say so", rt.path, condition)
			}
		}
		if pages < 10 {
			t.Fatalf("%d pages were requested", pages)
		}
	}
	condition = nil
	f.get("root", "/console/callbacks").check(t, http.StatusOK, nil, conditions[storage.ErrFull], conditions[storage.ErrDamaged])
}

func TestPages_ErrorsNameTheDatabasesCondition(t *testing.T) {
	f := newFixture(t, nil)
	for condition, title := range conditions {
		f.store.fail = fmt.Errorf("%w: %w", settings.ErrUnavailable, condition)
		f.post("root", "/console/callbacks", "crm_callback_url", crmURL).check(t, http.StatusServiceUnavailable, []string{title}, "busy or under maintenance")
	}
}
