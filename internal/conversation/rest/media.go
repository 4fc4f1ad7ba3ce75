package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

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
	o, err := c.get(ctx, path{"Services", service, "Media", mediaSID}, nil)
	if err != nil {
		return none, err
	}
	address := o.object("links").text("content_direct_temporary")
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, c.base+"/") {
		return none, fmt.Errorf("%w: the address of the file is not https", conversation.ErrUnavailable)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
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

// serviceSID returns the service, also when it is the account's default.
func (c *Client) serviceSID(ctx context.Context) (sid string, err error) {
	if c.service != "" {
		return c.service, nil
	}
	if sid, _ = c.defaultService.Load().(string); sid == "" {
		sid, err = c.DefaultService(ctx)
		c.defaultService.Store(sid)
	}
	return sid, err
}
