package archtest

// A rule says what the packages of one room may import, beside the standard
// library. Rooms and packages are paths below the module; the longest room that
// a package lies in decides. Tests of a package may import what they need.
type rule struct {
	room string
	// ours are rooms of this module; "*" is any but cli. text and locale are
	// everybody's, save where pure is set.
	ours []string
	// modules are other people's packages, with all that lies below them.
	modules []string
	// never are packages of the standard library that this room does without.
	never []string
	pure  bool
}

// domain is what packages of the domain do without: how they are kept and
// served is no business of theirs.
var domain = []string{"net/http", "html/template"}

// rules has a row for each room. A package in no room is a violation: the plan
// comes first.
var rules = []rule{
	{room: "cmd", ours: []string{"internal/cli"}, pure: true},
	{room: "frontline", pure: true},
	{room: "frontline/crmtest", ours: []string{"frontline"}, pure: true},

	{room: "internal/text", pure: true, modules: []string{"golang.org/x/text", "github.com/nyaruka/phonenumbers", "github.com/rivo/uniseg"}},
	{room: "internal/locale", pure: true, modules: []string{"golang.org/x/text"}},

	{room: "internal/lru", pure: true},
	{room: "internal/search"},
	{room: "internal/customer", ours: []string{"internal/search"}, never: domain},
	{room: "internal/customer/storetest", ours: []string{"internal/customer", "internal/sample"}, modules: []string{"github.com/google/go-cmp"}},
	{room: "internal/account", never: domain},
	{room: "internal/settings", never: domain},
	{room: "internal/audit", never: domain},
	{room: "internal/activity", never: domain},

	{room: "internal/store", ours: []string{"internal/customer", "internal/account", "internal/settings", "internal/audit", "internal/activity"}, never: domain},
	{room: "internal/store/sqlite", ours: []string{"internal/account", "internal/settings", "internal/audit", "internal/activity",
		"internal/store/sqlite/customers", "internal/store/sqlite/sqldb"}, never: domain},
	{room: "internal/store/sqlite/customers", ours: []string{"internal/customer", "internal/store/sqlite/searchindex", "internal/store/sqlite/sqldb"}, never: domain},
	{room: "internal/store/sqlite/searchindex", ours: []string{"internal/customer", "internal/store/sqlite/sqldb"}, never: domain},
	{room: "internal/store/sqlite/sqldb", ours: []string{"internal/store/sqlite/migrations"}, modules: []string{"modernc.org/sqlite"}, never: domain, pure: true},
	{room: "internal/store/sqlite/migrations", pure: true},
	{room: "internal/store/postgres", ours: []string{"internal/customer", "internal/account", "internal/settings", "internal/audit"},
		modules: []string{"github.com/jackc/pgx/v5"}, never: domain},

	{room: "internal/crm/builtin", ours: []string{"internal/customer", "frontline"}},
	{room: "internal/crm/external", ours: []string{"frontline", "internal/search"},
		modules: []string{"github.com/sony/gobreaker/v2", "golang.org/x/sync", "golang.org/x/time"}},
	{room: "internal/crm/mask", ours: []string{"frontline"}, modules: []string{"golang.org/x/time"}},
	{room: "internal/importer", ours: []string{"internal/customer", "internal/importer/source"}},
	{room: "internal/importer/source", modules: []string{"golang.org/x/text"}, never: domain},
	{room: "internal/admin", ours: []string{"internal/customer", "internal/importer", "internal/audit"}},
	{room: "internal/oidc", ours: []string{"internal/outbound"}, modules: []string{"github.com/coreos/go-oidc/v3", "golang.org/x/oauth2"}},
	{room: "internal/conversation", ours: []string{}},
	{room: "internal/outbound"},
	{room: "internal/avatar", ours: []string{"internal/outbound"}, modules: []string{"golang.org/x/image"}},
	{room: "internal/secret", modules: []string{"golang.org/x/crypto", "golang.org/x/text"}},
	{room: "internal/sample", ours: []string{"internal/customer"}},

	{room: "internal/web", pure: true, ours: []string{"internal/locale", "internal/lru"}},
	{room: "internal/web/ui", ours: []string{"internal/web"}},
	{room: "internal/web/auth", ours: []string{"internal/account", "internal/web/ui", "internal/web"}},
	{room: "internal/app", ours: []string{"frontline", "internal/account", "internal/audit", "internal/conversation", "internal/web/auth", "internal/web/ui", "internal/web"},
		modules: []string{"github.com/rivo/uniseg"}},
	{room: "internal/console", ours: []string{"internal/console/view", "internal/console/integration", "internal/console/people", "internal/console/auditlog",
		"internal/console/customers", "internal/customer", "internal/account", "internal/settings", "internal/audit", "internal/admin", "internal/web/auth",
		"internal/web/ui", "internal/web", "frontline"}},
	{room: "internal/console/view", ours: []string{"internal/account", "internal/audit", "internal/web/auth", "internal/web"}},
	{room: "internal/console/view/viewtest", ours: []string{"internal/console/view", "internal/web/auth", "internal/web/ui"}},
	{room: "internal/console/integration", ours: []string{"internal/console/view", "internal/account", "internal/settings", "internal/audit", "internal/activity",
		"internal/outbound", "internal/web/auth", "internal/web/ui", "internal/web", "frontline"}},
	{room: "internal/console/people", ours: []string{"internal/console/view", "internal/console/auditlog", "internal/account", "internal/settings", "internal/audit",
		"internal/web/auth", "internal/web/ui"}},
	{room: "internal/console/auditlog", ours: []string{"internal/console/view", "internal/account", "internal/customer", "internal/settings", "internal/audit",
		"internal/web/auth", "internal/web/ui"}},
	{room: "internal/console/customers", ours: []string{"internal/console/view", "internal/account", "internal/customer", "internal/admin", "internal/importer",
		"internal/web/auth", "internal/web/ui", "internal/web"}},
	{room: "internal/server", ours: []string{"*"}, modules: []string{"github.com/prometheus/client_golang"}},
	{room: "internal/cli", ours: []string{"*"}, modules: []string{"golang.org/x/term", "golang.org/x/sys"}},

	{room: "internal/archtest"},
	{room: "test", ours: []string{"*"}, modules: []string{"github.com/chromedp", "github.com/google/go-cmp"}},
}

// sqlRooms are the only rooms where SQL may be, by driver or by text.
var sqlRooms = []string{"internal/store"}
