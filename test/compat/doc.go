// Package compat holds every later build to the databases of earlier ones: testdata has
// a database with its secret file as a released program left it, and the tests open
// it with the current program, from outside, and look for all that was there.
//
// A fixture is a directory of testdata:
//
//	clientele.db                    the database; an import into it was killed
//	clientele.db.secret             its key
//	manifest.json                   what clients hold: cookies, page tokens, links, signing tokens
//	golden/                         what the program that made it showed of it
//
// To add one, of a build that is to be held to from then on:
//
//	go build -o /tmp/clientele ./cmd/clientele
//	go test ./test/compat -run TestMake -make v2 -binary /tmp/clientele -commit $(git rev-parse HEAD)
//
// TestMake drives that program and records what it then shows, with the functions that the
// tests compare by. After a change of those, -run TestKeeps -golden records it once more;
// do that with the program that made the fixture and no other.
//
// The database names an integration service at 127.0.0.1:18475, which is down while the tests
// check the stored copies, and up when they continue with it: the port must be free.
//
// Times go on while a fixture lies still: sessions end after 30 days, kept lists after
// 7, a signing token's grace after 24 hours. Tests shift those times in their own
// copy, as if the fixture had been made an hour ago; shift_test.go says which. The audit keeps
// its times: the fixture's setting holds it for 3650 days, so v1 is good until November 2036.
package compat
