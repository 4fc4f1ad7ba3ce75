package frontline

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

// rawServer starts a server that writes bytes to every request.
func rawServer(t *testing.T, bytes string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					io.Copy(io.Discard, r.Body)
					io.WriteString(conn, bytes)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/crm?key=SECRET"
}

// Errors are logged, and must not contain customers.
func TestClient_ErrorsHoldNoContent(t *testing.T) {
	for name, response := range map[string]string{
		"no HTTP at all":               `{"objects":{"customers":[{"customer_id":"SECRET","display_name":"SECRET"}]}}` + "\n",
		"no HTTP, with blanks":         `{"customer_id": "1", "display_name": "SECRET"}` + "\n",
		"another protocol":             "SMTP SECRET\r\n",
		"a status that is not one":     "HTTP/1.1 SECRET SECRET\r\n\r\n",
		"a first line that is not one": "HTTP/1.1 200 OK\r\n SECRET: SECRET\r\n\r\n",
		"a header without a colon":     "HTTP/1.1 200 OK\r\nSECRET\r\n\r\n",
		"a header with a bad name":     "HTTP/1.1 200 OK\r\nSEC RET: 1\r\n\r\n",
		"a bad length":                 "HTTP/1.1 200 OK\r\nContent-Length: SECRET\r\n\r\n",
		"two lengths":                  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 4444444\r\n\r\n",
		"a bad encoding":               "HTTP/1.1 200 OK\r\nTransfer-Encoding: SECRET\r\n\r\n",
		"a bad chunk":                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n",
		"bad compression":              "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nSECRET SECRET SECRET",
		"bad JSON":                     "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"SECRET\": SECRET",
		"numbers":                      "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"objects\":4444444}",
		"a reason":                     "HTTP/1.1 500 SECRET\r\nContent-Length: 0\r\n\r\n",
	} {
		c, err := NewClient(rawServer(t, response), ClientOptions{Timeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.CustomersList(t.Context(), ListRequest{Worker: "alice"})
		var failed *CallbackError
		if !errors.As(err, &failed) {
			t.Errorf("CustomersList, %s: error %v, want a CallbackError", name, err)
			continue
		}
		for _, s := range []string{"SEC", "RET", "4444444"} {
			if strings.Contains(err.Error(), s) {
				t.Errorf("CustomersList, %s: error %v contains %q", name, err, s)
			}
		}
	}
}

func TestRedact(t *testing.T) {
	inner := textproto.ProtocolError("malformed MIME header initial line: SECRET")
	for _, test := range []struct {
		err  error
		want string
	}{
		{io.ErrUnexpectedEOF, "unexpected EOF"},
		{errors.Join(errors.New("net/http: broken"), inner), "net/http: broken\nmalformed MIME header"},
		{errors.New(`malformed "SEC\"RET" and "more" after`), "malformed … after"},
		{errors.New(`one " alone`), `one " alone`},
	} {
		got := redact(test.err)
		if got.Error() != test.want || !errors.Is(got, test.err) {
			t.Errorf("redact(%v) = %v, want %s", test.err, got, test.want)
		}
	}
}
