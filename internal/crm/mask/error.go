package mask

import (
	"errors"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// maskError returns an error of the same kind whose text is masked: services repeat
// ids and numbers in their errors.
func maskError(err error) error {
	if err == nil || !hasNumber(err.Error()) {
		return err
	}
	reason := func(err error) error {
		if err == nil {
			return nil
		}
		return errors.New(maskDecoded(err.Error(), text.MaskLine))
	}
	var invalid *frontline.InvalidRequestError
	var callback *frontline.CallbackError
	var unavailable *frontline.UnavailableError
	switch {
	case errors.Is(err, frontline.ErrNotFound):
		return frontline.ErrNotFound
	case errors.As(err, &invalid):
		return &frontline.InvalidRequestError{Reason: maskDecoded(invalid.Reason, text.MaskLine)}
	case errors.As(err, &callback):
		return &frontline.CallbackError{Code: callback.Code, Status: callback.Status, Err: reason(callback.Err)}
	case errors.As(err, &unavailable):
		return &frontline.UnavailableError{RetryAfter: unavailable.RetryAfter, Pending: unavailable.Pending, Err: reason(unavailable.Err)}
	}
	return &maskedError{text: maskDecoded(err.Error(), text.MaskLine), err: err}
}

// maskedError is an internal error with a masked text.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string        { return e.text }
func (e *maskedError) Is(target error) bool { return errors.Is(e.err, target) }
