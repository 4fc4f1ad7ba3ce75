package postgres

import (
	"database/sql/driver"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// What SQLite and PostgreSQL write differently, outside of strings: parameters, bytes, columns
// in which ASCII letters of either case are alike, which index SQLite is to use, what keeps it
// from planning again, and the name of a function.
var differences = regexp.MustCompile(`'[^']*'|\w+ = \? COLLATE NOCASE|\? \+ 0|\?[0-9]*|\b[xX]'[0-9A-Fa-f]*'|\bINDEXED BY \w+|\bgroup_concat\(`)

var translated sync.Map // of string by string

// translate returns the SQL of the stores as PostgreSQL has it.
func translate(sql string) string {
	if known, ok := translated.Load(sql); ok {
		return known.(string)
	}
	n := 0
	result := differences.ReplaceAllStringFunc(sql, func(s string) string {
		switch {
		case s == "?", s == "? + 0":
			n++
			return "$" + strconv.Itoa(n)
		case strings.HasSuffix(s, "NOCASE"):
			n++
			column, _, _ := strings.Cut(s, " ")
			return "lower(" + column + ") = lower($" + strconv.Itoa(n) + `::text COLLATE "C")`
		case s[0] == '?':
			return "$" + s[1:]
		case s[0] == 'x', s[0] == 'X':
			return `'\x` + s[2:len(s)-1] + `'::bytea`
		case strings.HasPrefix(s, "INDEXED"):
			return ""
		case s == "group_concat(":
			return "string_agg("
		}
		return s
	})
	translated.Store(sql, result)
	return result
}

// unstorable stands for bytes that PostgreSQL does not take in a text: NUL, and what is no UTF-8.
// What the stores write has none, nor has it this character; so nothing is found by such a text.
const unstorable = "\U0010FFFF"

// storable replaces what PostgreSQL does not take.
func storable(v driver.Value) driver.Value {
	if s, ok := v.(string); ok && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
		return strings.ReplaceAll(strings.ToValidUTF8(s, unstorable), "\x00", unstorable)
	}
	return v
}

func allStorable(args []driver.NamedValue) []driver.NamedValue {
	for i := range args {
		args[i].Value = storable(args[i].Value)
	}
	return args
}
