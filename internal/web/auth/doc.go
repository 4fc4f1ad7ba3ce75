// Package auth authenticates the requests of a site and routes them by
// permission. No other package decides who is signed in, in which language and
// time zone they read, and which routes they may use.
//
// A Site serves a table of Routes, each with the Permission that it needs.
// Site.Handler adds the middleware that all routes need: the log, recovery from
// panics, the security headers and the refusal of cross-site requests.
package auth
