package move

import "strings"

// A table is one that is copied. Both databases have it with the same columns.
type table struct {
	name string
	key  []string // the columns of a unique key, in whose order rows are copied
	rest []string // the other columns
	// numbered tables give their rows the next number as key.
	numbered bool
}

func newTable(name, key, rest string) table {
	return table{name: name, key: strings.Fields(key), rest: strings.Fields(rest)}
}

func newNumberedTable(name, key, rest string) table {
	t := newTable(name, key, rest)
	t.numbered = true
	return t
}

// columns returns the names of all columns.
func (t table) columns() []string { return append(t.key[:len(t.key):len(t.key)], t.rest...) }

// tables are all but change, process and job, which are about the processes that have a database open. Rows
// refer to rows of tables before theirs.
var tables = []table{
	newNumberedTable("owner", "id", "key identity customers"),
	newTable("customer", "pk", "id place rev avatar body deleted_at"),
	newTable("assignment", "owner place", "pk rest"),
	newTable("renamed", "pk rev", "place at"),
	newTable("former", "owner pk", "left_at"),
	newTable("contact", "hash id", ""),
	newTable("shared", "hash", "members open"),
	newTable("apart", "members", "at"),
	newNumberedTable("removal", "n", "id at by"),
	newTable("removal_contact", "hash n", ""),
	newTable("search_block", "id", "owner first docs"),
	newTable("search_signature", "block", "signature"),
	newNumberedTable("search_journal", "id", "owner first n entries"),
	newTable("state", "id", "next_pk generation purged_at duplicates removed shared_from one_form"),
	newTable("person", "key", `identity role password_hash theme language time_zone created temporary issuer subject may_export
		deactivated last_seen password_expires available assigned`),
	newTable("session", "secret_hash", "id person_key created last_seen expires agent by_provider provider_session confirmed_until"),
	newTable("setting", "name", "value"),
	newTable("owner_match", "key", "owner person"),
	newTable("attempt", "key", "account full_at"),
	newTable("number_search", "worker", "sealed expires"),
	newTable("copy", "service worker name", "data expires"),
	newNumberedTable("activity_call", "id", "at took queued location worker bytes status code search not_found crawl built_in"),
	newTable("activity_minute", "minute", `calls hits bytes took failed_48000 failed_48001 failed_48003 failed_48004 failed_48005
		failed_other latency`),
	newNumberedTable("audit", "id", "at actor via action subject name detail count address unusual params"),
	newTable("audit_clock", "id", "trusted doubt suspected"),
	newTable("conversation", "sid", "closed customer_id last_at last_index inbound_at sealed"),
	newTable("conversation_worker", "sid worker", "identity participant last_read muted owner closed last_at last_index"),
	newTable("outgoing_message", "client_id", "sid worker sealed at state message_sid code"),
}

// seeded are the tables that have rows in a new database.
var seeded = []string{"owner", "state"}
