package audit

import (
	"iter"
	"net/url"
	"strconv"
	"strings"
)

// Params are the particulars of an entry: named values in the form of a URL query, in the
// order in which they are shown. Package words puts them in words. They never hold a
// secret, a phone number, or the value of a setting that may have one.
type Params string

// With returns p with one more value.
func (p Params) With(name, value string) Params {
	added := Params(url.QueryEscape(name) + "=" + url.QueryEscape(value))
	if p == "" {
		return added
	}
	return p + "&" + added
}

// WithCount returns p with one more number, or p itself when it is 0.
func (p Params) WithCount(name string, n int) Params {
	if n == 0 {
		return p
	}
	return p.With(name, strconv.Itoa(n))
}

// All yields the names and values in their order.
func (p Params) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if p == "" {
			return
		}
		for pair := range strings.SplitSeq(string(p), "&") {
			name, value, _ := strings.Cut(pair, "=")
			if !yield(unescape(name), unescape(value)) {
				return
			}
		}
	}
}

// unescape returns a text that With escaped; any other stays as it is.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// Subjects of SettingChanged and ServiceTested.
const (
	SubjectCRM        = "crm"
	SubjectOutgoing   = "outgoing"
	SubjectTemplates  = "templates"
	SubjectToken      = "token"
	SubjectMasking    = "masking"
	SubjectSignIn     = "sign-in"
	SubjectAuditRules = "audit"

	SubjectConversations    = "conversations"
	SubjectMessageTemplates = "message-templates"
)

// The parameters that have a fixed set of values. What is stored once stays readable: a
// value is never renamed, and package words knows all of them.
const (
	// How someone signed in, or tried to; and why it failed.
	WithPassword    Params = "method=password"
	WithProvider    Params = "method=provider"
	InDemo          Params = "method=demo"
	TooManyAttempts Params = "reason=limited"
	PasswordExpired Params = "reason=expired"
	NoAccount       Params = "reason=unknown"
	Unverified      Params = "reason=unverified"
	LinkedElsewhere Params = "reason=linked-elsewhere"
	Replaced        Params = "reason=replaced" // signed out by a sign-in in the same browser

	// What changed about a person.
	RoleAdmin         Params = "role=admin"
	RoleWorker        Params = "role=worker"
	ExportOn          Params = "export=on"
	ExportOff         Params = "export=off"
	AvailableOn       Params = "available=on"
	AvailableOff      Params = "available=off"
	NewPassword       Params = "change=password"
	TemporaryPassword Params = "change=temporary-password"
	Linked            Params = "change=linked"
	Unlinked          Params = "change=unlinked"
	Deactivated       Params = "change=deactivated"
	Activated         Params = "change=activated"
	KeptLastAdmin     Params = "change=kept-last-admin"
	AllSessions       Params = "sessions=all"
	OtherSessions     Params = "sessions=others"

	// What changed in a setting.
	TokenRotated    Params = "token=rotated"
	TokenGraceEnded Params = "token=grace-ended"
	MaskingOn       Params = "masking=on"
	MaskingOff      Params = "masking=off"
	PasswordsOn     Params = "passwords=on"
	PasswordsOff    Params = "passwords=off"
	SetUp           Params = "setup=done" // at the messaging service
	TemplateAdded   Params = "template=added"
	TemplateChanged Params = "template=changed"
	TemplateDeleted Params = "template=deleted"

	// What was done with customers.
	Begun        Params = "state=begun"
	Canceled     Params = "state=canceled"
	Failed       Params = "state=failed"
	PruneChanged Params = "state=prune-changed"
	MergedOthers Params = "merge=kept"
	MergedInto   Params = "merge=deleted"
	KeptApart    Params = "duplicates=kept-apart"

	AllEntries      Params = "entries=all"
	FilteredEntries Params = "entries=filtered"
	DeniedCustomer  Params = "what=customer"

	// Written by the Log itself.
	NotWritten      Params = "reason=not-written"
	ManyForIdentity Params = "many=identity"
	ManyForAddress  Params = "many=address"
	ManySearches    Params = "many=numbers"
	MoreAttempts    Params = "more=attempts"
)

// Role returns the parameter of a person's role.
func Role(admin bool) Params {
	if admin {
		return RoleAdmin
	}
	return RoleWorker
}

// Added returns the parameters of a PersonAdded.
func Added(admin, mayExport bool) Params {
	if admin && mayExport {
		return RoleAdmin + "&" + ExportOn
	}
	return Role(admin)
}

// Owners returns the parameter of new owners: none for an unassigned customer, and
// several are separated by commas.
func Owners(workers []string) Params { return Params("").With("owners", strings.Join(workers, ", ")) }

// As returns the parameter of the worker as whom a service was tested.
func As(worker string) Params { return Params("").With("worker", worker) }

// To returns the parameter of the new owner of reassigned customers, "" for none.
func To(worker string) Params { return Params("").With("to", worker) }

// Conversation returns the parameter of a conversation's SID.
func Conversation(sid string) Params { return Params("").With("conversation", sid) }
