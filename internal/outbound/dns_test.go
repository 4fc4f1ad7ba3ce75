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

// A nameserver is a DNS server on loopback that says what the test wants. Each name
// has a list of answers: one a look-up of its IPv4 addresses, the last for ever.
type nameserver struct {
	conn net.PacketConn

	mu    sync.Mutex
	names map[string][]string // addresses apart by blanks
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

// resolver asks this server and no other.
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
		if answer := s.answer(buf[:n]); answer != nil {
			s.conn.WriteTo(answer, from)
		}
	}
}

// answer answers a question for A (1) or AAAA (28) records.
func (s *nameserver) answer(query []byte) []byte {
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
	out[2], out[3] = 0x84, 0 // an authoritative answer, no error
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
		out = append(out, 0, 0, 0, 0) // good for no time at all
		out = binary.BigEndian.AppendUint16(out, uint16(len(raw)))
		out = append(out, raw...)
	}
	return out
}

func (s *nameserver) addresses(name string, next bool) (found []netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := s.names[strings.ToLower(name)]
	if len(answers) == 0 {
		return nil
	}
	for text := range strings.FieldsSeq(answers[0]) {
		found = append(found, netip.MustParseAddr(text))
	}
	if next && len(answers) > 1 {
		s.names[strings.ToLower(name)] = answers[1:]
	}
	return found
}
