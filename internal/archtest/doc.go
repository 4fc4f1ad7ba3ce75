// Package archtest tests the structure of the code: who may import whom, where SQL may
// be, how large files and packages may grow, which words names may use, and that every
// module has its reason written down. It has tests only; docs/architecture.md says the
// rules in words.
package archtest
