package mask

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// rememberedHandles is how many handles of customers are remembered: some 4 MiB. The
// rows of a list are the same again and again, and remembering takes a tenth of the
// time that sealing does.
const rememberedHandles = 16384

// handleOf is whose handle of which id.
type handleOf struct{ worker, id string }

// handleMark begins the handle of an id.
const handleMark = "~"

// CustomerID answers the service's id of a customer, which a handle made for this
// worker stands for. Anything else is an id as it is.
func (m *CRM) CustomerID(worker, id string) string {
	if sealed, ok := strings.CutPrefix(id, handleMark); ok {
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
	if on && plain == id && numberedID(id) {
		return "", false
	}
	return plain, true
}

// shownID is the id that a worker sees: a handle where it holds a number.
func (m *CRM) shownID(worker, id string) string {
	if handle, ok := m.known.Get(handleOf{worker, id}); ok {
		return handle
	}
	if !numberedID(id) {
		return id
	}
	handle := m.handle(worker, id)
	m.known.Put(handleOf{worker, id}, handle, 1)
	return handle
}

func (m *CRM) handle(worker, id string) string {
	return handleMark + m.opts.Handles.Seal([]byte(id), text.IdentityKey(worker))
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
		return frontline.Channel{}, unnumbered(err)
	}
	channels := resp.Customer.Channels
	if i := int(binary.BigEndian.Uint16(plain)); i < len(channels) && string(namedChannel(i, channels[i])) == string(plain) {
		return channels[i], nil
	}
	for _, ch := range channels { // others came before it meanwhile
		if string(namedChannel(0, ch)[2:]) == string(plain[2:]) {
			return ch, nil
		}
	}
	return frontline.Channel{}, frontline.ErrNotFound
}

func (m *CRM) channelHandle(worker, id string, i int, ch frontline.Channel) string {
	return m.opts.Handles.Seal(namedChannel(i, ch), channelContext(worker, id))
}

// channelContext is what a channel's handle is bound to. No identity begins so, so
// it is no customer's.
func channelContext(worker, id string) string {
	return "\x00channel\x00" + text.IdentityKey(worker) + "\x00" + id
}

// namedChannel tells a channel from others of its customer: its place, and a digest
// of its type and value. It is as long for each, so the handle tells nothing.
func namedChannel(i int, ch frontline.Channel) []byte {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(ch.Type)))
	digest := sha256.New()
	digest.Write(length[:])
	digest.Write([]byte(ch.Type))
	digest.Write([]byte(ch.Value))
	return append(binary.BigEndian.AppendUint16(nil, uint16(min(i, 1<<16-1))), digest.Sum(nil)[:16]...)
}
