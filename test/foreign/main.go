// Command foreign is somebody else's integration service, as companies write
// them: it plays, for the tests, every habit that the field has (section 4 of the
// protocol). It knows the contract alone and none of the project's code but the
// check of a signature.
//
//	go run ./test/foreign -addr 127.0.0.1:0
//
// prints "Listening on http://127.0.0.1:PORT". The callback is at /crm; any worker
// has customers there, always the same ones. POST /control changes how it behaves
// from then on, GET /control/log tells what it was asked, GET /control/list?worker=W
// what the worker's list really is. See behaviour for the modes.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("foreign", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:0", "listen on `HOST:PORT`")
	token := flags.String("auth-token", "", "check signatures made with this `TOKEN`: 400 without one, 403 with a wrong one")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		fmt.Fprintln(stderr, "foreign:", err)
		return 1
	}
	origin := "http://" + listener.Addr().String()
	s := newService(origin, *token, func() { os.Exit(1) })
	fmt.Fprintln(stdout, "Listening on "+origin)
	fmt.Fprintln(stderr, "foreign:", http.Serve(listener, s.handler()))
	return 1
}
