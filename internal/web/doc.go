// Package web is what every face of the program shares on its way to a browser:
// the middleware chain, pages rendered whole before the first byte, fingerprinted
// assets, security headers, the client's address, and a limit on attempts.
package web
