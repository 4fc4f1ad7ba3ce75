package outbound

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// nameserver is a DNS server on loopback. Each name has a list of responses, one for each
// lookup of its IPv4 addresses; the last is repeated.
type nameserver struct {
	conn net.PacketConn

	mu    sync.Mutex
	names map[string][]string // addresses separated by blanks
}

func newNameserver(t *testing.T, names map[string][]string) *nameserver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameserver{conn: conn, names: names}
	t.Cleanup(func() { conn.Close() })
	go s.serve()
	return s
}

// resolver returns a resolver that uses this server only.
func (s *nameserver) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", s.conn.LocalAddr().String())
	}}
}

func (s *nameserver) serve() {
	buf := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if response := s.respond(buf[:n]); response != nil {
			s.conn.WriteTo(response, from)
		}
	}
}

// respond returns the response to a query for A (1) or AAAA (28) records.
func (s *nameserver) respond(query []byte) []byte {
	if len(query) < 17 {
		return nil
	}
	var labels []string
	end := 12
	for end < len(query) && query[end] != 0 {
		n := int(query[end])
		labels = append(labels, string(query[end+1:end+1+n]))
		end += 1 + n
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	out := append([]byte(nil), query[:end+5]...)
	out[2], out[3] = 0x84, 0 // an authoritative response, no error
	clear(out[4:12])
	out[5] = 1 // one question
	for _, addr := range s.addresses(strings.Join(labels, "."), kind == 1) {
		raw := addr.AsSlice()
		if addr.Is4() != (kind == 1) {
			continue
		}
		out[7]++
		out = append(out, 0xc0, 12)         // the name of the question
		out = append(out, query[end+1:]...) // type and class, up to what follows
		out = out[:len(out)-len(query[end+5:])]
		out = append(out, 0, 0, 0, 0) // a TTL of zero
		out = binary.BigEndian.AppendUint16(out, uint16(len(raw)))
		out = append(out, raw...)
	}
	return out
}

func (s *nameserver) addresses(name string, next bool) (found []netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	responses := s.names[strings.ToLower(name)]
	if len(responses) == 0 {
		return nil
	}
	for text := range strings.FieldsSeq(responses[0]) {
		found = append(found, netip.MustParseAddr(text))
	}
	if next && len(responses) > 1 {
		s.names[strings.ToLower(name)] = responses[1:]
	}
	return found
}
