// Package golden pins the names and forms that outlive a process or that others
// rely on: flags, routes, cookies, metrics, stored names, hooks of scripts. It tests
// the real binary, or scans files by content, so that it survives any renaming of
// identifiers, packages and folders.
//
// The lists are in testdata, one name a line; `go test ./test/golden -update`
// rewrites them. An update is legitimate for names that are added. A name that goes
// or changes needs a migration, or the old name kept beside it, and a line in
// CHANGELOG.md.
package golden
