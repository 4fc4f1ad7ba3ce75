package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/messaging"
)

var (
	withBobby   = "/conversations/" + sidOf("CH", 1)
	withUnknown = "/conversations/" + sidOf("CH", 2)
)

func TestConversations_Off(t *testing.T) {
	f, _, _, h := newConversationsApp(t, nil)
	f.off = true
	b := signedIn(t, h, "alice")
	b.get("/customers/1").must(t, http.StatusOK, []string{`href="sms:+15557040102"`, `href="https://wa.me/15557040102"`}, "/conversations", "data-news", "conversations-")
	for _, rt := range appRoutes {
		if path := strings.NewReplacer("{sid}", sidOf("CH", 1), "{message}", sidOf("IM", 1), "{media}", sidOf("ME", 1)).Replace(rt.path); strings.HasPrefix(path, "/conversations") {
			for method := range strings.FieldsSeq(rt.methods) {
				if a := b.do(httptest.NewRequest(method, path, nil)); a.StatusCode != http.StatusNotFound {
					t.Errorf("%s %s without conversations: status %d, want 404", method, path, a.StatusCode)
				}
			}
		}
	}
}

func TestConversations_List(t *testing.T) {
	f, _, _, h := newConversationsApp(t, nil)
	b := signedIn(t, h, "alice")
	a := b.get("/conversations")
	a.must(t, http.StatusOK, []string{
		"<title>(1) Conversations · Clientele</title>", `<a href="/conversations" aria-current="page">`, `<span>1</span><span class="visually-hidden">unread</span>`, "data-news=",
		`<li data-conversation="` + sidOf("CH", 1) + `"><a class="row" href="` + withBobby + `">`, ">Bobby Shaftoe</bdi>", `data-unread="2"`, "2 unread messages", ">Hello</span>", ">12:00</time>",
		"+49 1511 2345678</bdi>", `You:</bdi> <span dir="auto">Yes</span>`, ">19 November</time>", `<span class="visually-hidden">WhatsApp</span>`,
	}, `rel="next"`)
	b.getPart("/conversations", "list").must(t, http.StatusOK, []string{"data-conversation"}, "<html", "<title")
	b.get("/customers").must(t, http.StatusOK, []string{"<title>My Customers · Clientele</title>", `id="unread" class="count">`})
	b.get("/conversations?q=bobby").must(t, http.StatusOK, []string{`value="bobby"`, ">Bobby Shaftoe<", `href="/conversations?closed=1&amp;q=bobby"`}, "2345678")
	b.get("/conversations?q=zz").must(t, http.StatusOK, []string{"<h2>No results</h2>"}, "data-conversation")
	f.next = "token"
	b.get("/conversations").must(t, http.StatusOK, []string{`rel="next" href="/conversations?after=token"`})
	f.threads = nil
	b.get("/conversations").must(t, http.StatusOK, []string{"<h2>No open conversations</h2>", "<title>Conversations", `id="unread" class="count" hidden`})
	b.get("/conversations?closed=1").must(t, http.StatusOK, []string{"<h2>No closed conversations</h2>"})
}

