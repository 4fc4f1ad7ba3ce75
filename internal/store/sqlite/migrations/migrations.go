// Package migrations holds the schema of the database file, one step a file:
// NNNN_name.sql, numbered from 0001 without gaps. They are append-only: once
// released, a file never changes.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
