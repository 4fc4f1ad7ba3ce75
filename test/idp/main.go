// Command idp is an identity provider to test against: the protocol is that of a
// certified library (github.com/zitadel/oidc), the users are fictional, and signing in
// is one click. Through its control endpoints it can be made to rotate its keys, to
// have a wrong clock, to forge tokens, and to be down.
//
// It is a module of its own, so that nothing it needs is in the product's go.mod. It
// listens on this machine only, and prints its issuer on the first line.
package main

import (
	"crypto/rand"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "listen on `HOST:PORT` of this machine")
	flag.Parse()
	if err := run(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "idp:", err)
		os.Exit(1)
	}
}

func run(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return fmt.Errorf("%s is not an address of this machine alone", l.Addr())
	}
	issuer := "http://" + l.Addr().String()
	s := newStorage()
	provider, err := newProvider(issuer, s)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/control/", s.control())
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("/signed-out", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "signed out") })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("POST /oauth/token", s.tampered(provider))
	mux.Handle("/end_session", forgetting(provider))
	mux.Handle("GET /keys", s.counted(provider))
	mux.Handle("/", provider)
	fmt.Println(issuer)
	server := &http.Server{Handler: s.unlessDown(mux), ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(l)
}

// newProvider returns the protocol's handler over the storage.
func newProvider(issuer string, s *storage) (*op.Provider, error) {
	config := &op.Config{
		DefaultLogoutRedirectURI: "/signed-out",
		CodeMethodS256:           true,
		AuthMethodPost:           true,
	}
	rand.Read(config.CryptoKey[:])
	return op.NewProvider(config, s, op.StaticIssuer(issuer), op.WithAllowInsecure())
}
