package app

import (
	"cmp"
	"crypto/rand"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// threadPane is a conversation.
type threadPane struct {
	partner
	Title string
	// Unlinked says that the customer is not known, "" when known.
	Unlinked string
	// Others says which other workers take part.
	Others  string
	Days    []messageDay
	Pending []shownMessage
	// Earlier and Newest are addresses of the pages before this and of the last, or "".
	Earlier, Newest string
	// Back is the address of the list.
	Back string
	// WindowClosed is set when only templates can be sent; HasTemplates when there may be
	// some.
	WindowClosed, HasTemplates bool
	// ClientID identifies the message of the form, Draft is its text, and Problem why it was
	// not sent.
	ClientID, Draft string
	Problem         *ui.Failure
	Limit           int
}

// messageDay holds the messages of one day.
type messageDay struct {
	Day      string
	Messages []shownMessage
}

// shownMessage is one message; Author is one line.
type shownMessage struct {
	messaging.Shown
	Parts []bodyPart
	Files []messageFile
	Time  template.HTML
	// State is how far the message came, and Failed reports that it did not arrive.
	State  string
	Failed bool
}

// bodyPart is a piece of a message: text, or a link.
type bodyPart struct{ Text, Href string }

// messageFile is a picture or another file in a message.
type messageFile struct {
	Href, Name string
	Picture    bool
}

func (a *app) showThread(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	if isPrefetch(r) {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusForbidden)
		return nil
	}
	return a.renderThread(w, r, v, sid, messaging.Draft{}, nil)
}

// renderThread renders a conversation. After a failure, draft is what was to be sent, and
// problem is why it was not.
func (a *app) renderThread(w http.ResponseWriter, r *http.Request, v *viewer, sid string, draft messaging.Draft, problem error) error {
	t, err := a.Conversations.Thread(r.Context(), v.Person.Identity, sid, r.URL.Query().Get("earlier"))
	switch {
	case err != nil && problem != nil && !errors.Is(err, conversation.ErrNotFound):
		t.SID, t.CustomerID, t.Name = sid, "", v.Locale.Text("conversation.region") // for the draft
	case err != nil:
		return a.renderConversationFailure(w, r, v, err)
	}
	if t.CustomerID != "" && r.Method != http.MethodHead {
		a.Audit.Viewed(v.Person.Identity, t.CustomerID, t.Name, web.ClientAddress(r, a.TrustedProxies))
	}
	if n := len(t.Messages); n > 0 && r.Method == http.MethodGet && !r.URL.Query().Has("earlier") {
		if err := a.Conversations.MarkRead(r.Context(), v.Person.Identity, sid, t.Messages[n-1].Index); err != nil {
			a.LogError(r, err)
		}
	}
	pane := a.threadPaneOf(v, t)
	if r.URL.Query().Has("earlier") {
		pane.Newest = threadHref(sid)
	}
	pane.Draft, pane.ClientID = draft.Body, newClientID()
	if problem != nil {
		pane.Problem = failureOf(problem, v.Locale, "")
		if errors.Is(problem, conversation.ErrStore) {
			pane.ClientID = draft.ClientID // it may have been sent
		}
	}
	return a.renderBeside(w, r, v, sid, conversationsPage{Thread: pane}, pane.Title, problem)
}

// renderConversationFailure renders a failure in place of a conversation.
func (a *app) renderConversationFailure(w http.ResponseWriter, r *http.Request, v *viewer, err error) error {
	f := failureOf(err, v.Locale, a.requestedURL(r))
	f.Heading = true
	if f.Status == http.StatusNotFound || r.Method == http.MethodPost {
		f.Href, f.Action = "/conversations", v.Locale.Text("conversation.title")
	}
	return a.renderBeside(w, r, v, "", conversationsPage{Failure: f}, f.Title, err)
}

func newClientID() string { return strings.ToLower(rand.Text()) }

