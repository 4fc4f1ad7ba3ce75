package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/rest"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/server"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/text"
)

// The demo's messaging service is invented: nothing leaves this machine.
const (
	demoAccount = "AC00000000000000000000000000000000"
	demoService = "IS00000000000000000000000000000000"
	demoProxy   = "+15557040100"
	// demoAuthor says in each conversation that it is invented.
	demoAuthor = "Demo"
	demoNotice = "This conversation is invented. Nothing that you write leaves this machine."
	// demoStep is the time from sent to delivered, and from delivered to read.
	demoStep = 1500 * time.Millisecond
)

// demoMessaging is the demo's messaging service, with its conversations.
type demoMessaging struct {
	api    *fakeapi.API
	config server.ConversationsConfig
}

func newDemoMessaging(customers []customer.Customer, now time.Time) demoMessaging {
	fixed := settings.Conversations{AccountSID: demoAccount, AuthToken: rand.Text(), ServiceSID: demoService}
	fixed.SMS.Default, fixed.WhatsApp.Default = demoProxy, demoProxy
	api := fakeapi.New(fakeapi.Options{
		AccountSID: fixed.AccountSID, AuthToken: fixed.AuthToken, ServiceSID: fixed.ServiceSID,
		ProxyAddresses: []string{demoProxy, "whatsapp:" + demoProxy}, StepEvery: demoStep,
		Answer: "Thank you! (An invented answer.)",
	})
	byName := make(map[string]customer.Customer)
	for _, c := range customers {
		byName[c.Name] = c
	}
	for _, d := range demoDialogs {
		api.Seed(d.seed(byName[d.customer], now))
	}
	return demoMessaging{api, server.ConversationsConfig{Fixed: fixed, Transport: api}}
}

// connect tells the messaging service where the program listens, as Set up in the console
// does.
func (d demoMessaging) connect(ctx context.Context, root string) error {
	client := rest.New(rest.Options{AccountSID: d.config.Fixed.AccountSID, AuthToken: d.config.Fixed.AuthToken, ServiceSID: demoService, Transport: d.api})
	url := strings.TrimSuffix(root, "/") + server.ConversationsPath
	return client.SetWebhooks(ctx, rest.Webhooks{ServiceSID: demoService, PreURL: url, PostURL: url, Method: "POST", Filters: []string{
		frontline.EventConversationAdd, frontline.EventConversationAdded, frontline.EventConversationRemoved, frontline.EventConversationStateUpdated,
		frontline.EventParticipantAdded, frontline.EventParticipantRemoved,
		frontline.EventMessageAdded, frontline.EventMessageUpdated, frontline.EventMessageRemoved, frontline.EventDeliveryUpdated,
	}})
}

// demoDialog is a conversation of the demo.
type demoDialog struct {
	worker string
	// customer is the name of a sample customer; address is that of an unknown person.
	customer, address string
	channel           string
	ago               time.Duration // of the last message
	unread            int
	closed            bool
	lines             []demoLine
}

// demoLine is a message: the customer's, unless mine is set.
type demoLine struct {
	mine bool
	text string
	// status is how far a message of mine came, read when "".
	status string
	code   int
	photo  bool
}

func mine(text string) demoLine   { return demoLine{mine: true, text: text} }
func theirs(text string) demoLine { return demoLine{text: text} }

