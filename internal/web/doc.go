// Package web provides the HTTP parts that all sites share: middleware for logging,
// recovery and security headers, page rendering, fingerprinted assets, change
// notifications to open pages, client addresses and a limit on attempts.
package web
