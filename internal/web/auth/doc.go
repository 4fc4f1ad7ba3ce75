// Package door is the one way into every face of the program: it finds out who
// asks, how they read, and whether they may take the route; it is the only place
// where any of this is decided.
//
// A face has a table of Routes, each with its Permission beside it. Handler puts
// what must stand around all of them in place: the log, recovery, the security
// headers, the refusal of requests that another site made the browser send.
package auth