var demoDialogs = []demoDialog{
	{worker: sample.Alice, customer: "Aisha Tanaka", channel: conversation.WhatsApp, ago: 4 * time.Minute, unread: 2, lines: []demoLine{
		theirs("Hello! Did our order leave the warehouse?"), mine("Hello, Aisha. It left an hour ago: https://example.com/track/20418"),
		theirs("Wonderful, thank you."), theirs("Could you add two boxes of the blue ones next time?")}},
	{worker: sample.Alice, customer: "Carlos Fischer", channel: conversation.SMS, ago: 52 * time.Minute, lines: []demoLine{
		mine("Hello Mr. Fischer, does Thursday at ten suit you?"), theirs("Ten is fine. Please bring the samples."),
		{mine: true, text: "I will. See you on Thursday!", status: "delivered"}}},
	{worker: sample.Alice, customer: "ليلى منصور", channel: conversation.WhatsApp, ago: 3 * time.Hour, unread: 1, lines: []demoLine{
		mine("أهلاً ليلى، هل وصلت الكتب؟"), theirs("نعم، وصلت صباح اليوم. شكراً جزيلاً!"), {photo: true}}},
	{worker: sample.Alice, address: "+15557040177", channel: conversation.SMS, ago: 5 * time.Hour, unread: 1, lines: []demoLine{
		theirs("Hi, a friend gave me your number. Do you deliver on Saturdays?")}},
	{worker: sample.Alice, customer: "Chloé Dubois-Lafontaine de la Cruz y Santa Coloma de Montecristo", channel: conversation.SMS, ago: 26 * time.Hour, lines: []demoLine{
		theirs("Can you send me the new price list?"), mine("Of course, you will have it tonight."),
		{mine: true, text: "Here it is: https://example.com/prices", status: "undelivered", code: conversation.CodeOptedOut}}},
	{worker: sample.Alice, customer: "Çelik Şahin", channel: conversation.WhatsApp, ago: 3 * 24 * time.Hour, lines: []demoLine{
		theirs("The lamp in room 4 flickers."), mine("I will ask the technician to come tomorrow.")}},
	{worker: sample.Alice, customer: "Björn Kowalski", channel: conversation.SMS, ago: 9 * 24 * time.Hour, closed: true, lines: []demoLine{
		theirs("All good now, thanks for the quick help."), mine("You are welcome!")}},
	{worker: sample.Bob, address: "+15557040188", channel: conversation.SMS, ago: 15 * time.Minute, unread: 1, lines: []demoLine{
		theirs("Is the shop open on Monday?")}},
	{worker: sample.Carol, address: "+15557040199", channel: conversation.WhatsApp, ago: 2 * time.Hour, lines: []demoLine{
		theirs("I found your flyer. What does the small one cost?"), mine("It is 49 in blue and 55 in green.")}},
}

// seed returns the conversation as the messaging service has it.
func (d demoDialog) seed(c customer.Customer, now time.Time) fakeapi.SeedConversation {
	s := fakeapi.SeedConversation{Workers: []string{d.worker}, Channel: d.channel, Address: d.address, ProxyAddress: demoProxy, Name: c.Name,
		Unread: d.unread, Closed: d.closed}
	for _, ch := range c.Channels {
		if ch.Type == d.channel {
			s.Address = strings.TrimPrefix(ch.Value, text.WhatsAppPrefix)
			break
		}
	}
	if c.ID != "" {
		attributes, _ := json.Marshal(map[string]string{"customer_id": c.ID, "display_name": c.Name, "avatar": c.Avatar}) // strings
		s.Attributes = string(attributes)
	}
	at := now.Add(-d.ago - time.Duration(len(d.lines))*4*time.Minute)
	s.Messages = append(s.Messages, fakeapi.SeedMessage{Author: demoAuthor, Body: demoNotice, At: at})
	for _, l := range d.lines {
		at = at.Add(4 * time.Minute)
		m := fakeapi.SeedMessage{Body: l.text, At: at}
		if l.mine {
			m.Author, m.Status, m.Code = d.worker, "read", l.code
			if l.status != "" {
				m.Status = l.status
			}
		}
		if l.photo {
			m.Files = []fakeapi.Media{{Filename: "shelf.png", ContentType: "image/png", Content: demoPhoto()}}
		}
		s.Messages = append(s.Messages, m)
	}
	return s
}

// demoPhoto returns a picture: books on a shelf.
func demoPhoto() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 480, 320))
	colors := []color.RGBA{{15, 118, 110, 255}, {180, 83, 9, 255}, {29, 78, 216, 255}, {190, 24, 93, 255}, {77, 124, 15, 255}}
	for y := range 320 {
		for x := range 480 {
			c := color.RGBA{245, 240, 230, 255}
			volume := x / 32
			switch top := 60 + volume*37%70; {
			case y >= 270:
				c = color.RGBA{120, 84, 50, 255}
			case y >= top && x%32 > 2:
				c = colors[volume*3%len(colors)]
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // into memory
	return b.Bytes()
}

// demoTemplates are the templates of the demo.
var demoTemplates = settings.Templates{Categories: []settings.TemplateCategory{
	{Name: "Greetings", Templates: []settings.Template{
		{Text: "Hello {{customer first name}}, this is {{worker}}. How can I help you?"},
		{Text: "Hello {{customer}}, do you have a minute for a short call today?", WhatsAppApproved: true,
			ContentSID: "HX00000000000000000000000000000001", Variables: map[string]string{"1": "{{customer}}"}}}},
	{Name: "Appointments", Templates: []settings.Template{
		{Text: "Dear {{customer}}, our appointment is tomorrow at ten. Please tell me if it does not suit you."}}},
}}
