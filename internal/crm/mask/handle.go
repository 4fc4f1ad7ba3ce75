package mask

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// maxHandles is how many handles of customers are cached, about 4 MiB. A cache hit
// takes a tenth of the time of sealing.
const maxHandles = 16384

type handleKey struct{ worker, id string }

// handlePrefix begins the handle of an id.
const handlePrefix = "~"

// CustomerID returns the service's id for a handle that was made for this worker.
// Anything else is returned unchanged.
func (m *CRM) CustomerID(worker, id string) string {
	if sealed, ok := strings.CutPrefix(id, handlePrefix); ok {
		if plain, err := m.opts.Sealer.Open(sealed, text.IdentityKey(worker)); err == nil {
			return string(plain)
		}
	}
	return id
}

// customerID is CustomerID, but not ok for a plain id that contains a number while
// masking is on: whether such a customer exists would reveal the number.
func (m *CRM) customerID(worker, id string, on bool) (_ string, ok bool) {
	plain := m.CustomerID(worker, id)
	if on && plain == id && idHasNumber(id) {
		return "", false
	}
	return plain, true
}

// VisibleID returns the id that a worker sees: a handle if id contains a number.
func (m *CRM) VisibleID(worker, id string) string {
	if handle, ok := m.handles.Get(handleKey{worker, id}); ok {
		return handle
	}
	if !idHasNumber(id) {
		return id
	}
	handle := m.handle(worker, id)
	m.handles.Put(handleKey{worker, id}, handle, 1)
	return handle
}

func (m *CRM) handle(worker, id string) string {
	return handlePrefix + m.opts.Sealer.Seal([]byte(id), text.IdentityKey(worker))
}

// Channel returns the channel of a handle with its full value, to be used on behalf of
// the worker and never shown. customerID may be a handle too. It requests the details
// as the worker would, and returns ErrNotFound unless the customer is still this
// worker's and still has the channel.
func (m *CRM) Channel(ctx context.Context, worker, customerID, handle string) (frontline.Channel, error) {
	id, ok := m.customerID(worker, customerID, m.opts.On())
	if !ok {
		return frontline.Channel{}, frontline.ErrNotFound
	}
	plain, err := m.opts.Sealer.Open(handle, channelContext(worker, id))
	if err != nil || len(plain) < 2 {
		return frontline.Channel{}, frontline.ErrNotFound
	}
	resp, err := m.next.CustomerDetails(ctx, frontline.DetailsRequest{Worker: worker, CustomerID: id})
	if err != nil {
		return frontline.Channel{}, maskError(err)
	}
	channels := resp.Customer.Channels
	if i := int(binary.BigEndian.Uint16(plain)); i < len(channels) && string(channelKey(i, channels[i])) == string(plain) {
		return channels[i], nil
	}
	for _, ch := range channels { // its index may have changed
		if string(channelKey(0, ch)[2:]) == string(plain[2:]) {
			return ch, nil
		}
	}
	return frontline.Channel{}, frontline.ErrNotFound
}

func (m *CRM) channelHandle(worker, id string, i int, ch frontline.Channel) string {
	return m.opts.Sealer.Seal(channelKey(i, ch), channelContext(worker, id))
}

// channelContext returns the sealing context of a channel's handle. No worker's
// identity begins with NUL, so that it is never the context of a customer's handle.
func channelContext(worker, id string) string {
	return "\x00channel\x00" + text.IdentityKey(worker) + "\x00" + id
}

// channelKey identifies a channel of a customer by its index and a digest of its type
// and value. All keys have the same length, so that the handle reveals nothing.
func channelKey(i int, ch frontline.Channel) []byte {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(ch.Type)))
	digest := sha256.New()
	digest.Write(length[:])
	digest.Write([]byte(ch.Type))
	digest.Write([]byte(ch.Value))
	return append(binary.BigEndian.AppendUint16(nil, uint16(min(i, 1<<16-1))), digest.Sum(nil)[:16]...)
}
