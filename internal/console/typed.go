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

// urlOf is where a callback's URL is among the settings.
func urlOf(k *settings.Callbacks, which string) *string {
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

// typed is what somebody sent with the form of the callbacks.
type typed struct {
	urls map[string]typedURL // only those that were sent
	// token is "" when it is to stay; since names the one that the form told of.
	token, since string
	// mask is what was chosen of masking, "" when it is to stay, and maskWas what the
	// form was written with.
	mask, maskWas string
	masking       bool // it was sent at all
	test          testForm
}

// typedURL is one URL with the digest of what the field held when the form was
// written; hasWas is false when the sender has no such form.
type typedURL struct {
	value, was string
	hasWas     bool
}

// readTyped reads the form. What surrounds a pasted URL or token is no part of it.
func readTyped(w http.ResponseWriter, r *http.Request) (typed, error) {
	t := typed{urls: make(map[string]typedURL)}
	if err := auth.Form(w, r); err != nil {
		return t, err
	}
	for _, which := range callbacks {
		name := fieldName(which)
		if r.PostForm.Has(name) {
			t.urls[which] = typedURL{field(r, name), field(r, name+"_was"), r.PostForm.Has(name + "_was")}
		}
	}
	t.token, t.since = field(r, "auth_token"), field(r, "token_since")
	t.mask, t.maskWas, t.masking = field(r, maskField), field(r, maskField+"_was"), r.PostForm.Has(maskField)
	t.test = testForm{
		Worker: r.PostForm.Get("worker"), Question: field(r, "question"), Query: r.PostForm.Get("query"), Customer: r.PostForm.Get("customer"),
		Channel: field(r, "channel"), Address: field(r, "address"), Talk: field(r, "conversation"),
	}
	if !slices.Contains(questions, t.test.Question) {
		t.test.Question = questions[0]
	}
	return t, nil
}

// field answers a field's text without the blanks around it.
func field(r *http.Request, name string) string {
	return strings.TrimSpace(r.PostForm.Get(name))
}

// digest stands for a value in the form that was written with it.
func digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:8])
}

// change puts what was typed in place of what is kept, and answers the callbacks
// whose URL somebody else has changed meanwhile: then nothing is changed at all.
func (t typed) change(k *settings.Callbacks) (conflicts []string) {
	next := *k
	for which, u := range t.urls {
		kept := urlOf(&next, which)
		switch {
		case u.value == *kept, u.hasWas && digest(u.value) == u.was:
			// Not edited; whoever did edit it meanwhile is not undone.
		case u.hasWas && digest(*kept) != u.was:
			conflicts = append(conflicts, which)
		default:
			*kept = u.value
		}
	}
	if len(conflicts) == 0 {
		*k = next
	}
	return conflicts
}

// insecure tells that what is sent to a URL can be read on its way: it is not
// encrypted, and leaves this machine.
func insecure(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || !strings.EqualFold(u.Scheme, "http") {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && !strings.HasPrefix(host, "127.") && host != "::1"
}
