// Package migrations has the schema of the PostgreSQL database, in the order in which it is
// made. Files are only ever added.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
