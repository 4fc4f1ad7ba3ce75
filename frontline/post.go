package frontline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxRefusalBytes is how much is read of a response with an error status.
const maxRefusalBytes = 4 << 10

// post posts parameters to the callback URL and returns the body of the response. Its
// errors are *CallbackErrors, even if the context ended. refused reports whether the
// service responded with an error status or a redirect; the body is its beginning then, if
// the status is 404.
func (c *Client) post(ctx context.Context, params []param) (body []byte, refused bool, err error) {
	req, err := c.newRequest(ctx, params)
	if err != nil {
		return nil, false, &CallbackError{Code: CodeCallbackFailed, Err: err}
	}
	resp, err := c.http.Do(req)
	if err != nil {
		// The URL may hold a secret in its query, and the error goes to a log.
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err
		}
		return nil, false, &CallbackError{Code: CodeCallbackFailed, Err: redact(err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		if resp.StatusCode == http.StatusNotFound || 0 <= resp.ContentLength && resp.ContentLength <= maxRefusalBytes {
			// Read also so that the connection can be reused. The status decides, even if this fails.
			body, _ = io.ReadAll(io.LimitReader(resp.Body, maxRefusalBytes))
		}
		return body, true, &CallbackError{Code: CodeCallbackFailed, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	}
	body, err = readBody(resp)
	return body, false, err
}

func (c *Client) newRequest(ctx context.Context, params []param) (*http.Request, error) {
	address := c.url.String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(encodeForm(params)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Clientele")
	// Requests change nothing, or may come twice as all webhooks may. So the transport may
	// repeat one on a reused connection that turns out closed. The nil value tells it so
	// and is not sent.
	req.Header["Idempotency-Key"] = nil
	if c.authToken != nil {
		if token := c.authToken(); token != "" {
			values := make(url.Values, len(params))
			for _, p := range params {
				values.Add(p.name, p.value)
			}
			req.Header.Set(SignatureHeader, Sign(token, address, values))
		}
	}
	return req, nil
}

// readBody reads a response of at most MaxBodyBytes.
func readBody(resp *http.Response) ([]byte, error) {
	tooLong := &CallbackError{Code: CodeInvalidResponse, Status: resp.StatusCode, Err: fmt.Errorf("the response is over %d bytes", MaxBodyBytes)}
	if resp.ContentLength > MaxBodyBytes {
		return nil, tooLong
	}
	// Compressed or chunked responses have no length.
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBodyBytes+1))
	if err != nil {
		return nil, &CallbackError{Code: CodeCallbackFailed, Status: resp.StatusCode, Err: redact(err)}
	}
	if len(body) > MaxBodyBytes {
		return nil, tooLong
	}
	return body, nil
}

// retryAfter reads a Retry-After header, seconds or a date; 0 if it says nothing.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(strings.TrimSpace(header), 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
