package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// classify is the status and the message keys of the errors of our actions.
func classify(err error) ui.Kind {
	switch {
	case errors.Is(err, settings.ErrUnavailable), errors.Is(err, account.ErrUnavailable):
		return ui.Kind{Status: http.StatusServiceUnavailable, Code: "settings-unavailable", Icon: "clock"}
	case errors.Is(err, settings.ErrSealed):
		return ui.Kind{Status: http.StatusInternalServerError, Code: "settings-sealed", Icon: "lock"}
	}
	switch {
	case errors.Is(err, account.ErrNotFound):
		return ui.Kind{Status: http.StatusNotFound, Code: "no-person", Icon: "nobody", Way: "/console/people", WayOut: "console.people.everyone"}
	case errors.Is(err, audit.ErrUnavailable):
		return ui.Kind{Status: http.StatusServiceUnavailable, Code: "audit-unavailable", Icon: "clock"}
	}
	if k, ok := classifyCustomers(err); ok {
		return k
	}
	return auth.Classify(err)
}