func TestConversations_Thread(t *testing.T) {
	f, _, log, h := newConversationsApp(t, func(o *app.Options) {
		o.Redraw = func(context.Context, []byte) ([]byte, string, error) { return nil, "", nil }
	})
	at := func(days int) time.Time { return noon.AddDate(0, 0, -days) }
	thread := f.threads[0]
	thread.Earlier, thread.Workers = "a+b", []string{"bob"}
	thread.Messages = []messaging.Shown{
		{SID: sidOf("IM", 1), By: messaging.ByProgram, Author: "Reminder", Body: "Soon", At: at(2)},
		{SID: sidOf("IM", 2), By: messaging.ByCustomer, Body: "<b> https://example.com/a?b=c&d. javascript:x", At: at(1),
			Media: []conversation.Media{{SID: sidOf("ME", 1), Filename: "a.png", ContentType: "image/png"}, {SID: sidOf("ME", 2), Filename: "b.svg", ContentType: "image/svg+xml", Bytes: 2000}}},
		{SID: sidOf("IM", 3), By: messaging.ByWorker, Author: "bob", Body: "Hi", At: at(0), Delivery: conversation.Read},
		{SID: sidOf("IM", 4), By: messaging.ByMe, Body: "Ho", At: at(0), Delivery: conversation.Delivered},
	}
	for i, code := range []int{63016, 21610, 63014, 30003, 0} {
		thread.Messages = append(thread.Messages, messaging.Shown{SID: sidOf("IM", 10+i), By: messaging.ByMe, Body: "x", At: noon, Delivery: conversation.Failed, Code: code})
	}
	thread.Pending = []messaging.Shown{{ClientID: "pending-pending-1", By: messaging.ByMe, Body: "Lost", At: noon, Unknown: true}}
	b := signedIn(t, h, "alice")
	log.take()
	b.get(withBobby).must(t, http.StatusOK, []string{
		"<title>Bobby Shaftoe · Clientele</title>", `<a class="with" href="/customers/1">`, `<h1 dir="auto">Bobby Shaftoe</h1>`, "SMS · <bdi>+1 555 704 0102</bdi>", "With bob",
		"<span>20 November</span>", "<span>Yesterday</span>", "<span>Today</span>", "Reminder (automatic)", `data-message="` + sidOf("IM", 2) + `"`,
		`&lt;b&gt; <a href="https://example.com/a?b=c&amp;d" target="_blank" rel="noopener noreferrer">https://example.com/a?b=c&amp;d</a>. javascript:x`,
		`<img src="` + withBobby + "/media/" + sidOf("IM", 2) + "/" + sidOf("ME", 1) + `" alt="a.png"`, `<a class="file" href="` + withBobby + "/media/" + sidOf("IM", 2) + "/" + sidOf("ME", 2) + `" download>`,
		">Read</span>", ">Delivered</span>", "Not delivered: the customer hadn’t written", "asked for no more messages", "blocked this number", "Not delivered (error 30003)", ">Not delivered</span>",
		"We don’t know whether this was sent", `value="pending-pending-1"`, "Check again", `rel="prev" href="` + withBobby + `?earlier=a%2Bb"`,
		`<label class="visually-hidden" for="body">`, `name="client_id"`, `<li data-conversation="` + sidOf("CH", 1) + `"><a class="row" href="` + withBobby + `" aria-current="true">`,
		"can’t be opened again",
	}, "Newest messages", "linked to a customer", "Templates")
	if got, want := log.take(), []string{`view by "alice" of "1", "Bobby Shaftoe" from 192.0.2.1`}; !slices.Equal(got, want) {
		t.Errorf("GET a conversation: audit %q, want %q", got, want)
	}
	b.getPart(withBobby, "thread").must(t, http.StatusOK, []string{`data-thread="`}, "<html", "data-conversation")
	b.get(withBobby+"?earlier=x").must(t, http.StatusOK, []string{"Newest messages"})

	f.threads[1].WindowClosed = true
	b.get(withUnknown).must(t, http.StatusOK, []string{"2 customers have this address.", `<div class="with">`, withUnknown + "/customer", "accepts only approved templates", "disabled required"}, `href="/customers/`)
	f.threads[1].Candidates, f.threads[1].Closed = 0, true
	b.get(withUnknown).must(t, http.StatusOK, []string{"This conversation isn’t linked to a customer.", "This conversation is closed."}, "<textarea", "Start a new one", "/transfer")
	f.threads[0].Closed = true
	b.get(withBobby).must(t, http.StatusOK, []string{`<a href="/customers/1">Start a new one</a>`}, "<textarea")
}

