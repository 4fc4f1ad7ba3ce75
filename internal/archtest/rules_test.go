package archtest

// A rule lists what packages may import, besides the standard library. Directories and
// packages are paths below the module; the longest directory that a package lies in
// decides. Tests may import what they need.
type rule struct {
	dir string
	// ours are packages of this module; "*" is any but cli. All may import text, locale
	// and lru, unless pure is set.
	ours []string
	// modules are third-party packages, with all below them.
	modules []string
	// never are packages of the standard library that it must not use.
	never []string
	pure  bool
	// tests lets only tests import it, as they alone may what is named "…test".
	tests bool
}

// domain packages do not know how they are stored and served.
var domain = []string{"net/http", "html/template"}

// rules has a row for each directory. A package without one is a violation.
var rules = []rule{
	{dir: "cmd", ours: []string{"internal/cli"}, pure: true},
	{dir: "frontline", pure: true},
	{dir: "frontline/crmtest", ours: []string{"frontline"}, pure: true},

	{dir: "internal/storage", pure: true},
	{dir: "internal/atomicfile", pure: true},
	{dir: "internal/text", pure: true, modules: []string{"golang.org/x/text", "github.com/nyaruka/phonenumbers", "github.com/rivo/uniseg"}},
	{dir: "internal/locale", pure: true, modules: []string{"golang.org/x/text"}},

	{dir: "internal/lru", pure: true},
	{dir: "internal/memory", pure: true},
	{dir: "internal/search"},
	{dir: "internal/searchindex", ours: []string{"internal/search"}, never: domain},
	{dir: "internal/customer", ours: []string{"internal/search"}, never: domain},
	{dir: "internal/customer/storetest", ours: []string{"internal/customer", "internal/sample", "internal/search"}, modules: []string{"github.com/google/go-cmp"}},
	{dir: "internal/account", never: domain},
	{dir: "internal/settings", never: domain},
	{dir: "internal/audit", never: domain},
	{dir: "internal/activity", never: domain},

	{dir: "internal/store", ours: []string{"internal/customer", "internal/account", "internal/settings", "internal/audit", "internal/activity",
		"internal/store/customers", "internal/store/move", "internal/store/records", "internal/store/sqldb", "internal/store/sqlite", "internal/store/postgres"}, never: domain},
	{dir: "internal/store/customers", ours: []string{"internal/customer", "internal/search", "internal/searchindex", "internal/store/sqldb"}, never: domain},
	{dir: "internal/store/records", ours: []string{"internal/account", "internal/settings", "internal/audit", "internal/activity", "internal/conversation",
		"internal/store/sqldb"}, never: domain},
	// It copies rows between databases of any kind, and knows none of their meaning.
	{dir: "internal/store/move", ours: []string{"internal/store/sqldb"}, never: domain, pure: true},
	{dir: "internal/store/sqldb", ours: []string{"internal/storage"}, never: domain, pure: true},
	{dir: "internal/store/sqlite", ours: []string{"internal/atomicfile", "internal/storage", "internal/store/sqldb", "internal/store/sqlite/migrations"},
		modules: []string{"modernc.org/sqlite"}, never: domain, pure: true},
	{dir: "internal/store/sqlite/migrations", pure: true},
	{dir: "internal/store/postgres", ours: []string{"internal/storage", "internal/store/sqldb"}, modules: []string{"github.com/jackc/pgx/v5"}, never: domain, pure: true},

	// The decorators of package crm, each with those that it may know.
	{dir: "internal/crm", ours: []string{"frontline"}},
	{dir: "internal/crm/flight", ours: []string{"internal/crm", "frontline"}},
	{dir: "internal/crm/limit", ours: []string{"internal/crm", "frontline"}, modules: []string{"golang.org/x/time"}},
	{dir: "internal/crm/paging", ours: []string{"internal/crm", "internal/crm/flight", "internal/crm/limit", "frontline"}},
	{dir: "internal/crm/cache", ours: []string{"internal/crm", "internal/crm/flight", "internal/crm/paging", "frontline"}},
	{dir: "internal/crm/localsearch", ours: []string{"internal/crm", "internal/crm/flight", "internal/crm/paging", "internal/crm/cache", "internal/search", "frontline"}},
	{dir: "internal/crm/external", ours: []string{"internal/crm", "internal/crm/flight", "internal/crm/limit", "internal/crm/paging", "internal/crm/cache", "internal/crm/localsearch", "frontline"}},
	{dir: "internal/crm/crmfake", ours: []string{"frontline"}, tests: true},
	{dir: "internal/crm/builtin", ours: []string{"internal/customer", "frontline"}},
	{dir: "internal/crm/mask", ours: []string{"frontline"}, modules: []string{"golang.org/x/time"}},
	{dir: "internal/importer", ours: []string{"internal/customer", "internal/importer/aliases", "internal/importer/cell", "internal/importer/rejects", "internal/importer/source", "internal/importer/spill"}},
	{dir: "internal/importer/aliases"},
	{dir: "internal/importer/cell"},
	{dir: "internal/importer/rejects", ours: []string{"internal/importer/cell", "internal/importer/source"}},
	{dir: "internal/importer/spill", ours: []string{"internal/customer"}},
	{dir: "internal/importer/source", modules: []string{"golang.org/x/text", "github.com/xuri/excelize/v2"}, never: domain},
	{dir: "internal/admin", ours: []string{"internal/customer", "internal/storage", "internal/importer", "internal/audit"}},
	{dir: "internal/oidc", ours: []string{"internal/outbound"}, modules: []string{"github.com/coreos/go-oidc/v3", "golang.org/x/oauth2"}},
	{dir: "internal/conversation", never: domain},
	{dir: "internal/messaging", ours: []string{"internal/conversation", "internal/search"}},
	{dir: "internal/conversation/storetest", ours: []string{"internal/conversation"}, modules: []string{"github.com/google/go-cmp"}},
	{dir: "internal/conversation/rest", ours: []string{"internal/conversation"}},
	{dir: "internal/conversation/fakeapi", ours: []string{"internal/conversation", "frontline"}},
	{dir: "internal/conversation/fakeapi/fakeapitest", ours: []string{"internal/conversation", "internal/conversation/fakeapi", "frontline"}},
	{dir: "internal/outbound"},
	{dir: "internal/avatar", ours: []string{"internal/outbound"}, modules: []string{"golang.org/x/image"}},
	{dir: "internal/secret", ours: []string{"internal/atomicfile"}, modules: []string{"golang.org/x/crypto", "golang.org/x/text"}},
	{dir: "internal/sample", ours: []string{"internal/customer"}},

	{dir: "internal/web", pure: true, ours: []string{"internal/locale", "internal/lru"}},
	{dir: "internal/web/ui", ours: []string{"internal/web"}},
	{dir: "internal/web/auth", ours: []string{"internal/account", "internal/web/ui", "internal/web"}},
	{dir: "internal/app", ours: []string{"frontline", "internal/account", "internal/audit", "internal/conversation", "internal/messaging", "internal/web/auth", "internal/web/ui", "internal/web"},
		modules: []string{"github.com/rivo/uniseg"}},
	{dir: "internal/console", ours: []string{"internal/console/view", "internal/console/integration", "internal/console/people", "internal/console/auditlog",
		"internal/console/customers", "internal/customer", "internal/account", "internal/settings", "internal/audit", "internal/admin", "internal/web/auth",
		"internal/web/ui", "internal/web", "internal/storage", "frontline"}},
	{dir: "internal/console/view", ours: []string{"internal/account", "internal/customer", "internal/audit", "internal/web/auth", "internal/web"}},
	{dir: "internal/console/view/viewtest", ours: []string{"internal/console/view", "internal/web/auth", "internal/web/ui"}},
	{dir: "internal/console/integration", ours: []string{"internal/console/view", "internal/account", "internal/settings", "internal/audit", "internal/activity",
		"internal/outbound", "internal/web/auth", "internal/web/ui", "internal/web", "frontline"}},
	{dir: "internal/console/people", ours: []string{"internal/console/view", "internal/console/auditlog", "internal/account", "internal/settings", "internal/audit",
		"internal/web/auth", "internal/web/ui"}},
	{dir: "internal/console/auditlog", ours: []string{"internal/console/view", "internal/account", "internal/customer", "internal/settings", "internal/audit",
		"internal/web/auth", "internal/web/ui"}},
	{dir: "internal/console/customers", ours: []string{"internal/console/view", "internal/account", "internal/customer", "internal/admin", "internal/importer",
		"internal/web/auth", "internal/web/ui", "internal/web"}},
	{dir: "internal/server", ours: []string{"*"}, modules: []string{"github.com/prometheus/client_golang", "golang.org/x/time"}},
	{dir: "internal/cli", ours: []string{"*"}, modules: []string{"golang.org/x/term", "golang.org/x/sys"}},

	{dir: "internal/archtest"},
	{dir: "test", ours: []string{"*"}, modules: []string{"github.com/chromedp", "github.com/google/go-cmp"}},
}

// sqlDirs are the only directories where SQL may be, by driver or by text.
var sqlDirs = []string{"internal/store"}
