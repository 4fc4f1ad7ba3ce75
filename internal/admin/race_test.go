//go:build race

package admin_test

// raced is 1 under the race detector, which makes the database about 20 times slower.
const raced = 1
