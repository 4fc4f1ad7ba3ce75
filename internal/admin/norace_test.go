//go:build !race

package admin_test

const raced = 0
