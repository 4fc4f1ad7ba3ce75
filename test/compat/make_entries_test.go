package compat

// An entry is a row of the audit.
type entry struct {
	actor, via, action, subject, name, detail string
	count                                     int
	address                                   string
	unusual                                   bool
}

// handWritten are the entries that TestMake does not drive the program to: those of the
// demo, of an identity provider, of failures, and of what takes minutes.
var handWritten = []entry{
	{actor: alice, via: "app", action: "sign-in", subject: alice, detail: "demo", address: "198.51.100.7"},
	{actor: bound, via: "app", action: "sign-in", subject: bound, detail: "identity provider", address: "198.51.100.7"},
	{via: "app", action: "sign-in-failed", detail: "identity provider", address: "198.51.100.7"},
	{via: "app", action: "sign-in-failed", subject: "new@example.com", detail: "no account here", address: "198.51.100.7"},
	{via: "app", action: "sign-in-failed", subject: "new@example.com", detail: "not confirmed by the identity provider", address: "198.51.100.7"},
	{via: "app", action: "sign-in-failed", subject: bound, detail: "bound to another account of the identity provider", address: "198.51.100.7"},
	{via: "app", action: "sign-in-failed", subject: gone, detail: "deactivated", address: "2001:db8::1"},
	{actor: "new@example.com", via: "app", action: "person-added", subject: "new@example.com", detail: "role: worker", address: "198.51.100.7"},
	{actor: bound, via: "app", action: "person-changed", subject: bound, detail: "bound to the identity provider", address: "198.51.100.7"},
	{actor: admin, via: "app", action: "person-changed", subject: admin, detail: "stays administrator, as the last one", address: "198.51.100.7"},
	{actor: bound, via: "app", action: "person-changed", subject: bound, detail: "role: administrator", address: "198.51.100.7"},
	{actor: "os:root", via: "command", action: "setting", subject: "sign-in", detail: "passwords switched off"},
	{actor: admin, via: "console", action: "setting", subject: "sign-in", detail: "passwords switched on", address: "127.0.0.1"},
	// What older builds wrote in their place.
	{actor: "os:root", via: "command", action: "setting", subject: "sign-in", detail: "passwords off"},
	{actor: "os:root", via: "command", action: "setting", subject: "sign-in", detail: "passwords on"},
	{actor: admin, via: "console", action: "import", subject: "late.csv", detail: "3 created, 2 updated, 1 unchanged, 4 skipped, 5 rejected, 6 deleted before, 7 pruned; cancelled", count: 28, address: ""},
	{actor: admin, via: "console", action: "import", subject: "late.csv", detail: "0 created, 2 updated, 0 unchanged, 0 skipped, 0 rejected; failed", count: 2},
	{actor: admin, via: "console", action: "import", subject: "late.csv", detail: "nothing imported: others would be pruned than its check had told"},
	{actor: "os:root", via: "command", action: "import", subject: "late.csv", detail: "12 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected; interrupted", count: 12},
	{actor: "os:root", via: "command", action: "import", subject: "late.csv", detail: "12 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected; failed", count: 12},
	{actor: admin, via: "console", action: "reassigned", subject: bob, detail: "to nobody, within 2m3s; cancelled", count: 20_000},
	{actor: admin, via: "console", action: "reassigned", subject: bob, detail: "to " + carol + ", within 1s; failed", count: 7},
	{actor: admin, via: "console", action: "reassigned", subject: "", detail: "begun: to *", count: 7},
	{actor: carol, via: "app", action: "unusual-views", detail: "different customers within 15m", count: 61, address: "203.0.113.4", unusual: true},
	{via: "app", action: "sign-in-failed", subject: carol, detail: "many failed for this identity", address: "203.0.113.4", unusual: true},
	{actor: "", via: "", action: "entries-lost", detail: "they could not be written in time", count: 42, unusual: true},
	{actor: "os:root", via: "command", action: "person-changed", subject: bound, detail: "parted from the identity provider"},
}
