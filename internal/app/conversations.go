package app

import (
	"context"
	"html/template"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// Conversations is what workers do with conversations. *messaging.Service implements it,
// and its documentation is the contract.
type Conversations interface {
	On() bool
	List(ctx context.Context, worker string, q messaging.ListQuery) (rows []messaging.Summary, next string, err error)
	Thread(ctx context.Context, worker, sid, earlier string) (messaging.Thread, error)
	MarkRead(ctx context.Context, worker, sid string, index int) error
	Unread(ctx context.Context, worker string) (int, error)
	Send(ctx context.Context, worker string, d messaging.Draft) (conversation.Outgoing, error)
	Discard(ctx context.Context, worker, sid, clientID string) error
	Start(ctx context.Context, worker string, c messaging.Customer, ch messaging.Channel) (sid string, created bool, err error)
	Link(ctx context.Context, worker, sid string, c messaging.Customer) error
	Transfer(ctx context.Context, worker, sid, to string) error
	Finish(ctx context.Context, worker, sid string) error
	Mute(ctx context.Context, worker, sid string, muted bool) error
	Media(ctx context.Context, worker, sid, messageSID, mediaSID string) (conversation.MediaContent, error)
}

// ConversationOptions configures conversations.
type ConversationOptions struct {
	// Conversations may be nil or off. Then nothing of conversations is shown, and channel
	// actions open the phone's own apps.
	Conversations Conversations
	// Channel returns the channel of a customer that a handle stands for, while numbers are
	// masked, if the customer is the worker's. CustomerID returns the service's id of a
	// customer whom a worker knows by this one; nil: the same.
	Channel    func(ctx context.Context, worker, customerID, handle string) (frontline.Channel, error)
	CustomerID func(worker, id string) string
	// Templates returns what a worker can write to a customer, with the names filled in.
	// Nil: there are no templates.
	Templates func(ctx context.Context, req frontline.TemplatesRequest) ([]frontline.TemplateCategory, error)
	// Workers returns the identities of those who can take conversations.
	Workers func(ctx context.Context) ([]string, error)
	// Redraw draws a picture again, so that no original byte is served. Nil, or an error:
	// the picture is a file to download.
	Redraw func(ctx context.Context, picture []byte) (redrawn []byte, contentType string, err error)
}

func (a *app) conversationsOn() bool { return a.Conversations != nil && a.Conversations.On() }

// news returns the version of the news for a person, "" when conversations are off.
func (a *app) news(identity string) string {
	if !a.conversationsOn() {
		return ""
	}
	version, _ := a.Notifier.News(text.IdentityKey(identity))
	return strconv.FormatInt(version, 36)
}

// unread returns how many conversations of the viewer have unread messages.
func (a *app) unread(r *http.Request, v *viewer) int {
	n, err := a.Conversations.Unread(r.Context(), v.Person.Identity)
	if err != nil && !auth.ClientGone(r, err) {
		a.LogError(r, err)
	}
	return n
}

// base returns the base of a page with tabs.
func (a *app) base(r *http.Request, v *viewer, title, tab string) ui.Base {
	base := v.Base(title, tab)
	if base.News != "" {
		base.Unread = a.unread(r, v)
	}
	return base
}

var (
	conversationSID = regexp.MustCompile(`^CH[0-9a-fA-F]{32}$`)
	// sidInPath matches an identifier in a URL path, whose digits are not a phone number.
	sidInPath = regexp.MustCompile(`/(?:CH|IM|ME)[0-9a-fA-F]{32}\b`)
)

// ofConversation returns the action for a route of conversations; sid is "" for a route
// without {sid}.
func (a *app) ofConversation(act func(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error) auth.Action {
	return func(w http.ResponseWriter, r *http.Request, v *viewer) error {
		switch sid := r.PathValue("sid"); {
		case !a.conversationsOn():
			return auth.ErrNoPage
		case sid != "" && !conversationSID.MatchString(sid):
			return conversation.ErrNotFound
		default:
			return act(w, r, v, sid)
		}
	}
}

func threadHref(sid string) string { return "/conversations/" + sid }

// redirectToThread redirects to the conversation: after a form is processed, and when the
// form's URL is requested with GET.
func redirectToThread(w http.ResponseWriter, r *http.Request, _ *viewer, sid string) error {
	http.Redirect(w, r, threadHref(sid), http.StatusSeeOther)
	return nil
}

// partner is who a conversation is with. Name, Address, Avatar and Channel are as pages show
// them: the name or the address, the address unless that is the name, and so on.
type partner struct {
	messaging.Summary
	Initials string
	Tint     int
	// Href leads to Customer Details, "" when the customer is unknown.
	Href string
	// Icon is of the channel.
	Icon string
}

func (a *app) partnerOf(v *viewer, s messaging.Summary) partner {
	p := partner{Summary: s, Icon: "message", Tint: ui.Tint(s.CustomerID + s.Address)}
	if s.Channel == conversation.WhatsApp {
		p.Icon = "whatsapp"
	}
	if s.CustomerID != "" {
		p.Href, p.Tint = customerHref(s.CustomerID, nil), ui.Tint(s.CustomerID)
	}
	p.Name, p.Address = text.Visible(s.Name), text.FormatPhone(text.Visible(s.Address))
	p.Avatar, p.Channel = a.avatarPath(v, s.Avatar), labelOf(s.Channel, v.Locale)
	p.Initials = initials(p.Name, a.Masked())
	if p.Name == "" {
		p.Name, p.Address, p.Initials = text.DisplayName(p.Address, v.Locale.Text("list.unnamed")), "", ""
	}
	p.Name = clip(p.Name, maxRowNameRunes)
	return p
}

// visibleName returns a name as one line, as the worker may see it.
func (a *app) visibleName(name string) string {
	if a.Masked() {
		name = text.MaskName(name)
	}
	return lineOf(name)
}

// timeElement returns t as TimeHTML does, in a form that a script also writes: "clock" or
// "day".
func timeElement(v *viewer, t time.Time, form string) template.HTML {
	t = t.In(v.Zone)
	shown, local := v.Locale.Clock(t), ""
	if form == "day" && v.Locale.Date(t, v.Now) != v.Locale.Date(v.Now.In(v.Zone), v.Now) {
		shown = v.Locale.Date(t, v.Now)
	}
	if !v.ZoneChosen {
		local = ` data-local="` + form + `"`
	}
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `"` + local + `>` + template.HTMLEscapeString(shown) + `</time>`)
}

// lineOf returns a text as one line.
func lineOf(s string) string { return strings.TrimSpace(clip(text.Visible(s), maxRowNameRunes)) }
