package app

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// errTooLarge is the error for a file that is not served.
var errTooLarge = errors.New("the file is too large")

// conversationKinds are the kinds of errors of conversations; the first that matches counts.
var conversationKinds = []struct {
	err  error
	kind ui.Kind
}{
	{conversation.ErrNotFound, ui.Kind{Status: http.StatusNotFound, Code: "no-conversation", Icon: "chat"}},
	{conversation.ErrOff, ui.Kind{Status: http.StatusNotFound, Code: "no-page", Icon: "no-person"}},
	{conversation.ErrInitializing, ui.Kind{Status: http.StatusServiceUnavailable, Code: "initializing", Icon: "clock"}},
	{conversation.ErrOutcomeUnknown, ui.Kind{Status: http.StatusGatewayTimeout, Code: "outcome-unknown", Icon: "clock"}},
	{conversation.ErrUnavailable, ui.Kind{Status: http.StatusBadGateway, Code: "messaging", Icon: "offline"}},
	{conversation.ErrStore, ui.Kind{Status: http.StatusServiceUnavailable, Code: "conversations", Icon: "clock"}},
	{errTooLarge, ui.Kind{Status: http.StatusBadGateway, Code: "file-too-large", Icon: "alert"}},
}

// classifyConversation returns the kind of an error of conversations, false for any other.
func classifyConversation(err error) (ui.Kind, bool) {
	var refused *conversation.RefusedError
	var taken *messaging.TakenError
	var invalid messaging.InvalidError
	switch {
	case errors.As(err, &taken):
		return ui.Kind{Status: http.StatusConflict, Code: "taken", Icon: "people"}, true
	case errors.As(err, &invalid):
		return ui.Kind{Status: http.StatusUnprocessableEntity, Code: string(invalid), Icon: "alert"}, true
	case errors.As(err, &refused):
		kind := ui.Kind{Status: http.StatusConflict, Code: "refused", Icon: "alert"}
		if refused.Code != 0 {
			kind.Code, kind.Published = strconv.Itoa(refused.Code), true
		}
		return kind, true
	}
	for _, k := range conversationKinds {
		if errors.Is(err, k.err) {
			return k.kind, true
		}
	}
	return ui.Kind{}, false
}

// describeConversation puts the particulars of an error of conversations into a failure.
func describeConversation(f *ui.Failure, err error, loc *locale.Locale) {
	var refused *conversation.RefusedError
	var taken *messaging.TakenError
	switch {
	case errors.As(err, &taken) && len(taken.Workers) > 0:
		f.Text = loc.Text("fail.taken.by", "names", lineOf(strings.Join(taken.Workers, ", ")))
	case errors.As(err, &refused) && !loc.Has("fail."+f.Code+".title"):
		f.Title, f.Text = loc.Text("fail.refused.title"), loc.Text("fail.refused.text")
	}
}
