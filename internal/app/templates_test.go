package app

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

func loadApp(t *testing.T) *app {
	t.Helper()
	a := &app{Options: Options{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Zone: time.UTC, Notifier: web.NewNotifier("full")}}
	if err := a.load(); err != nil {
		t.Fatal(err)
	}
	return a
}

// pageStructs returns page structs for each template, from empty to full.
func pageStructs(v *viewer, a *app) map[string][]any {
	full := func(title, tab, view string) ui.Base {
		return ui.Base{Admin: true, Refresh: 2, Title: title, Lang: v.Locale.Tag(), Dir: v.Locale.Dir(), Theme: "dark", Tab: tab, View: view, State: "full", News: "1", Unread: 2, Posted: true}
	}
	failed := failureOf(&frontline.CallbackError{Code: 48005}, v.Locale, "/customers")
	heading := failureOf(frontline.ErrNotFound, v.Locale, "/customers")
	heading.Heading = true
	rows := listPane{
		Query: "q", Heading: true, Count: "1", Spoken: "1", Wait: 2, Partial: "so far", Searches: "names",
		freshness: freshness{"as of", "2026", "/customers?newer=1", "old", "48004", true, 30},
		Ordered:   true, From: "61", To: "62", Next: "/customers?page=2", First: "/customers", Empty: "nothing", EmptyTitle: "none",
		Failure: failed, Self: "/customers",
		Groups: []group{{"A", []row{{ID: "1", Rest: "/1", Name: "Ab", Query: "a", Initials: "A", Avatar: "/avatars/x", Selected: true}, {ID: "2"}}}},
	}
	line := channelLine{Type: "sms", Icon: "message", Label: "SMS", Shown: "+1", Copy: "+1"}
	one, two := target{Href: "tel:1", Shown: "1", Label: "SMS"}, target{Href: "https://wa.me/1", Shown: "1", Label: "WhatsApp"}
	who := &detailPane{
		Title: "T", ID: "1", Name: "N", LongName: true, Initials: "N", Channels: []channelLine{line, {Icon: "at"}},
		Actions: []contactAction{{Kind: "call", Icon: "call", Label: "Call", Heading: "Which?", Targets: []target{one, two}}, {Kind: "whatsapp", Icon: "whatsapp", Label: "WhatsApp", Heading: "Which?", Targets: []target{two}},
			{Kind: "message", Icon: "message", Label: "Message", Disabled: true, Handles: "h"}},
		TextTitle: "T", Text: "a\nb", Links: []linkLine{{"https://example.com", "T", "N", false}, {"mailto:a@b", "", "N", true}, {"", "T", "N", false}},
		Masked: true, MaskedOff: true, Avatar: "/avatars/x", freshness: freshness{"as of", "2026", "/customers/1?newer=1", "old", "48004", true, 30}, Back: "/customers", Idle: true,
	}
	with := partner{Summary: messaging.Summary{SID: "CH1", Name: "N", Address: "+1", Avatar: "/avatars/x", Channel: "WhatsApp", Unread: 2, Muted: true}, Initials: "N", Href: "/customers/1", Icon: "whatsapp"}
	unknown := partner{Summary: messaging.Summary{Name: "+1", Channel: "SMS", Closed: true}, Icon: "message"}
	said := shownMessage{Shown: messaging.Shown{SID: "IM1", By: messaging.ByWorker, Author: "bob", Body: "t"}, Parts: []bodyPart{{"t", ""}, {"u", "https://example.com/"}}, Time: "now", State: "Failed", Failed: true,
		Files: []messageFile{{"/m", "f", false}, {"/m", "p", true}}}
	thread := &threadPane{partner: with, Title: "T", Others: "bob", Days: []messageDay{{"Today", []shownMessage{said, {Shown: messaging.Shown{SID: "IM2", By: messaging.ByCustomer}}}}},
		Pending: []shownMessage{{Shown: messaging.Shown{ClientID: "c", Body: "t", Unknown: true}, State: "?"}, {Shown: messaging.Shown{ClientID: "d"}}}, Earlier: "/e", Newest: "/n", Back: "/conversations", WindowClosed: true, HasTemplates: true, ClientID: "c", Draft: "d", Problem: failed}
	closed := &threadPane{partner: unknown, Unlinked: "who?", Draft: "d"}
	chats := conversationList{Heading: true, Closed: true, Query: "q", Note: "n", Rows: []conversationRow{{partner: with, Last: "t", Time: "now", UnreadText: "2", Selected: true}, {partner: unknown}},
		Self: "/conversations", Open: "/o", Archive: "/a", Next: "/n", Failure: failed}
	choose := &choicePane{Title: "T", Text: "t", Back: "/b", Action: "customer", Field: "customer", Search: true, Query: "q", Options: []choice{{"1", "N", "N", 1, "/avatars/x"}, {}}, Next: "/n"}
	templates := &choicePane{Groups: []templateGroup{{"G", []templateChoice{{frontline.Template{Content: "c", WhatsAppApproved: true, ContentSID: "HX", ContentVariables: "{}"}, "/t", ""}, {frontline.Template{Content: "c"}, "/t", "off"}}}}}
	start := target{Start: startForm{"1", "sms", "+1", ""}, Shown: "1", Label: "SMS"}
	writer := &detailPane{Masked: true, MaskedWrite: true, Actions: []contactAction{{Kind: "message", Icon: "message", Label: "Message", Targets: []target{start}},
		{Kind: "whatsapp", Icon: "whatsapp", Label: "WhatsApp", Targets: []target{start, {Start: startForm{Customer: "1", Handle: "h"}}, two}}}}
	return map[string][]any{
		"conversations": {conversationsPage{}, conversationsPage{Base: full("T", "conversations", "list"), List: chats}, conversationsPage{List: conversationList{Query: "q"}, Thread: thread},
			conversationsPage{List: conversationList{Closed: true}, Thread: closed}, conversationsPage{Choice: choose}, conversationsPage{Choice: templates},
			conversationsPage{Choice: &choicePane{Chosen: &templateChoice{Template: frontline.Template{Content: "c"}}}}, conversationsPage{Choice: &choicePane{Empty: "none"}}, conversationsPage{Failure: heading}},
		"conversation-list": {chats},
		"thread":            {thread, closed},
		"error":             {ui.ErrorPage{Base: full("T", "", "list"), Failure: failed}, ui.ErrorPage{Failure: heading}},
		"signin": {signInPage{}, signInPage{Base: full("T", "", ""), Identity: "alice", Next: "/customers", Notice: "n", Problem: "p", ProblemTitle: "t", IdentityError: "e", PasswordError: "e", FirstRun: true,
			PasswordForm: true, Provider: "idp.example", ProviderHref: "/signin/provider", SignOutHref: "https://idp.example/out"},
			signInPage{OneTap: []string{"alice"}}},
		"customers": {customersPage{}, customersPage{full("T", "customers", "detail"), rows, who},
			customersPage{full("T", "customers", "list"), listPane{Empty: "empty"}, nil}, customersPage{Detail: &detailPane{Failure: heading}}},
		"part":   {rows, listPane{Empty: "end"}, listPane{Empty: "digits", EmptyTitle: "none", EmptyText: "try", Note: "left out"}, listPane{Empty: "sofar", freshness: freshness{AsOf: "as of", AsOfISO: "2026"}}},
		"detail": {who, writer, &detailPane{}, &detailPane{Wait: 1}, &detailPane{freshness: freshness{AsOf: "as of", AsOfISO: "2026", NewerHref: "/customers/1?newer=1"}}},
		"account": {accountPage{}, accountPage{
			Base: full("T", "account", "list"), Identity: "alice", Done: "done", Problem: "p", HasPassword: true, TemporaryPassword: true, MustReplacePassword: true, Provider: "by", Languages: a.catalog.Locales(), Zones: []string{"UTC"},
			Sessions: []sessionRow{{"1", "N", true, "used"}, {"2", "N", false, "used"}},
			Errors:   fieldErrors{"a", "b", "c", "d", "e", "f"},
		}, accountPage{
			Base: full("T", "account", "list"), TemporaryPassword: true, Languages: a.catalog.Locales(), Zones: []string{"UTC"},
			HasAvailability: true, Available: true,
			Sessions: []sessionRow{{"1", "N", true, "used"}, {"2", "N", false, "used"}}, Errors: fieldErrors{"a", "b", "c", "d", "e", "f"},
		}},
	}
}

