// Package sqlite keeps everything in one SQLite file: customers, whose they are,
// the blocks that search reads, accounts and settings. It is the default store,
// and the only room with SQL for SQLite.
//
// A DB is one open file. It has one connection that writes and a few that only
// read; several processes may have the same file open at once. The stores of the
// domain packages are views of a DB, made by its methods (Customers and so on).
package sqlite