func (a *app) threadPaneOf(v *viewer, t messaging.Thread) *threadPane {
	pane := &threadPane{
		partner: a.partnerOf(v, t.Summary), WindowClosed: t.WindowClosed, HasTemplates: a.Templates != nil,
		Back: a.conversationsHref(messaging.ListQuery{Closed: t.Closed}), Limit: conversation.MaxBody,
	}
	pane.Title = clip(pane.Name, 60)
	if t.CustomerID == "" && t.Channel != "" {
		pane.Unlinked = v.Locale.Text("conversation.unlinked")
		if t.Candidates > 0 {
			pane.Unlinked = v.Locale.Count("conversation.candidates", t.Candidates)
		}
	}
	if len(t.Workers) > 0 {
		pane.Others = v.Locale.Text("conversation.others", "names", lineOf(strings.Join(t.Workers, ", ")))
	}
	if t.Earlier != "" {
		pane.Earlier = threadHref(t.SID) + "?earlier=" + url.QueryEscape(t.Earlier)
	}
	for _, m := range t.Messages {
		day := a.dayText(v, m)
		if last := len(pane.Days) - 1; last < 0 || pane.Days[last].Day != day {
			pane.Days = append(pane.Days, messageDay{Day: day})
		}
		its := &pane.Days[len(pane.Days)-1]
		its.Messages = append(its.Messages, a.messageOf(v, t.SID, m))
	}
	for _, m := range t.Pending {
		pane.Pending = append(pane.Pending, a.messageOf(v, t.SID, m))
	}
	return pane
}

// dayText returns the day of a message in words.
func (a *app) dayText(v *viewer, m messaging.Shown) string {
	at, now := m.At.In(v.Zone), v.Now.In(v.Zone)
	switch day := v.Locale.Date(at, now); day {
	case v.Locale.Date(now, now):
		return v.Locale.Text("conversation.today")
	case v.Locale.Date(now.AddDate(0, 0, -1), now):
		return v.Locale.Text("conversation.yesterday")
	default:
		return day
	}
}

func (a *app) messageOf(v *viewer, sid string, m messaging.Shown) shownMessage {
	loc := v.Locale
	shown := shownMessage{Shown: m, Parts: linked(lines(m.Body)), Time: timeElement(v, m.At, "clock")}
	shown.Author = lineOf(m.Author)
	for _, f := range m.Media {
		picture := a.Redraw != nil && pictureTypes.MatchString(f.ContentType)
		name := cmp.Or(lineOf(f.Filename), loc.Text("conversation.file"))
		shown.Files = append(shown.Files, messageFile{threadHref(sid) + "/media/" + m.SID + "/" + f.SID, name, picture})
	}
	switch m.Delivery {
	case conversation.DeliveryUnknown:
	case conversation.Undelivered, conversation.Failed:
		shown.Failed, shown.State = true, loc.Text("conversation.failed")
		if reason := "conversation.failed." + strconv.Itoa(m.Code); loc.Has(reason) {
			shown.State = loc.Text(reason)
		} else if m.Code != 0 {
			shown.State = loc.Text("conversation.failed.code", "code", m.Code)
		}
	default:
		shown.State = loc.Text("conversation.state." + string(m.Delivery))
	}
	if m.Unknown {
		shown.State = loc.Text("conversation.state.unknown")
	}
	return shown
}

var (
	// pictureTypes match the content types of pictures that can be redrawn.
	pictureTypes = regexp.MustCompile(`^image/(jpeg|png|gif|webp)$`)
	// linkPattern matches links in messages, without punctuation that ends a sentence.
	linkPattern = regexp.MustCompile(`https://[^\s<>"]*[^\s<>".,:;!?'()\[\]{}]`)
)

// linked divides the text of a message into links and what is between them.
func linked(body string) (parts []bodyPart) {
	at := 0
	for _, m := range linkPattern.FindAllStringIndex(body, -1) {
		u, err := url.Parse(body[m[0]:m[1]])
		if err != nil || u.Hostname() == "" || u.User != nil {
			continue
		}
		parts = append(parts, bodyPart{Text: body[at:m[0]]}, bodyPart{Text: body[m[0]:m[1]], Href: u.String()})
		at = m[1]
	}
	return append(parts, bodyPart{Text: body[at:]})
}