func TestTemplates_FitTheirStructs(t *testing.T) {
	a := loadApp(t)
	for _, l := range a.catalog.Locales() {
		v := &viewer{Locale: l, Zone: time.UTC, Now: time.Now()}
		for name, structs := range pageStructs(v, a) {
			for i, page := range structs {
				body, err := a.pages.Execute(l, name, page)
				if err != nil {
					t.Errorf("Execute(%s, %s, %d): %v", l.Tag(), name, i, err)
				}
				for _, bad := range []string{"ZgotmplZ", "<no value>", "%!"} {
					if strings.Contains(string(body), bad) {
						t.Errorf("Execute(%s, %s, %d) contains %s", l.Tag(), name, i, bad)
					}
				}
			}
		}
	}
}

func TestFailureOf_HasMessagesForEveryError(t *testing.T) {
	catalog, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	english := catalog.Locales()[0]
	for _, err := range []error{
		&frontline.CallbackError{Code: 48000}, &frontline.CallbackError{Code: 48001}, &frontline.CallbackError{Code: 48003}, &frontline.CallbackError{Code: 48004}, &frontline.CallbackError{Code: 48005},
		frontline.ErrNotFound, &frontline.InvalidRequestError{}, &frontline.UnavailableError{},
		conversation.ErrNotFound, conversation.ErrOff, conversation.ErrOutcomeUnknown, conversation.ErrUnavailable, conversation.ErrStore, conversation.ErrInitializing, errTooLarge,
		&conversation.RefusedError{}, &conversation.RefusedError{Code: 50377}, &conversation.RefusedError{Code: 12345}, &messaging.TakenError{}, messaging.NoWorker, messaging.IncompleteForm,
		auth.ErrNoPage, auth.ErrMethod, auth.ErrCrossSite, auth.ErrForm, auth.ErrForbidden, auth.ErrPanic, errors.New("any other"),
	} {
		f := failureOf(err, english, "/")
		if strings.HasPrefix(f.Title, "fail.") || strings.HasPrefix(f.Text, "fail.") || f.Title == "" || f.Text == "" {
			t.Errorf("failureOf(%v) = %q, %q", err, f.Title, f.Text)
		}
	}
}

func FuzzLinked(f *testing.F) {
	for _, s := range []string{"", "see https://a.example/b?c=d&e=f.", "(https://a.example/x)", "https://u:p@a.example https://[ http://x javascript:https://a.example/\"<b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		all := ""
		for _, p := range linked(body) {
			all += p.Text
			if p.Href != "" && !strings.HasPrefix(p.Href, "https://") {
				t.Errorf("linked(%q) links to %q", body, p.Href)
			}
		}
		if all != body {
			t.Errorf("linked(%q) has the text %q", body, all)
		}
	})
}
