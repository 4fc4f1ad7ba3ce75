package frontline

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// A refusal is an error answer that is decided here and not by the CRM.
type refusal struct {
	status  int
	code    Code // 0: none is sent
	message string
}

func (e *refusal) Error() string { return e.message }

// The refusals that say the same each time.
var (
	errNotPost   = &refusal{http.StatusMethodNotAllowed, 0, "only POST is answered here"}
	errNotForm   = &refusal{http.StatusUnsupportedMediaType, CodeInvalidPayload, "the body must be application/x-www-form-urlencoded"}
	errTooLong   = &refusal{http.StatusRequestEntityTooLarge, CodeInvalidPayload, "the body is over 64 KiB"}
	errCutShort  = &refusal{http.StatusBadRequest, CodeInvalidPayload, "the body did not arrive whole"}
	errSignature = &refusal{http.StatusForbidden, 0, "the signature is missing or wrong"}
)

func unknownLocation(message string) error {
	return &refusal{http.StatusUnprocessableEntity, CodeInvalidPayload, message}
}

// defaultRetry is what Retry-After says when the CRM does not know.
const defaultRetry = 5 * time.Second

// refuse leaves the error answer in x.out, sets its headers and logs what must
// not be told. The one table from errors to statuses is here.
func (h *handler) refuse(x *exchange, w http.ResponseWriter, r *http.Request, err error) (status int) {
	var (
		own         *refusal
		request     *InvalidRequestError
		unavailable *UnavailableError
		callback    *CallbackError
		retry       time.Duration
	)
	e := refusal{status: http.StatusInternalServerError, message: "something went wrong here"}
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
		e.message = "the customers cannot be had just now; ask again later"
		if retry <= 0 {
			retry = defaultRetry
		}
		seconds := int64((retry + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if e.status >= 500 && r.Context().Err() == nil {
		h.log.ErrorContext(r.Context(), "the CRM callback could not be answered", "status", e.status, "error", err)
	} else {
		h.log.DebugContext(r.Context(), "a CRM callback was refused", "status", e.status, "reason", e.message)
	}
	x.out = appendError(x.out[:0], e.code, e.message)
	return e.status
}

// appendError appends an error answer.
func appendError(b []byte, code Code, message string) []byte {
	b = append(b, `{"error":{`...)
	if code != 0 {
		b = strconv.AppendInt(append(b, `"code":`...), int64(code), 10)
		b = append(b, ',')
	}
	b = appendString(append(b, `"message":`...), message)
	return append(b, "}}\n"...)
}
