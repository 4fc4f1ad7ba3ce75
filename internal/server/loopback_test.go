package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestFromThisMachine_HTTP10(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/signin", nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8080"
	if !FromThisMachine(r) {
		t.Fatal("FromThisMachine(HTTP/1.1) = false, want true")
	}
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0
	if FromThisMachine(r) {
		t.Error("FromThisMachine(HTTP/1.0) = true, want false")
	}
}

func TestFromThisMachine(t *testing.T) {
	type ask struct{ peer, host, header, value string }
	for name, c := range map[string]struct {
		ask
		want bool
	}{
		"loopback asks loopback":       {ask{peer: "127.0.0.1:50000", host: "127.0.0.1:8080"}, true},
		"localhost":                    {ask{peer: "127.0.0.1:50000", host: "localhost:8080"}, true},
		"localhost without a port":     {ask{peer: "127.0.0.1:50000", host: "LOCALHOST"}, true},
		"IPv6":                         {ask{peer: "[::1]:50000", host: "[::1]:8080"}, true},
		"IPv6 without a port":          {ask{peer: "[::1]:50000", host: "[::1]"}, true},
		"IPv4 in IPv6":                 {ask{peer: "[::ffff:127.0.0.1]:50000", host: "127.0.0.1"}, true},
		"another loopback address":     {ask{peer: "127.9.9.9:50000", host: "127.9.9.9:8080"}, true},
		"an ordinary header":           {ask{"127.0.0.1:50000", "127.0.0.1:8080", "User-Agent", "curl/8"}, true},
		"a header that begins alike":   {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Viability", "yes"}, true},
		"a peer in the network":        {ask{peer: "192.168.1.20:50000", host: "127.0.0.1:8080"}, false},
		"a peer in the internet":       {ask{peer: "[2001:db8::1]:50000", host: "localhost"}, false},
		"a peer without an address":    {ask{peer: "@", host: "127.0.0.1:8080"}, false},
		"the name of another site":     {ask{peer: "127.0.0.1:50000", host: "demo.example.com:8080"}, false},
		"a name that leads here":       {ask{peer: "127.0.0.1:50000", host: "127.0.0.1.nip.io"}, false},
		"localhost as a subdomain":     {ask{peer: "127.0.0.1:50000", host: "localhost.example.com"}, false},
		"this machine in the network":  {ask{peer: "127.0.0.1:50000", host: "192.168.1.10:8080"}, false},
		"any address":                  {ask{peer: "127.0.0.1:50000", host: "0.0.0.0:8080"}, false},
		"no host":                      {ask{peer: "127.0.0.1:50000", host: ""}, false},
		"a zone":                       {ask{peer: "127.0.0.1:50000", host: "[::1%25eth0]:8080"}, false},
		"Forwarded":                    {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Forwarded", "for=1.2.3.4"}, false},
		"X-Forwarded-For":              {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Forwarded-For", "127.0.0.1"}, false},
		"an empty X-Forwarded-For":     {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Forwarded-For", ""}, false},
		"x_forwarded_for":              {ask{"127.0.0.1:50000", "127.0.0.1:8080", "x_forwarded_for", "1.2.3.4"}, false},
		"X-Forwarded-Host":             {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Forwarded-Host", "localhost"}, false},
		"X-Forwarded-Proto":            {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Forwarded-Proto", "https"}, false},
		"X-Real-IP":                    {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Real-IP", "127.0.0.1"}, false},
		"Via":                          {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Via", "1.1 proxy"}, false},
		"CF-Connecting-IP":             {ask{"127.0.0.1:50000", "127.0.0.1:8080", "CF-Connecting-IP", "1.2.3.4"}, false},
		"True-Client-IP":               {ask{"127.0.0.1:50000", "127.0.0.1:8080", "True-Client-IP", "1.2.3.4"}, false},
		"Client-IP":                    {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Client-IP", "1.2.3.4"}, false},
		"WL-Proxy-Client-IP":           {ask{"127.0.0.1:50000", "127.0.0.1:8080", "WL-Proxy-Client-IP", "1.2.3.4"}, false},
		"Incap-Client-IP":              {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Incap-Client-IP", "1.2.3.4"}, false},
		"X-Sucuri-ClientIP":            {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Sucuri-ClientIP", "1.2.3.4"}, false},
		"X-Remote-IP":                  {ask{"127.0.0.1:50000", "127.0.0.1:8080", "X-Remote-IP", "1.2.3.4"}, false},
		"Remote-Addr":                  {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Remote-Addr", "1.2.3.4"}, false},
		"a tunnel":                     {ask{"127.0.0.1:50000", "127.0.0.1:8080", "Ngrok-Auth-User-Id", "x"}, false},
		"proxy and the machine's name": {ask{"10.0.0.1:50000", "localhost", "Via", "1.1 proxy"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/signin", nil)
			r.RemoteAddr, r.Host = c.peer, c.host
			if c.header != "" {
				r.Header[c.header] = []string{c.value}
			}
			if got := FromThisMachine(r); got != c.want {
				t.Errorf("FromThisMachine(%+v) = %v, want %v", c.ask, got, c.want)
			}
		})
	}
}
