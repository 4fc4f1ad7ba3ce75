package integration

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The callbacks, as forms and the audit name them.
const (
	crm       = audit.SubjectCRM
	outgoing  = audit.SubjectOutgoing
	templates = audit.SubjectTemplates
)

// callbacks are in the order of the page.
var callbacks = []string{crm, outgoing, templates}

// callbackURL returns the field of the settings with a callback's URL.
func callbackURL(c *settings.Callbacks, callback string) *string {
	switch callback {
	case outgoing:
		return &c.Outgoing
	case templates:
		return &c.Templates
	}
	return &c.CRM
}

// fieldName returns the name of the form field with a callback's URL.
func fieldName(callback string) string { return callback + "_callback_url" }

// callbacksForm is the posted form.
type callbacksForm struct {
	urls map[string]formURL // only the fields that were posted
	// token is "" to leave it unchanged; since identifies the one that the form showed.
	token, since string
	// masking is the posted choice, "" to leave it unchanged, and maskingWas the stored
	// one when the form was rendered.
	masking, maskingWas string
	hasMasking          bool // the field was posted
	test                testForm
}

// formURL is one URL with the digest of the stored value when the form was rendered.
// hasDigest is false when the client sent none.
type formURL struct {
	value, digest string
	hasDigest     bool
}

// readCallbacksForm reads the form. It trims pasted URLs and tokens. It returns
// auth.ErrForbidden for a token from a viewer who may not set one.
func readCallbacksForm(w http.ResponseWriter, r *http.Request, v *auth.Viewer) (callbacksForm, error) {
	form := callbacksForm{urls: make(map[string]formURL)}
	if err := auth.Form(w, r); err != nil {
		return form, err
	}
	for _, callback := range callbacks {
		name := fieldName(callback)
		if r.PostForm.Has(name) {
			form.urls[callback] = formURL{view.Field(r, name), view.Field(r, name+"_was"), r.PostForm.Has(name + "_was")}
		}
	}
	form.token, form.since = view.Field(r, "auth_token"), view.Field(r, "token_since")
	if form.token != "" && !mayUseToken(v) {
		return form, auth.ErrForbidden
	}
	form.masking, form.maskingWas, form.hasMasking = view.Field(r, maskField), view.Field(r, maskField+"_was"), r.PostForm.Has(maskField)
	form.test = testForm{
		Worker: r.PostForm.Get("worker"), Request: view.Field(r, "question"), Query: r.PostForm.Get("query"), Customer: r.PostForm.Get("customer"),
		Channel: view.Field(r, "channel"), Address: view.Field(r, "address"), Conversation: view.Field(r, "conversation"),
	}
	if !slices.Contains(requestTypes, form.test.Request) {
		form.test.Request = requestTypes[0]
	}
	return form, nil
}

// apply replaces stored values by the edited ones. It returns the callbacks whose URL
// someone else changed meanwhile, and then changes nothing.
func (form callbacksForm) apply(c *settings.Callbacks) (conflicts []string) {
	next := *c
	for callback, u := range form.urls {
		stored := callbackURL(&next, callback)
		switch {
		case u.value == *stored, u.hasDigest && view.Digest(u.value) == u.digest:
			// Not edited: another administrator's edit stays.
		case u.hasDigest && view.Digest(*stored) != u.digest:
			conflicts = append(conflicts, callback)
		default:
			*stored = u.value
		}
	}
	if len(conflicts) == 0 {
		*c = next
	}
	return conflicts
}

// isInsecure reports whether requests to a URL leave this machine unencrypted.
func isInsecure(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || !strings.EqualFold(u.Scheme, "http") {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && !strings.HasPrefix(host, "127.") && host != "::1"
}
