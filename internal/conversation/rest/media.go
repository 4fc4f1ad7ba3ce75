package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Media implements conversation.Backend. The service has the file at a temporary address
// that takes no credentials.
func (c *Client) Media(ctx context.Context, mediaSID string) (conversation.MediaContent, error) {
	var none conversation.MediaContent
	service, err := c.serviceSID(ctx)
	if err != nil {
		return none, err
	}
	suffix, err := path{"Services", service, "Media", mediaSID}.join()
	if err != nil {
		return none, err
	}
	o, err := c.read(ctx, c.media+suffix)
	if err != nil {
		return none, err
	}
	address, err := url.Parse(o.object("links").text("content_direct_temporary"))
	if err != nil || !c.mayHoldContent(address) {
		return none, fmt.Errorf("%w: the address of the file is not https", conversation.ErrUnavailable)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return none, fmt.Errorf("%w: %w", conversation.ErrUnavailable, withoutURL(err))
	}
	resp, err := c.http.Do(req)
	switch {
	case ctx.Err() != nil:
		return none, ctx.Err()
	case err != nil:
		return none, fmt.Errorf("%w: %w", conversation.ErrUnavailable, withoutURL(err))
	case resp.StatusCode != http.StatusOK:
		resp.Body.Close()
		return none, fmt.Errorf("%w (status %d of the file)", conversation.ErrUnavailable, resp.StatusCode)
	}
	file := o.media()
	file.ContentType = cmp.Or(file.ContentType, resp.Header.Get("Content-Type"))
	return conversation.MediaContent{Media: file, ReadCloser: resp.Body}, nil
}

// mayHoldContent reports whether files are read from an address: one with https, or on the
// host that said so.
func (c *Client) mayHoldContent(u *url.URL) bool {
	base, err := url.Parse(c.media)
	return u.User == nil && (u.Scheme == "https" || err == nil && u.Scheme == base.Scheme && u.Host == base.Host)
}

// serviceSID returns the service, also when it is the account's default.
func (c *Client) serviceSID(ctx context.Context) (string, error) {
	if c.service != "" {
		return c.service, nil
	}
	if sid, ok := c.defaultService.Load().(string); ok {
		return sid, nil
	}
	sid, err := c.DefaultService(ctx)
	if err == nil {
		c.defaultService.Store(sid)
	}
	return sid, err
}
