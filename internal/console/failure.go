package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/door"
	"github.com/clientele-project/clientele/internal/look"
	"github.com/clientele-project/clientele/internal/settings"
)

// classify is the status and the message keys of the errors of our actions.
func classify(err error) look.Kind {
	switch {
	case errors.Is(err, settings.ErrUnavailable), errors.Is(err, account.ErrUnavailable):
		return look.Kind{Status: http.StatusServiceUnavailable, Code: "settings-unavailable", Icon: "clock"}
	case errors.Is(err, settings.ErrSealed):
		return look.Kind{Status: http.StatusInternalServerError, Code: "settings-sealed", Icon: "lock"}
	}
	switch {
	case errors.Is(err, account.ErrNotFound):
		return look.Kind{Status: http.StatusNotFound, Code: "no-person", Icon: "nobody", Way: "/console/people", WayOut: "console.people.everyone"}
	case errors.Is(err, audit.ErrUnavailable):
		return look.Kind{Status: http.StatusServiceUnavailable, Code: "audit-unavailable", Icon: "clock"}
	}
	if k, ok := classifyCustomers(err); ok {
		return k
	}
	return door.Classify(err)
}
