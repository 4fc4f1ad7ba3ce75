package audit

// Subjects and details that the console and the command line write. They are stored, so
// they never change; the console translates them when it shows them.
const (
	SubjectCRM        = "crm"
	SubjectOutgoing   = "outgoing"
	SubjectTemplates  = "templates"
	SubjectToken      = "token"
	SubjectMasking    = "masking"
	SubjectSignIn     = "sign-in"
	SubjectAuditRules = "audit"

	DetailGraceEnded   = "the previous one ended"
	DetailMasked       = "numbers masked"
	DetailUnmasked     = "numbers shown in full"
	DetailPasswordsOff = "passwords switched off"
	DetailPasswordsOn  = "passwords switched on"
	DetailAllEntries   = "all of it"
	DetailFiltered     = "a part of it"

	DetailAdmin             = "role: administrator"
	DetailWorker            = "role: worker"
	DetailMayExport         = "may export"
	DetailMayNotExport      = "may no longer export"
	DetailTemporaryPassword = "new temporary password"
	DetailNewPassword       = "new password"
	DetailUnlinked          = "parted from the identity provider"
	DetailDeactivated       = "deactivated"
	DetailActivated         = "activated"
	DetailAllSessions       = "all sessions"
)

// AddedDetail returns the detail of a PersonAdded.
func AddedDetail(admin, mayExport bool) string {
	switch {
	case !admin:
		return DetailWorker
	case mayExport:
		return DetailAdmin + ", " + DetailMayExport
	}
	return DetailAdmin
}