// Nobody sees or changes another's conversation, or one with an invalid SID.
func TestConversations_OthersAreNotFound(t *testing.T) {
	f, _, log, h := newConversationsApp(t, nil)
	f.files = map[string]string{sidOf("ME", 1): "text/plain a.txt"}
	for who, sid := range map[string]string{"bob": sidOf("CH", 1), "alice": "CH1"} {
		b := signedIn(t, h, who)
		log.take()
		for _, rt := range appRoutes {
			if !strings.Contains(rt.path, "{sid}") {
				continue
			}
			path := strings.NewReplacer("{sid}", sid, "{message}", sidOf("IM", 1), "{media}", sidOf("ME", 1)).Replace(rt.path)
			for method := range strings.FieldsSeq(rt.methods) {
				a := b.get(path)
				if method == http.MethodPost {
					a = b.post(path, "client_id", "0123456789abcdef", "body", "x", "customer", "2", "worker", "alice", "muted", "1")
				} else if who == "bob" && a.StatusCode == http.StatusSeeOther {
					continue // says nothing about the conversation
				}
				if a.StatusCode != http.StatusNotFound || contains(a.body, "Bobby") || contains(a.body, "data-conversation") {
					t.Errorf("%s %s by %s: status %d, want 404 and nothing of alice:\n%s", method, path, who, a.StatusCode, a.body)
				}
			}
		}
		if got := log.take(); got != nil || f.calls != nil {
			t.Errorf("requests by %s: audit %q, calls %q, want none", who, got, f.calls)
		}
	}
	signedIn(t, h, "alice").get(withBobby+"/media/"+sidOf("IM", 1)+"/ME1").must(t, http.StatusNotFound, nil)
}

