package frontline

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// LocationProxyAddress is the Location of the outgoing conversations callback.
const LocationProxyAddress = "GetProxyAddress"

// Outgoing handles the outgoing conversations callback: a worker is about to write to a
// customer. Implementations are safe for concurrent use. Errors are those of a [CRM], and
// ErrForbidden, all possibly wrapped.
type Outgoing interface {
	// ProxyAddress returns the company's address from which the worker writes. The prefix
	// whatsapp: may be there or not: both ends make it fit the channel type.
	ProxyAddress(ctx context.Context, req ProxyAddressRequest) (string, error)
}

// ProxyAddressRequest requests the address from which a worker writes to a customer.
type ProxyAddressRequest struct {
	Worker     string
	CustomerID string
	// ChannelType and ChannelValue are of the customer's Channel.
	ChannelType, ChannelValue string
}

// NewOutgoingHandler returns a handler of the outgoing conversations callback. Its statuses
// are those of [NewHandler], and 403 if outgoing returns ErrForbidden.
func NewOutgoingHandler(outgoing Outgoing, opts HandlerOptions) http.Handler {
	return newHandler("outgoing conversations callback", opts, func(b *buffers, r *http.Request, encoded bool) error {
		f, err := parseFields(b.params, encoded, LocationProxyAddress)
		if err != nil {
			return err
		}
		address, err := outgoing.ProxyAddress(r.Context(), ProxyAddressRequest{
			Worker: f.worker, CustomerID: f.customerID, ChannelType: f.channelType, ChannelValue: f.channelValue,
		})
		if errors.Is(err, ErrForbidden) {
			return &refusal{status: http.StatusForbidden, message: ErrForbidden.Error()}
		}
		if err != nil {
			return err
		}
		if address = forChannel(address, f.channelType); address == "" {
			return errors.New("Outgoing returned no proxy address")
		}
		return b.encode(wireProxyAddress{address})
	})
}

// ProxyAddress calls the outgoing conversations callback. The address has the prefix
// whatsapp: if, and only if, that is the channel type.
//
// Status 403 is a *CallbackError that wraps ErrForbidden, since it may also mean that the
// signature is wrong. A response without an address has CodeInvalidResponse.
func (c *Client) ProxyAddress(ctx context.Context, req ProxyAddressRequest) (string, error) {
	body, err := c.callFor(ctx, LocationProxyAddress, req.Worker, req.CustomerID,
		param{name: "ChannelType", value: req.ChannelType}, param{name: "ChannelValue", value: req.ChannelValue})
	var failed *CallbackError
	if errors.As(err, &failed) && failed.Status == http.StatusForbidden {
		failed.Err = ErrForbidden
	}
	if err != nil {
		return "", err
	}
	var resp wireProxyAddress
	if err := parseResponse(body, &resp); err != nil {
		return "", err
	}
	address := forChannel(resp.Address, req.ChannelType)
	if address == "" {
		return "", badResponse(errors.New("the response has no proxy_address"))
	}
	return address, nil
}

// wireProxyAddress is the response. A number is no address: it has lost its plus sign.
type wireProxyAddress struct {
	Address string `json:"proxy_address"`
}

// forChannel returns an address as a channel writes it.
func forChannel(address, channelType string) string {
	const whatsAppPrefix = ChannelWhatsApp + ":"
	address = strings.TrimSpace(address)
	if n := len(whatsAppPrefix); len(address) >= n && strings.EqualFold(address[:n], whatsAppPrefix) {
		address = strings.TrimSpace(address[n:])
	}
	if address != "" && strings.EqualFold(channelType, ChannelWhatsApp) {
		return whatsAppPrefix + address
	}
	return address
}
