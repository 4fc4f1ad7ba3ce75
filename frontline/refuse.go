package frontline

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// A refusal is an error response that the handler decides, not the CRM (or another
// interface).
type refusal struct {
	status  int
	code    Code // 0: none is sent
	message string
}

func (e *refusal) Error() string { return e.message }

// The refusals with a fixed message.
var (
	errNotPost   = &refusal{http.StatusMethodNotAllowed, 0, "only POST is allowed"}
	errNotForm   = &refusal{http.StatusUnsupportedMediaType, CodeInvalidPayload, "the body must be application/x-www-form-urlencoded"}
	errTooLong   = &refusal{http.StatusRequestEntityTooLarge, CodeInvalidPayload, "the body is over 64 KiB"}
	errCutShort  = &refusal{http.StatusBadRequest, CodeInvalidPayload, "the body is incomplete"}
	errSignature = &refusal{http.StatusForbidden, 0, "the signature is missing or wrong"}
)

func unknownLocation(message string) error {
	return &refusal{http.StatusUnprocessableEntity, CodeInvalidPayload, message}
}

// defaultRetry is the Retry-After if the CRM does not say.
const defaultRetry = 5 * time.Second

// refuse writes the error response to b.out, sets its headers and logs what the caller
// must not see. It is the one table from errors to statuses.
func (h *handler) refuse(b *buffers, w http.ResponseWriter, r *http.Request, err error) (status int) {
	var (
		own         *refusal
		request     *InvalidRequestError
		unavailable *UnavailableError
		callback    *CallbackError
		retry       time.Duration
	)
	e := refusal{status: http.StatusInternalServerError, message: "internal error"}
	switch {
	case errors.As(err, &own):
		e = *own
	case errors.As(err, &request):
		e = refusal{http.StatusBadRequest, CodeInvalidPayload, request.Reason}
	case errors.Is(err, ErrNotFound):
		e = refusal{http.StatusNotFound, 0, "customer not found"}
	case errors.As(err, &unavailable):
		retry = unavailable.RetryAfter
		e.status = http.StatusServiceUnavailable
	case errors.As(err, &callback), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		e.status = http.StatusServiceUnavailable
	}
	switch e.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		e.message = "unavailable at the moment; try again later"
		if retry <= 0 {
			retry = defaultRetry
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.Seconds()))))
	}
	if e.status >= 500 && r.Context().Err() == nil {
		h.log.ErrorContext(r.Context(), h.name+" failed", "status", e.status, "error", err)
	} else {
		h.log.DebugContext(r.Context(), h.name+" refused", "status", e.status, "reason", e.message)
	}
	b.out = appendError(b.out[:0], e.code, e.message)
	return e.status
}

// appendError appends an error response.
func appendError(b []byte, code Code, message string) []byte {
	b = append(b, `{"error":{`...)
	if code != 0 {
		b = strconv.AppendInt(append(b, `"code":`...), int64(code), 10)
		b = append(b, ',')
	}
	b = appendString(append(b, `"message":`...), message)
	return append(b, "}}\n"...)
}
