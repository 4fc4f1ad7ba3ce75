package audit

// Subjects and details of entries, as they are stored. The console translates them when it
// shows them; when one is reworded here, it must still know the old text.
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
	DetailAllEntries   = "all entries"
	DetailFiltered     = "filtered entries"

	DetailAdmin             = "role: administrator"
	DetailWorker            = "role: worker"
	DetailMayExport         = "may export"
	DetailMayNotExport      = "may no longer export"
	DetailTemporaryPassword = "new temporary password"
	DetailNewPassword       = "new password"
	DetailUnlinked          = "unlinked from the identity provider"
	DetailDeactivated       = "deactivated"
	DetailActivated         = "activated"
	DetailAllSessions       = "all sessions"

	DetailPassword        = "password"
	DetailProvider        = "identity provider"
	DetailDemo            = "demo"
	DetailTooManyAttempts = "too many attempts"
	DetailPasswordExpired = "temporary password expired"
	DetailNoAccount       = "no account here"
	DetailUnverified      = "not confirmed by the identity provider"
	DetailLinked          = "linked to the identity provider"
	DetailLinkedElsewhere = "linked to another account of the identity provider"
	DetailLastAdmin       = "still an administrator: the last one"
	DetailOtherSessions   = "all other sessions"
	DetailPasswordChanged = "password changed"
	DetailDeniedCustomer  = "a customer"

	DetailRotated      = "rotated"
	DetailBegun        = "begun"
	DetailCanceled     = "cancelled"
	DetailInterrupted  = "interrupted"
	DetailFailed       = "failed"
	DetailMerged       = "with others"
	DetailMergedInto   = "into another customer"
	DetailKeptApart    = "duplicates kept apart"
	DetailPruneChanged = "nothing imported: the customers to delete changed since the check"
	DetailUnassigned   = "unassigned"

	DetailEntriesLost     = "they could not be written in time"
	DetailManyForIdentity = "many failed for this identity"
	DetailManyForAddress  = "many failed from this address"
	DetailManySearches    = "many numbers were searched for"
	DetailMoreAttempts    = "further attempts, too many to record individually"
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