func TestConversations_Send(t *testing.T) {
	f, _, _, h := newConversationsApp(t, nil)
	b := signedIn(t, h, "alice")
	const id = "0123456789abcdef"
	if a := b.post(withBobby+"/messages", "client_id", id, "body", "Hello!"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != withBobby || !slices.Equal(f.calls, []string{"send Hello! "}) {
		t.Errorf("POST a message: status %d to %q, calls %q", a.StatusCode, a.Header.Get("Location"), f.calls)
	}
	content := "HX" + strings.Repeat("0", 32)
	b.post(withBobby+"/messages", "client_id", id, "body", "Text", "content_sid", content, "variables", `{"1":"Bobby"}`)
	if got, want := f.calls[len(f.calls)-1], "send Text "+content+`{"1":"Bobby"}`; got != want {
		t.Errorf("POST a template: call %q, want %q", got, want)
	}
	b.post(withBobby+"/messages", "client_id", id, "body", "Lost", "discard", "1").must(t, http.StatusSeeOther, nil)
	if got, want := f.calls[len(f.calls)-1], "discard "+sidOf("CH", 1)+" "+id; got != want {
		t.Errorf("POST discard: call %q, want %q", got, want)
	}
	for _, test := range []struct {
		err    error
		status int
		says   string
		sameID bool
	}{
		{messaging.EmptyMessage, 422, "The message is empty", false},
		{messaging.LongMessage, 422, "up to 1,600 characters", false},
		{&conversation.RefusedError{Code: 50377, Message: "secret +1555"}, 409, "This conversation is closed", false},
		{&conversation.RefusedError{Code: 63016}, 409, "accepts only approved templates", false},
		{&conversation.RefusedError{Code: 20001}, 409, "<small>Error code 20001</small>", false},
		{&conversation.RefusedError{}, 409, "refused this", false},
		{fmt.Errorf("x: %w", conversation.ErrUnavailable), 502, "messaging service isn’t available", false},
		{conversation.ErrStore, 503, "busy or under maintenance", true},
		{errors.New("any"), 500, "Something went wrong", false},
	} {
		f.fail = test.err
		a := b.post(withBobby+"/messages", "client_id", id, "body", "<Draft>")
		a.must(t, test.status, []string{test.says, "&lt;Draft&gt;</textarea>", "data-posted"}, "secret")
		if got := contains(a.body, `name="client_id" value="`+id+`"`); got != test.sameID {
			t.Errorf("POST a message, %v: same client id %v, want %v", test.err, got, test.sameID)
		}
	}
}

func TestConversations_StartFromDetails(t *testing.T) {
	f, c, log, h := newConversationsApp(t, nil)
	b := signedIn(t, h, "alice")
	c.customers["alice"][0].Channels[2].Value = "whatsapp:+1 (555) 704-0103" // as people write it
	b.get("/customers/1").must(t, http.StatusOK, []string{
		`<form method="post" action="/conversations"><input type="hidden" name="customer" value="1"><input type="hidden" name="channel" value="whatsapp"><input type="hidden" name="value" value="+15557040103">`,
		`href="tel:+15557040102"`}, "wa.me", "sms:", "tel:5550199")
	log.take()
	if a := b.post("/conversations", "customer", "1", "channel", "whatsapp", "value", "+15557040103"); a.Header.Get("Location") != withBobby {
		t.Errorf("POST /conversations: status %d to %q, want the conversation", a.StatusCode, a.Header.Get("Location"))
	}
	if want := []string{"alice starts with 1 Bobby Shaftoe over whatsapp +15557040103"}; !slices.Equal(f.calls, want) {
		t.Errorf("POST /conversations: calls %q, want %q", f.calls, want)
	}
	if got, want := log.take(), `conversation-started by "alice" to "1": "conversation=`+sidOf("CH", 1)+`&channel=whatsapp" via app from 192.0.2.1`; !slices.Equal(got, []string{want}) {
		t.Errorf("POST /conversations: audit %q, want %q", got, want)
	}
	f.calls = nil
	b.post("/conversations", "customer", "1", "channel", "sms", "value", "+15559999999").must(t, http.StatusUnprocessableEntity, []string{"no complete phone number"})
	b.post("/conversations", "customer", "2", "channel", "sms", "value", "+15550000000").must(t, http.StatusNotFound, []string{"isn’t in your list"})
	b.post("/conversations").must(t, http.StatusNotFound, nil)
	if f.calls != nil {
		t.Errorf("POST /conversations for what is not the worker's: calls %q", f.calls)
	}
	for err, says := range map[error]string{
		&messaging.TakenError{Workers: []string{"bob"}}: "It is with bob.", &messaging.TakenError{}: "It is waiting for a worker.",
		&conversation.RefusedError{Code: 48031}: "Continue there", messaging.NoDestination: "no number to write from",
		conversation.ErrOutcomeUnknown: "Look at your conversations",
	} {
		f.fail = err
		a := b.post("/conversations", "customer", "1", "channel", "sms", "value", "+15557040102")
		a.must(t, a.StatusCode, []string{says})
	}
}

func TestConversations_LinkTransferCloseMute(t *testing.T) {
	f, _, log, h := newConversationsApp(t, func(o *app.Options) {
		o.CustomerID = func(worker, id string) string { return worker + "'s " + id }
	})
	b := signedIn(t, h, "alice")
	b.get(withUnknown+"/customer").must(t, http.StatusOK, []string{`<form class="card options" method="post" action="customer">`, `name="customer" value="1"`, "Bobby Shaftoe"}, "Bob&#39;s")
	b.get(withUnknown+"/customer?q=zz").must(t, http.StatusOK, []string{"No customers found."})
	b.get(withBobby+"/transfer").must(t, http.StatusOK, []string{`name="worker" value="bob"`}, `value="alice"`)
	log.take()
	b.post(withUnknown+"/customer", "customer", "2").must(t, http.StatusNotFound, nil)
	for path, to := range map[string]string{"/customer": withUnknown, "/transfer": "/conversations", "/close": withUnknown, "/mute": withUnknown} {
		if a := b.post(withUnknown+path, "customer", "1", "worker", "bob", "muted", "1"); a.Header.Get("Location") != to {
			t.Errorf("POST %s: status %d to %q, want to %q", path, a.StatusCode, a.Header.Get("Location"), to)
		}
	}
	slices.Sort(f.calls)
	if want := []string{"close", "link alice's 1 Bobby Shaftoe", "mute true", "transfer to bob"}; !slices.Equal(f.calls, want) {
		t.Errorf("calls %q, want %q", f.calls, want)
	}
	got := log.take()
	slices.Sort(got)
	sid := sidOf("CH", 2)
	if want := []string{`conversation-closed by "alice" to "` + sid + `": "" via app from 192.0.2.1`, `conversation-linked by "alice" to "alice's 1": "conversation=` + sid + `" via app from 192.0.2.1`,
		`conversation-transferred by "alice" to "` + sid + `": "to=bob" via app from 192.0.2.1`, `denied by "alice" to "2": "what=customer" via app from 192.0.2.1`}; !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	f.fail, f.calls = messaging.NoWorker, nil
	b.post(withUnknown+"/transfer", "worker", "gone").must(t, 422, []string{"can’t take the conversation"})
}

func TestConversations_Templates(t *testing.T) {
	var asked frontline.TemplatesRequest
	f, _, _, h := newConversationsApp(t, func(o *app.Options) {
		o.Templates = func(_ context.Context, r frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
			asked = r
			return []frontline.TemplateCategory{{DisplayName: "Openers", Templates: []frontline.Template{{Content: "Hi Bobby", ContentSID: "HX1", ContentVariables: `{"1":"B"}`, WhatsAppApproved: true}}},
				{DisplayName: "Replies", Templates: []frontline.Template{{Content: "Thanks"}}}}, nil
		}
	})
	b := signedIn(t, h, "alice")
	b.get(withBobby).must(t, http.StatusOK, []string{withBobby + "/templates"})
	b.get(withBobby+"/templates").must(t, http.StatusOK, []string{"Openers", "Hi Bobby", "Approved for WhatsApp", `href="` + withBobby + `/templates?t=1"`, "Thanks"}, `name="client_id" value`)
	if want := (frontline.TemplatesRequest{Worker: "alice", CustomerID: "1", ConversationSID: sidOf("CH", 1)}); asked != want {
		t.Errorf("Templates(%+v), want %+v", asked, want)
	}
	b.get(withBobby+"/templates?t=0").must(t, http.StatusOK, []string{`name="content_sid" value="HX1"`, `name="variables" value="{&#34;1&#34;:&#34;B&#34;}"`, `name="body" value="Hi Bobby"`, `name="client_id" value`}, "Thanks")
	f.threads[0].WindowClosed = true
	b.get(withBobby+"/templates?t=1").must(t, http.StatusOK, []string{"Not approved for WhatsApp"}, `name="client_id" value`)
}

func TestConversations_Media(t *testing.T) {
	f, _, _, h := newConversationsApp(t, func(o *app.Options) {
		o.Redraw = func(_ context.Context, data []byte) ([]byte, string, error) {
			if strings.Contains(string(data), "bad") {
				return nil, "", errors.New("no picture")
			}
			return []byte("redrawn"), "image/jpeg", nil
		}
	})
	f.files = map[string]string{sidOf("ME", 1): "image/png good.png", sidOf("ME", 2): "image/png bad.png", sidOf("ME", 3): "text/html <x>\".html", sidOf("ME", 4): "image/svg+xml a.svg"}
	b := signedIn(t, h, "alice")
	for n, want := range map[int]struct{ kind, disposition, body string }{
		1: {"image/jpeg", "inline", "redrawn"},
		2: {"application/octet-stream", "attachment; filename=bad.png", "image/png bad.png"},
		3: {"application/octet-stream", `attachment; filename="<x>\".html"`, "text/html <x>\".html"},
		4: {"application/octet-stream", "attachment; filename=a.svg", "image/svg+xml a.svg"},
	} {
		a := b.get(withBobby + "/media/" + sidOf("IM", 1) + "/" + sidOf("ME", n))
		if a.Header.Get("Content-Type") != want.kind || a.Header.Get("Content-Disposition") != want.disposition || a.body != want.body || a.Header.Get("X-Content-Type-Options") != "nosniff" || !contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("GET file %d: headers %v, body %q, want %+v", n, a.Header, a.body, want)
		}
	}
	b.get(withBobby+"/media/"+sidOf("IM", 1)+"/"+sidOf("ME", 9)).must(t, http.StatusNotFound, nil)
}

