package mask

import (
	"errors"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// unnumbered answers an error of the same kind that says nothing that looks like a
// number: services put into their failures what they were asked about.
func unnumbered(err error) error {
	if err == nil || !numbered(err.Error()) {
		return err
	}
	reason := func(err error) error {
		if err == nil {
			return nil
		}
		return errors.New(written(err.Error(), text.MaskLine))
	}
	var invalid *frontline.InvalidRequestError
	var callback *frontline.CallbackError
	var unavailable *frontline.UnavailableError
	switch {
	case errors.Is(err, frontline.ErrNotFound):
		return frontline.ErrNotFound
	case errors.As(err, &invalid):
		return &frontline.InvalidRequestError{Reason: written(invalid.Reason, text.MaskLine)}
	case errors.As(err, &callback):
		return &frontline.CallbackError{Code: callback.Code, Status: callback.Status, Err: reason(callback.Err)}
	case errors.As(err, &unavailable):
		return &frontline.UnavailableError{RetryAfter: unavailable.RetryAfter, Pending: unavailable.Pending, Err: reason(unavailable.Err)}
	}
	return &saidOtherwise{said: written(err.Error(), text.MaskLine), err: err}
}

// saidOtherwise is an internal error with another text.
type saidOtherwise struct {
	said string
	err  error
}

func (e *saidOtherwise) Error() string        { return e.said }
func (e *saidOtherwise) Is(target error) bool { return errors.Is(e.err, target) }
