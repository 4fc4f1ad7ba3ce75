package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// classifyCustomers is the status and the message keys of the errors of the register
// and the office; ok is false for any other.
func classifyCustomers(err error) (k ui.Kind, ok bool) {
	switch {
	case errors.Is(err, customer.ErrNotFound):
		return ui.Kind{Status: http.StatusNotFound, Code: "no-customer", Icon: "nobody", Way: CustomersPath, WayOut: "list.nothing.action"}, true
	case errors.Is(err, admin.ErrNoImport), errors.Is(err, admin.ErrNoJob):
		return ui.Kind{Status: http.StatusNotFound, Code: "forgotten", Icon: "nobody", Way: CustomersPath, WayOut: "console.customers.title"}, true
	case errors.Is(err, admin.ErrBusy):
		return ui.Kind{Status: http.StatusConflict, Code: "busy", Icon: "clock"}, true
	case errors.Is(err, admin.ErrConflict), errors.Is(err, admin.ErrNotReady):
		return ui.Kind{Status: http.StatusConflict, Code: "meanwhile", Icon: "alert"}, true
	case errors.Is(err, admin.ErrAuditFailed):
		return ui.Kind{Status: http.StatusInternalServerError, Code: "not-kept", Icon: "alert"}, true
	case errors.Is(err, customer.ErrUnavailable), errors.Is(err, admin.ErrClosed):
		return ui.Kind{Status: http.StatusServiceUnavailable, Code: "customers-unavailable", Icon: "clock"}, true
	}
	return ui.Kind{}, false
}
