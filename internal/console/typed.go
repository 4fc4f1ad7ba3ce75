package console

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The callbacks, as forms and tests name them.
const (
	crm       = "crm"
	outgoing  = "outgoing"
	templates = "templates"
)

// callbacks are all of them, in the order of the screen.
var callbacks = []string{crm, outgoing, templates}

// callbackURL is where a callback's URL is among the settings.
func callbackURL(k *settings.Callbacks, which string) *string {
	switch which {
	case outgoing:
		return &k.Outgoing
	case templates:
		return &k.Templates
	}
	return &k.CRM
}

// fieldName is the form field of a callback's URL.
func fieldName(which string) string { return which + "_callback_url" }

// callbacksForm is what somebody sent with the form of the callbacks.
type callbacksForm struct {
	urls map[string]formURL // only those that were sent
	// token is "" when it is to stay; since names the one that the form told of.
	token, since string
	// masking is what was chosen of masking, "" when it is to stay, and maskingWas what the
	// form was written with.
	masking, maskingWas string
	hasMasking          bool // it was sent at all
	test                testForm
}

// formURL is one URL with the digest of what the field held when the form was
// written; hasDigest is false when the sender has no such form.
type formURL struct {
	value, digest string
	hasDigest     bool
}

// readCallbacksForm reads the form. What surrounds a pasted URL or token is no part of it.
func readCallbacksForm(w http.ResponseWriter, r *http.Request) (callbacksForm, error) {
	t := callbacksForm{urls: make(map[string]formURL)}
	if err := auth.Form(w, r); err != nil {
		return t, err
	}
	for _, which := range callbacks {
		name := fieldName(which)
		if r.PostForm.Has(name) {
			t.urls[which] = formURL{Field(r, name), Field(r, name+"_was"), r.PostForm.Has(name + "_was")}
		}
	}
	t.token, t.since = Field(r, "auth_token"), Field(r, "token_since")
	t.masking, t.maskingWas, t.hasMasking = Field(r, maskField), Field(r, maskField+"_was"), r.PostForm.Has(maskField)
	t.test = testForm{
		Worker: r.PostForm.Get("worker"), Question: Field(r, "question"), Query: r.PostForm.Get("query"), Customer: r.PostForm.Get("customer"),
		Channel: Field(r, "channel"), Address: Field(r, "address"), Conversation: Field(r, "conversation"),
	}
	if !slices.Contains(questions, t.test.Question) {
		t.test.Question = questions[0]
	}
	return t, nil
}

// Field answers a field's text without the blanks around it.
func Field(r *http.Request, name string) string {
	return strings.TrimSpace(r.PostForm.Get(name))
}

// Digest stands for a value in the form that was written with it.
func Digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:8])
}

// apply puts what was typed in place of what is kept, and answers the callbacks
// whose URL somebody else has changed meanwhile: then nothing is changed at all.
func (t callbacksForm) apply(k *settings.Callbacks) (conflicts []string) {
	next := *k
	for which, u := range t.urls {
		stored := callbackURL(&next, which)
		switch {
		case u.value == *stored, u.hasDigest && Digest(u.value) == u.digest:
			// Not edited; whoever did edit it meanwhile is not undone.
		case u.hasDigest && Digest(*stored) != u.digest:
			conflicts = append(conflicts, which)
		default:
			*stored = u.value
		}
	}
	if len(conflicts) == 0 {
		*k = next
	}
	return conflicts
}

// isInsecure tells that what is sent to a URL can be read on its way: it is not
// encrypted, and leaves this machine.
func isInsecure(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || !strings.EqualFold(u.Scheme, "http") {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && !strings.HasPrefix(host, "127.") && host != "::1"
}
