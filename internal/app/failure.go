package app

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// classify returns the kind of any error of the app: the one table for errors of a CRM.
func classify(err error) ui.Kind {
	var callback *frontline.CallbackError
	var invalid *frontline.InvalidRequestError
	var unavailable *frontline.UnavailableError
	if kind, ok := classifyConversation(err); ok {
		return kind
	}
	switch {
	case errors.Is(err, frontline.ErrNotFound):
		return ui.Kind{Status: http.StatusNotFound, Code: "not-found", Icon: "no-person"}
	case errors.As(err, &invalid):
		return ui.Kind{Status: http.StatusBadRequest, Code: strconv.Itoa(int(frontline.CodeInvalidPayload)), Published: true, Icon: "alert"}
	case errors.As(err, &callback):
		status := http.StatusBadGateway
		if callback.Code == frontline.CodeCallbackTimeout {
			status = http.StatusGatewayTimeout
		}
		return ui.Kind{Status: status, Code: strconv.Itoa(int(callback.Code)), Published: true, Icon: "offline"}
	case errors.As(err, &unavailable), errors.Is(err, audit.ErrUnavailable):
		return ui.Kind{Status: http.StatusServiceUnavailable, Code: "unavailable", Icon: "clock"}
	}
	return auth.Classify(err)
}

// failureOf returns the failure to show for err; retry is the address to try again.
func failureOf(err error, loc *locale.Locale, retry string) *ui.Failure {
	f := ui.Describe(classify(err), loc, retry)
	describeConversation(f, err, loc)
	return f
}

// reportFailure logs err and sets Retry-After.
func (a *app) reportFailure(w http.ResponseWriter, r *http.Request, err error) {
	wait := 0
	var unavailable *frontline.UnavailableError
	if errors.As(err, &unavailable) && unavailable.RetryAfter > 0 {
		wait = seconds(unavailable.RetryAfter)
	}
	a.Report(w, r, err, wait)
}
