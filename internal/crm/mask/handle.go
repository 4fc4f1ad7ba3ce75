package mask

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// maxHandles is how many handles of customers are remembered: some 4 MiB. The
// rows of a list are the same again and again, and remembering takes a tenth of the
// time that sealing does.
const maxHandles = 16384

// handleKey is whose handle of which id.
type handleKey struct{ worker, id string }

// handlePrefix begins the handle of an id.
const handlePrefix = "~"

// CustomerID answers the service's id of a customer, which a handle made for this
// worker stands for. Anything else is an id as it is.
func (m *CRM) CustomerID(worker, id string) string {
	if sealed, ok := strings.CutPrefix(id, handlePrefix); ok {
		if plain, err := m.opts.Handles.Open(sealed, text.IdentityKey(worker)); err == nil {
			return string(plain)
		}
	}
	return id
}

// customerID is CustomerID; it is not ok when somebody names an id with a number in
// it while numbers are hidden: whether there is such a customer would tell the number.
func (m *CRM) customerID(worker, id string, on bool) (_ string, ok bool) {
	plain := m.CustomerID(worker, id)
	if on && plain == id && idHasNumber(id) {
		return "", false
	}
	return plain, true
}

// visibleID is the id that a worker sees: a handle where it holds a number.
func (m *CRM) visibleID(worker, id string) string {
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
	return handlePrefix + m.opts.Handles.Seal([]byte(id), text.IdentityKey(worker))
}

// Channel answers the channel that a handle stands for, with its whole value, for
// whoever acts on it in the worker's name. The service is asked for the customer as
// the worker would ask, so it answers ErrNotFound unless the customer is this worker's
// now and still has the channel; customerID may be a handle too. The value is never
// to be shown.
func (m *CRM) Channel(ctx context.Context, worker, customerID, handle string) (frontline.Channel, error) {
	id, ok := m.customerID(worker, customerID, m.opts.On())
	if !ok {
		return frontline.Channel{}, frontline.ErrNotFound
	}
	plain, err := m.opts.Handles.Open(handle, channelContext(worker, id))
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
	for _, ch := range channels { // others came before it meanwhile
		if string(channelKey(0, ch)[2:]) == string(plain[2:]) {
			return ch, nil
		}
	}
	return frontline.Channel{}, frontline.ErrNotFound
}

func (m *CRM) channelHandle(worker, id string, i int, ch frontline.Channel) string {
	return m.opts.Handles.Seal(channelKey(i, ch), channelContext(worker, id))
}

// channelContext is what a channel's handle is bound to. No identity begins so, so
// it is no customer's.
func channelContext(worker, id string) string {
	return "\x00channel\x00" + text.IdentityKey(worker) + "\x00" + id
}

// channelKey tells a channel from others of its customer: its place, and a digest
// of its type and value. It is as long for each, so the handle tells nothing.
func channelKey(i int, ch frontline.Channel) []byte {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(ch.Type)))
	digest := sha256.New()
	digest.Write(length[:])
	digest.Write([]byte(ch.Type))
	digest.Write([]byte(ch.Value))
	return append(binary.BigEndian.AppendUint16(nil, uint16(min(i, 1<<16-1))), digest.Sum(nil)[:16]...)
}
