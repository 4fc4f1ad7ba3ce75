// Package processes tests that several `clientele serve` on one PostgreSQL database behave as
// one. They are real processes, which can be killed.
package processes
