// Package archtest holds the house to its plan: who may import whom, where SQL
// may be, how long a file may grow, and that every module we depend on has its
// reason written down. It has tests only; docs/architecture.md is the plan in
// words.
package archtest
