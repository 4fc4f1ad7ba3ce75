package rest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/conversation"
)

func TestObject_Message(t *testing.T) {
	at := time.Date(2026, 3, 24, 20, 37, 57, 0, time.UTC)
	for in, want := range map[string]conversation.Message{
		`{"sid":"IM1","index":5,"author":"alice","participant_sid":"MB1","body":"Hi","attributes":"{}","date_created":"2026-03-24T20:37:57Z",
			"delivery":{"total":1,"sent":"all","delivered":"some","read":"none","failed":"none","undelivered":"none"},"content_sid":"HX1","new":[1]}`: {
			SID: "IM1", Index: 5, Author: "alice", ParticipantSID: "MB1", Body: "Hi", Attributes: "{}", Created: at, Delivery: conversation.Delivered,
		},
		`{"sid":"IM1","index":"5","author":7,"body":null,"attributes":{"a":1},"date_created":"yesterday","delivery":"all",
			"media":[{"sid":"ME1","filename":null,"content_type":"image/png","size":"12"}]}`: {
			SID: "IM1", Index: 5, Author: "7", Attributes: `{"a":1}`, Media: []conversation.Media{{SID: "ME1", ContentType: "image/png", Bytes: 12}},
		},
		`{"sid":null,"media":{},"delivery":{"total":1,"sent":"none"},"author":"whatsapp:+1555"}`: {Delivery: conversation.Sending, Author: "+1555"},
	} {
		o, err := decode(strings.NewReader(in))
		if diff := cmp.Diff(want, o.message()); err != nil || diff != "" {
			t.Errorf("decode(%s) = %v, differs:\n%s", in, err, diff)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"messages":[{"index":"1","media":[null],"delivery":{}}],"meta":{"next_page_url":"https://a/?PageToken=1"}}`))
	f.Add([]byte(`{"messages":[{"messaging_binding":{"address":"whatsapp:"},"last_read_message_index":null}],"meta":{"next_page_url":"%"}}`))
	f.Add([]byte(`{"messages":{"friendly_name":[1e999]},"meta":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, _ := decode(bytes.NewReader(b))
		for _, row := range append(o.objects("messages"), o) {
			row.message()
			row.participant()
			row.conversation("")
			row.nextPage()
		}
	})
}
