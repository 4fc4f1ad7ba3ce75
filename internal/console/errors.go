package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// kinds maps the errors of the console's handlers to a status and message keys. The
// first match counts.
var kinds = []struct {
	err  error
	kind ui.Kind
}{
	// Why nothing can be changed comes before the store that says so.
	{storage.ErrFull, ui.Kind{Status: http.StatusServiceUnavailable, Code: "disk-full", Icon: "alert"}},
	{storage.ErrReplaced, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-replaced", Icon: "alert"}},
	{storage.ErrDamaged, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-damaged", Icon: "alert"}},
	{storage.ErrUnreachable, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-unreachable", Icon: "alert"}},
	{storage.ErrNoConnection, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-busy", Icon: "clock"}},
	{storage.ErrTimeout, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-busy", Icon: "clock"}},
	{storage.ErrStandby, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-unreachable", Icon: "alert"}},
	{storage.ErrReadOnly, ui.Kind{Status: http.StatusServiceUnavailable, Code: "database-read-only", Icon: "alert"}},
	{settings.ErrUnavailable, ui.Kind{Status: http.StatusServiceUnavailable, Code: "settings-unavailable", Icon: "clock"}},
	{account.ErrUnavailable, ui.Kind{Status: http.StatusServiceUnavailable, Code: "settings-unavailable", Icon: "clock"}},
	{settings.ErrWrongKey, ui.Kind{Status: http.StatusInternalServerError, Code: "settings-sealed", Icon: "lock"}},
	{account.ErrNotFound, ui.Kind{Status: http.StatusNotFound, Code: "no-person", Icon: "no-person", LinkHref: view.PeoplePath, LinkText: "console.people.everyone"}},
	{audit.ErrUnavailable, ui.Kind{Status: http.StatusServiceUnavailable, Code: "audit-unavailable", Icon: "clock"}},
	{customer.ErrNotFound, ui.Kind{Status: http.StatusNotFound, Code: "no-customer", Icon: "no-person", LinkHref: view.CustomersPath, LinkText: "list.nothing.action"}},
	{admin.ErrNoImport, ui.Kind{Status: http.StatusNotFound, Code: "forgotten", Icon: "no-person", LinkHref: view.CustomersPath, LinkText: "console.customers.title"}},
	{admin.ErrNoReassignment, ui.Kind{Status: http.StatusNotFound, Code: "forgotten", Icon: "no-person", LinkHref: view.CustomersPath, LinkText: "console.customers.title"}},
	{admin.ErrBusy, ui.Kind{Status: http.StatusConflict, Code: "busy", Icon: "clock"}},
	{admin.ErrConflict, ui.Kind{Status: http.StatusConflict, Code: "meanwhile", Icon: "alert"}},
	{admin.ErrNotReady, ui.Kind{Status: http.StatusConflict, Code: "meanwhile", Icon: "alert"}},
	{customer.ErrUnavailable, ui.Kind{Status: http.StatusServiceUnavailable, Code: "customers-unavailable", Icon: "clock"}},
	{admin.ErrClosed, ui.Kind{Status: http.StatusServiceUnavailable, Code: "customers-unavailable", Icon: "clock"}},
}

// classify returns the status and the message keys of a handler's error.
func classify(err error) ui.Kind {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.kind
		}
	}
	return auth.Classify(err)
}
