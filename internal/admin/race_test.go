//go:build race

package office_test

// raced is 1 where the race detector makes the database some twenty times slower.
const raced = 1
