package cli

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
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

// demoConversations returns a messaging service with conversations, which posts its webhooks
// to the program at root.
func demoConversations(customers []customer.Customer, root string) server.ConversationsConfig {
	fixed := settings.Conversations{AccountSID: demoAccount, AuthToken: rand.Text(), ServiceSID: demoService}
	fixed.SMS.Default, fixed.WhatsApp.Default = demoProxy, demoProxy
	api := fakeapi.New(fakeapi.Options{
		AccountSID: demoAccount, AuthToken: fixed.AuthToken, ServiceSID: demoService,
		ProxyAddresses: []string{demoProxy, text.WhatsAppPrefix + demoProxy}, StepEvery: demoStep,
		Answer: "Thank you! (An invented answer.)", WebhookURL: strings.TrimSuffix(root, "/") + server.ConversationsPath,
	})
	byName := make(map[string]customer.Customer)
	for _, c := range customers {
		byName[c.Name] = c
	}
	for _, d := range demoDialogs {
		api.Seed(d.seed(byName[d.customer]))
	}
	return server.ConversationsConfig{Fixed: fixed, Transport: api}
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
	// lines are the messages. Those of the worker begin with how far they came, read when
	// nothing, and ">". A customer's empty one is a photo.
	lines []string
}

var demoDialogs = []demoDialog{
	{worker: sample.Alice, customer: "Aisha Tanaka", channel: conversation.WhatsApp, ago: 4 * time.Minute, unread: 2, lines: []string{
		"Hello! Did our order leave the warehouse?", "> Hello, Aisha. It left an hour ago: https://example.com/track/20418",
		"Wonderful, thank you.", "Could you add two boxes of the blue ones next time?"}},
	{worker: sample.Alice, customer: "Carlos Fischer", channel: conversation.SMS, ago: 52 * time.Minute, lines: []string{
		"> Hello Mr. Fischer, does Thursday at ten suit you?", "Ten is fine. Please bring the samples.", "delivered> I will. See you on Thursday!"}},
	{worker: sample.Alice, customer: "ليلى منصور", channel: conversation.WhatsApp, ago: 3 * time.Hour, unread: 1, lines: []string{
		"> أهلاً ليلى، هل وصلت الكتب؟", "نعم، وصلت صباح اليوم. شكراً جزيلاً!", ""}},
	{worker: sample.Alice, address: "+15557040177", channel: conversation.SMS, ago: 5 * time.Hour, unread: 1, lines: []string{
		"Hi, a friend gave me your number. Do you deliver on Saturdays?"}},
	{worker: sample.Alice, customer: "Chloé Dubois-Lafontaine de la Cruz y Santa Coloma de Montecristo", channel: conversation.SMS, ago: 26 * time.Hour, lines: []string{
		"Can you send me the new price list?", "> Of course, you will have it tonight.", "undelivered> Here it is: https://example.com/prices"}},
	{worker: sample.Alice, customer: "Çelik Şahin", channel: conversation.WhatsApp, ago: 3 * 24 * time.Hour, lines: []string{
		"The lamp in room 4 flickers.", "> I will ask the technician to come tomorrow."}},
	{worker: sample.Alice, customer: "Björn Kowalski", channel: conversation.SMS, ago: 9 * 24 * time.Hour, closed: true, lines: []string{
		"All good now, thanks for the quick help.", "> You are welcome!"}},
	{worker: sample.Bob, address: "+15557040188", channel: conversation.SMS, ago: 15 * time.Minute, unread: 1, lines: []string{
		"Is the shop open on Monday?"}},
	{worker: sample.Carol, address: "+15557040199", channel: conversation.WhatsApp, ago: 2 * time.Hour, lines: []string{
		"I found your flyer. What does the small one cost?", "> It is 49 in blue and 55 in green."}},
}

// seed returns the conversation as the messaging service has it.
func (d demoDialog) seed(c customer.Customer) fakeapi.SeedConversation {
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
	at := time.Now().Add(-d.ago - time.Duration(len(d.lines))*4*time.Minute)
	s.Messages = append(s.Messages, fakeapi.SeedMessage{Author: demoAuthor, Body: demoNotice, At: at})
	for _, line := range d.lines {
		at = at.Add(4 * time.Minute)
		m := fakeapi.SeedMessage{Body: line, At: at}
		if status, body, mine := strings.Cut(line, "> "); mine {
			m.Author, m.Body, m.Status = d.worker, body, cmp.Or(status, "read")
		}
		if m.Status == "undelivered" {
			m.Code = conversation.CodeOptedOut
		}
		if line == "" {
			m.Files = []fakeapi.Media{{Filename: "shelf.png", ContentType: "image/png", Content: demoPhoto()}}
		}
		s.Messages = append(s.Messages, m)
	}
	return s
}

// demoPhoto returns a picture: books on a shelf.
func demoPhoto() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 480, 320))
	fill := func(r image.Rectangle, c color.RGBA) { draw.Draw(img, r, &image.Uniform{c}, image.Point{}, draw.Src) }
	fill(img.Bounds(), color.RGBA{245, 240, 230, 255})
	fill(image.Rect(0, 270, 480, 320), color.RGBA{120, 84, 50, 255})
	colors := []color.RGBA{{15, 118, 110, 255}, {180, 83, 9, 255}, {29, 78, 216, 255}, {190, 24, 93, 255}, {77, 124, 15, 255}}
	for i := range 15 {
		fill(image.Rect(i*32+3, 60+i*37%70, i*32+32, 270), colors[i*3%len(colors)])
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
