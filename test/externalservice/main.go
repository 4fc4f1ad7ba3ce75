// Command externalservice is a fake integration service for tests. It can behave in
// every way of published services (section 4 of the protocol). It uses none of the
// project's code except to check signatures.
//
//	go run ./test/externalservice -addr 127.0.0.1:0
//
// prints "Listening on http://127.0.0.1:PORT". The callback URL is /crm; every worker
// has customers, always the same ones. POST /control sets the behavior, GET
// /control/log returns the callbacks received, GET /control/list?worker=W the worker's
// true list. See modes for the behaviors.
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
	flags := flag.NewFlagSet("externalservice", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:0", "listen on `HOST:PORT`")
	token := flags.String("auth-token", "", "check signatures made with this `TOKEN`: 400 without one, 403 with a wrong one")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		fmt.Fprintln(stderr, "externalservice:", err)
		return 1
	}
	origin := "http://" + listener.Addr().String()
	s := newService(origin, *token, func() { os.Exit(1) })
	fmt.Fprintln(stdout, "Listening on "+origin)
	fmt.Fprintln(stderr, "externalservice:", http.Serve(listener, s.handler()))
	return 1
}
