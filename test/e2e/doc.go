// Package e2e holds the tests of the whole: the real program, built once,
// driven over its command line, over HTTP, and through a real browser.
//
// They need Chromium and, for accessibility, axe-core: scripts/deps brings both.
// Without them a test skips and says so, or fails when CI is set.
package e2e
