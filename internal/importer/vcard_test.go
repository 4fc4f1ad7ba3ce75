package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_RejectsACardOfVeryManyProperties(t *testing.T) {
	store := newStore(t)
	card := "BEGIN:VCARD\nFN:Anna\n" + strings.Repeat("TEL:1\n", 60_000) + "END:VCARD\n"
	report, err := importer.Run(t.Context(), strings.NewReader(card+"BEGIN:VCARD\nFN:Bert\nEND:VCARD\n"), store, importer.Options{Worker: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	want := []importer.Problem{{Line: 1, Outcome: importer.Rejected, Reason: "the card has more than 50000 properties"}}
	if diff := cmp.Diff(want, report.Problems); diff != "" || report.Created != 1 {
		t.Errorf("Import() creates %d and has problems (-want +got):\n%s", report.Created, diff)
	}
}

func TestImport_ReadsCardsOfAllVersions(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  customer.Customer
	}{
		{"version 4.0", []string{"VERSION:4.0", "UID:urn:uuid:1", "FN:太郎 Şahin", "N:Şahin;太郎;;;", "ORG:Stark;Sales", "TITLE:CEO", "TEL;TYPE=cell;VALUE=uri:tel:+1-555-593-0101;ext=5", "EMAIL:t@example.com",
			"URL:https://example.com/a", "PHOTO:https://example.com/a.png", "NOTE:one\\ntwo\\, three\\; \\\\"},
			customer.Customer{ID: "urn:uuid:1", Name: "太郎 Şahin", Company: "Stark", JobTitle: "CEO", Channels: []customer.Channel{sms("+15555930101;ext=5"), email("t@example.com")},
				Links: []customer.Link{{Type: "Website", Value: "https://example.com/a", DisplayName: "Website"}}, Avatar: "https://example.com/a.png", Details: customer.Detail{Content: "one\ntwo, three; \\"}}},
		{"version 3.0 as Apple writes it", []string{"VERSION:3.0", "N:Lee;Anna;Maria;;", "item1.TEL;type=pref:+1 555 704 0102", "item1.X-ABLabel:Mobile",
			"item2.EMAIL;type=INTERNET;type=WORK:a@example.com", "item3.URL:https://linkedin.com/in/a", "item3.X-ABLabel:_$!<HomePage>!$_", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", " SkZJRg=="},
			customer.Customer{Name: "Anna Maria Lee", Channels: []customer.Channel{sms("+15557040102"), email("a@example.com")},
				Links: []customer.Link{{Type: "Website", Value: "https://linkedin.com/in/a", DisplayName: "HomePage"}}}},
		{"version 2.1 as old phones write it", []string{"VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BC=", "rgen;;;", "TEL;CELL;VOICE:+49 1512 3456789", "TEL;WORK;FAX:+49 30 999999"},
			customer.Customer{Name: "Jürgen Müller", Channels: []customer.Channel{sms("+4915123456789")}}},
		{"version 2.1 in Latin 1", []string{"VERSION:2.1", "FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=FCrgen", "NOTE;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab"},
			customer.Customer{Name: "Jürgen", Details: customer.Detail{Content: "a\nb"}}},
		{"folded lines", []string{"FN:Anna", "  Lee", "NOTE:a long", "\t note"}, customer.Customer{Name: "Anna Lee", Details: customer.Detail{Content: "a long note"}}},
		{"parameters with marks", []string{`FN;X-A="a:b;c":Anna Lee`, `TEL;TYPE="cell,voice":+15557040102`}, customer.Customer{Name: "Anna Lee", Channels: []customer.Channel{sms("+15557040102")}}},
		{"a company", []string{"FN:", "N:;;;;", "ORG:Acme\\, Inc."}, customer.Customer{Name: "Acme, Inc.", Company: "Acme, Inc."}},
		{"a nickname only", []string{"NICKNAME:Annie"}, customer.Customer{Name: "Annie"}},
		{"WhatsApp", []string{"FN:Anna", "IMPP;X-SERVICE-TYPE=WhatsApp:x-apple:+15557040102", "X-WHATSAPP:+15557040103", "IMPP:xmpp:a@example.com"},
			customer.Customer{Name: "Anna", Channels: []customer.Channel{whatsapp("+15557040102"), whatsapp("+15557040103")}}},
		{"a social profile", []string{"FN:Anna", "X-SOCIALPROFILE;type=linkedin:https://linkedin.com/in/a"},
			customer.Customer{Name: "Anna", Links: []customer.Link{{Type: "LinkedIn", Value: "https://linkedin.com/in/a", DisplayName: "LinkedIn"}}}},
		{"several notes", []string{"FN:Anna", "NOTE:one", "NOTE:two"}, customer.Customer{Name: "Anna", Details: customer.Detail{Content: "one\n\ntwo"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, end := range []string{"\n", "\r\n"} {
				text := "BEGIN:VCARD" + end + strings.Join(c.lines, end) + end + "END:VCARD" + end
				list, report := imported(t, text, importer.Options{})
				if len(list) != 1 {
					t.Fatalf("report = %s", show(report))
				}
				want, got := c.want, list[0]
				want.Workers = []string{"bob"}
				if want.ID == "" {
					got.ID = ""
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("customers (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestImport_RejectsABrokenCardAlone(t *testing.T) {
	text := "BEGIN:VCARD\nFN:Anna\nEND:VCARD\n\nstray\nlines\nBEGIN:VCARD\nTITLE:CEO\nEND:VCARD\nBEGIN:VCARD\nFN:Bert\nbegin:vcard\nFN:Carl\nend:vcard\nBEGIN:VCARD\nFN:Dora\n"
	store := newStore(t)
	report := run(t, store, text, importer.Options{Worker: "bob"})
	want := []importer.Problem{
		{Line: 5, Outcome: importer.Rejected, Reason: "text outside a card"},
		{Line: 7, Outcome: importer.Rejected, Reason: "no name"},
		{Line: 10, Outcome: importer.Rejected, Reason: "the card has no END:VCARD"},
		{Line: 15, Outcome: importer.Rejected, Reason: "the card has no END:VCARD"},
	}
	if diff := cmp.Diff(want, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Anna", "Carl"}, names(t, store)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestImport_LeavesWhatACardDoesNotHave(t *testing.T) {
	store := newStore(t)
	run(t, store, "BEGIN:VCARD\nUID:1\nFN:Anna\nTEL:+15557040102\nNOTE:VIP\nEND:VCARD\n", importer.Options{Worker: "bob"})
	run(t, store, "BEGIN:VCARD\nUID:1\nFN:Anna Lee\nEMAIL:a@example.com\nEND:VCARD\n", importer.Options{Worker: "bob"})
	want := customer.Customer{ID: "1", Name: "Anna Lee", Channels: []customer.Channel{sms("+15557040102"), email("a@example.com")}, Details: customer.Detail{Content: "VIP"}, Workers: []string{"bob"}}
	if diff := cmp.Diff([]customer.Customer{want}, all(t, store)); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
}
