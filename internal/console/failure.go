package console

import (
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/internal/account"
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
	return door.Classify(err)
}
