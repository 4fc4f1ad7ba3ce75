package view

import "net/url"

// The paths of the console. The route table has each of them once.
const (
	HomePath   = "/console"
	AssetsPath = "/console/assets/"

	CallbacksPath     = "/console/callbacks"
	CallbackTokenPath = "/console/callbacks/token"
	CallbackTestPath  = "/console/callbacks/test"
	ActivityPath      = "/console/activity"

	ConversationsPath      = "/console/conversations"
	ConversationsTestPath  = "/console/conversations/test"
	ConversationsSetUpPath = "/console/conversations/setup"
	TemplatesPath          = "/console/templates"

	PeoplePath        = "/console/people"
	AddPersonPath     = "/console/people/add"
	PersonPath        = "/console/people/person"
	ConfirmPersonPath = "/console/people/confirm"
	OwnersPath        = "/console/people/owners"
	SignInPath        = "/console/signin"

	AuditPath       = "/console/audit"
	AuditRulesPath  = "/console/audit/rules"
	AuditExportPath = "/console/audit/export"

	CustomersPath    = "/console/customers"
	SelectedPath     = "/console/customers/chosen"
	AddCustomerPath  = "/console/customers/add"
	CustomerPath     = "/console/customers/one"
	ImportsPath      = "/console/customers/import"
	ImportPath       = "/console/customers/import/one"
	RejectsPath      = "/console/customers/import/rejects"
	ProblemsPath     = "/console/customers/import/report"
	ReassignPath     = "/console/customers/reassign"
	ReassignmentPath = "/console/customers/reassign/job"
	DuplicatesPath   = "/console/customers/duplicates"
	DeletedPath      = "/console/customers/deleted"
	ExportPath       = "/console/customers/export"
	ExportFilePath   = "/console/customers/export/file"
)

// Href returns the address of path with one query parameter. Ids and identities may
// hold any character, so they are never a part of a path.
func Href(path, name, value string) string {
	return path + "?" + name + "=" + url.QueryEscape(value)
}

// CustomerHref returns the address of a customer's page.
func CustomerHref(id string) string { return Href(CustomerPath, "id", id) }

// PersonHref returns the address of a person's page.
func PersonHref(identity string) string { return Href(PersonPath, "id", identity) }

// AddPersonHref returns the address of the form that adds a person with this identity.
func AddPersonHref(identity string) string { return Href(AddPersonPath, "identity", identity) }

// OwnersOfImportHref returns the address of the owners without an account in a file.
func OwnersOfImportHref(id string) string { return Href(OwnersPath, "import", id) }

// CustomersOfHref returns the address of the list of a worker's customers.
func CustomersOfHref(worker string) string { return Href(CustomersPath, "worker", worker) }

// ReassignFromHref returns the address of the form that reassigns a worker's customers.
func ReassignFromHref(worker string) string { return Href(ReassignPath, "from", worker) }

// AuditOfActorHref returns the address of what a person did.
func AuditOfActorHref(identity string) string { return Href(AuditPath, "actor", identity) }

// AuditOfSubjectHref returns the address of what was done to a person or customer.
func AuditOfSubjectHref(id string) string { return Href(AuditPath, "subject", id) }