// With masking on, workers write without seeing the number, and no page has it.
func TestConversations_Masked(t *testing.T) {
	f, c, _, h := newConversationsApp(t, func(o *app.Options) {
		o.Masked = func() bool { return true }
		o.Channel = func(_ context.Context, worker, customer, handle string) (frontline.Channel, error) {
			if worker+customer+handle != "alice1h-sms" {
				return frontline.Channel{}, frontline.ErrNotFound
			}
			return frontline.Channel{Type: "sms", Value: "+15557040102"}, nil
		}
		o.Workers = func(context.Context) ([]string, error) { return []string{"+15557040102"}, nil }
	})
	c.meta.Masked = true
	c.customers["alice"][0].Channels = []frontline.Channel{{Type: "sms", Value: "+1555704XXXX", Handle: "h-sms"}}
	f.threads[0].Address, f.threads[1].Address = "+1555704XXXX", "+49151123XXXXX"
	f.files = map[string]string{sidOf("ME", 1): "text/plain +15557040102.txt"}
	b := signedIn(t, h, "alice")
	b.get("/customers/1").must(t, http.StatusOK, []string{`name="handle" value="h-sms"`, `<button class="action" data-action="message" data-handle="h-sms">`, "You can write without seeing the number.",
		`aria-disabled="true" aria-describedby="masked" data-action="call"`}, `name="value"`)
	b.post("/conversations", "customer", "1", "channel", "sms", "value", "+15557040102").must(t, 422, nil)
	b.post("/conversations", "customer", "1", "handle", "other").must(t, http.StatusNotFound, nil)
	if a := b.post("/conversations", "customer", "1", "handle", "h-sms"); a.Header.Get("Location") != withBobby || len(f.calls) != 1 {
		t.Errorf("POST /conversations with a handle: status %d to %q, calls %q", a.StatusCode, a.Header.Get("Location"), f.calls)
	}
	f.fail = &conversation.RefusedError{Code: 50416, Message: "+15557040102"}
	for _, a := range []response{
		b.get("/conversations"), b.get("/conversations?q=15557040102"), b.get("/conversations?closed=1&q=15557040102"), b.get(withBobby), b.get(withUnknown + "/customer?q=15557040102"), b.get(withBobby + "/transfer"),
		b.get(withBobby + "/templates"), b.get(withBobby + "/media/" + sidOf("IM", 1) + "/" + sidOf("ME", 1)), b.get("/conversations/15557040102"), newClient(t, h).get("/conversations?q=15557040102"),
		b.post(withBobby+"/messages", "client_id", "0123456789abcdef", "body", "x"), b.post("/conversations", "customer", "1", "handle", "h-sms"), b.post("/conversations", "customer", "15557040102"),
	} {
		a.body = strings.ReplaceAll(a.body, `name="worker" value="+15557040102"`, "") // a worker's identity
		if a.body = strings.TrimPrefix(a.body, "text/plain +15557040102.txt"); contains(a.call, "/customer?") {
			a.body = strings.ReplaceAll(a.body, `name="q" value="15557040102"`, "")
		}
		if found := leaks(a, "7040102", "0102"); found != nil {
			t.Errorf("%s: contains the number: %q", a.call, found)
		}
	}
	if a := newClient(t, h).get(withBobby); a.Header.Get("Location") != "/signin?next="+strings.ReplaceAll(withBobby, "/", "%2F") {
		t.Errorf("anonymous GET a conversation: Location %q", a.Header.Get("Location"))
	}
}

func TestConversations_Availability(t *testing.T) {
	f, _, _, h := newConversationsApp(t, nil)
	b := signedIn(t, h, "alice")
	for _, available := range []string{"1", "0"} {
		b.post("/account/available", "available", available)
		b.get("/account").must(t, http.StatusOK, []string{`name="available" value="` + available + `" checked`})
	}
	f.off = true
	b.get("/account").must(t, http.StatusOK, nil, "available")
	b.post("/account/available", "available", "1").must(t, http.StatusNotFound, nil)
}
