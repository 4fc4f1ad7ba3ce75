package server

import "net"

// sendBuffer is how many bytes of responses the kernel holds for a client that does not
// read them. Otherwise it holds megabytes, and a client that sends requests and reads
// nothing has them all answered. A page fits.
const sendBuffer = 32 << 10

// listener accepts connections with a sendBuffer.
type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // without it, a connection only costs more
	}
	return c, err
}
