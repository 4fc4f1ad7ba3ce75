// Package e2e holds the end-to-end tests: the real program, built once, is
// driven over its command line, over HTTP, and through a real browser.
//
// They need Chromium and, for accessibility, axe-core: scripts/deps installs both.
// Without them a test skips and says so, or fails when CI is set.
package e2e
