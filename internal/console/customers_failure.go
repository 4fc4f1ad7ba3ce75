package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/look"
	"github.com/clientele-project/clientele/internal/office"
)

// classifyCustomers is the status and the message keys of the errors of the register
// and the office; ok is false for any other.
func classifyCustomers(err error) (k look.Kind, ok bool) {
	switch {
	case errors.Is(err, customer.ErrNotFound):
		return look.Kind{Status: http.StatusNotFound, Code: "no-customer", Icon: "nobody", Way: customersPath, WayOut: "list.nothing.action"}, true
	case errors.Is(err, office.ErrNoImport), errors.Is(err, office.ErrNoJob):
		return look.Kind{Status: http.StatusNotFound, Code: "forgotten", Icon: "nobody", Way: customersPath, WayOut: "console.customers.title"}, true
	case errors.Is(err, office.ErrBusy):
		return look.Kind{Status: http.StatusConflict, Code: "busy", Icon: "clock"}, true
	case errors.Is(err, office.ErrConflict), errors.Is(err, office.ErrNotReady):
		return look.Kind{Status: http.StatusConflict, Code: "meanwhile", Icon: "alert"}, true
	case errors.Is(err, office.ErrNotKept):
		return look.Kind{Status: http.StatusInternalServerError, Code: "not-kept", Icon: "alert"}, true
	case errors.Is(err, customer.ErrUnavailable), errors.Is(err, office.ErrClosed):
		return look.Kind{Status: http.StatusServiceUnavailable, Code: "customers-unavailable", Icon: "clock"}, true
	}
	return look.Kind{}, false
}
