package importer_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// contact is what a card says about a customer, without what the cards of this test do
// not have.
type contact struct {
	Name, Company, Notes string
	Addresses            []string
}

func contactsOf(list []customer.Customer) []contact {
	var found []contact
	for _, c := range list {
		one := contact{Name: c.Name, Company: c.Company, Notes: c.Details.Content}
		for _, ch := range c.Channels {
			one.Addresses = append(one.Addresses, ch.Value)
		}
		found = append(found, one)
	}
	return found
}

func TestImport_ReadsTheSharedCards(t *testing.T) {
	for file, want := range map[string][]contact{
		"concat-noeol.vcf": {
			{Name: "Ann", Addresses: []string{"+15557040101"}}, {Name: "Bob", Addresses: []string{"+15557040102"}},
			{Name: "Cid", Addresses: []string{"+15557040103"}},
		},
		"fold-mid-utf8-name.vcf": {{Name: "Γιώργος Παπαδόπουλος", Addresses: []string{"+302105550101"}}},
		"qp-android.vcf": {
			{Name: "Коммерческий Авто", Addresses: []string{"+79995550101"}}, {Name: "Анна Иванова", Addresses: []string{"+79995550102"}},
			{Name: "山田太郎", Addresses: []string{"+819055500103"}}, {Name: "Dümmy GmbH", Addresses: []string{"duemmy@example.org"}},
			{Name: "Fold space", Notes: "Price € 12,34\nsecond line = ok\nthird word", Addresses: []string{"+15557040104"}},
		},
		"apple-group.vcf": {{Name: "Bobby Baker", Addresses: []string{"whatsapp:+15557040102", "bobby@example.com"}}},
		"cjk-order.vcf": {
			{Name: "山田太郎", Addresses: []string{"+819055500101"}}, {Name: "Péter Kovács", Addresses: []string{"+36205550101"}},
			{Name: "김철수", Addresses: []string{"+821055500101"}},
		},
	} {
		t.Run(file, func(t *testing.T) {
			store := newStore(t)
			report := run(t, store, shared(t, "cases/"+file), importer.Options{Worker: "alice"})
			if diff := cmp.Diff(byAddress(want), byAddress(contactsOf(all(t, store)))); diff != "" {
				t.Errorf("customers (-want +got):\n%s%s", diff, show(report))
			}
		})
	}
}

func byAddress(list []contact) map[string]contact {
	found := map[string]contact{}
	for _, c := range list {
		found[c.Addresses[0]] = c
	}
	return found
}

// encoded returns text in a character set.
func encoded(t *testing.T, charset encoding.Encoding, text string) string {
	t.Helper()
	s, err := charset.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// quotedPrintable returns every byte of s in quoted-printable.
func quotedPrintable(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "=%02X", s[i])
	}
	return b.String()
}

func TestImport_ReadsCardsAsProgramsWriteThem(t *testing.T) {
	card := func(lines ...string) string {
		return "BEGIN:VCARD\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
	}
	anna := contact{Name: "Anna Lee", Addresses: []string{"+15557040102"}}
	const tel = "TEL:+15557040102"
	for name, c := range map[string]struct {
		text string
		want []contact
	}{
		"a Nokia phone, several lines of quoted-printable": {
			card("VERSION:2.1", "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Szczepa=C5=84ski;Grzeg=", "orz", "TEL;PREF;CELL:+48500555101",
				"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Dzwoni=C4=87=  ", " po 16=0D=0A=", "w pi=C4=85tek="),
			[]contact{{Name: "Grzegorz Szczepański", Notes: "Dzwonić po 16\nw piątek", Addresses: []string{"+48500555101"}}},
		},
		"quoted-printable that is not continued before the end": {
			card("VERSION:2.1", tel, "FN;QUOTED-PRINTABLE:Anna=20Lee="), []contact{anna},
		},
		"quoted-printable in the character set of a Korean phone": {
			card("VERSION:2.1", "FN;CHARSET=EUC-KR;ENCODING=QUOTED-PRINTABLE:"+quotedPrintable(encoded(t, korean.EUCKR, "김영희")), "TEL:+821055500102"),
			[]contact{{Name: "김영희", Addresses: []string{"+821055500102"}}},
		},
		"quoted-printable of a character set that was not named": {
			card("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE:Bj=F6rn =C5kesson", tel), []contact{{Name: "Björn Åkesson", Addresses: anna.Addresses}},
		},
		"quoted-printable cut off inside a character": {
			card("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=BD=D0=BD=D0", tel), []contact{{Name: "Анн\uFFFD", Addresses: anna.Addresses}},
		},
		"the bytes of a Chinese program": {
			card("VERSION:2.1", encoded(t, simplifiedchinese.GBK, "N;CHARSET=GB2312:王;小明;;;"), encoded(t, simplifiedchinese.GBK, "ORG;CHARSET=GB2312:北京公司"), "TEL:+8613800550101"),
			[]contact{{Name: "王小明", Company: "北京公司", Addresses: []string{"+8613800550101"}}},
		},
		"the bytes of a Taiwanese program": {
			card("VERSION:2.1", encoded(t, traditionalchinese.Big5, "FN;CHARSET=BIG5:許功蓋"), "TEL:+886912555010"), // these end in backslashes
			[]contact{{Name: "許功蓋", Addresses: []string{"+886912555010"}}},
		},
		"a Russian program, each card in its own character set": {
			card("VERSION:3.0", encoded(t, charmap.KOI8R, "FN;CHARSET=KOI8-R:Пётр"), tel) + card("VERSION:3.0", encoded(t, charmap.Windows1251, "FN;CHARSET=windows-1251:Ольга"), "TEL:+15557040103") +
				card("VERSION:3.0", "FN:Юлия", "TEL:+15557040104"),
			[]contact{{Name: "Пётр", Addresses: anna.Addresses}, {Name: "Ольга", Addresses: []string{"+15557040103"}}, {Name: "Юлия", Addresses: []string{"+15557040104"}}},
		},
		"a character set that the text is not in": {
			card("VERSION:2.1", "FN;CHARSET=ISO-8859-1:Zoë Müller", tel), []contact{{Name: "Zoë Müller", Addresses: anna.Addresses}},
		},
		"an unknown character set": {card("VERSION:2.1", "FN;CHARSET=X-NONE:Zoë", tel), []contact{{Name: "Zoë", Addresses: anna.Addresses}}},
		"base64 text": {
			card("VERSION:3.0", "FN;ENCODING=b:5bGx55Sw", " 5aSq6YOO", "NOTE;ENCODING=BASE64;CHARSET=UTF-8:R3LDvMOfZQ0K", "YXVzIEvDtmxu", "", "TEL;ENCODING=B:KzE1NTU3MDQwMTAy",
				"PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", " SkZJRg=="),
			[]contact{{Name: "山田太郎", Notes: "Grüße\naus Köln", Addresses: anna.Addresses}},
		},
		"a fold inside a character and inside an escape": {
			card("VERSION:3.0", "FN:Anna Lee", tel, "NOTE:Caf\xC3", " \xA9\\", " nzu"), []contact{{Name: "Anna Lee", Notes: "Café\nzu", Addresses: anna.Addresses}},
		},
		"byte order marks and blank lines": {
			"\uFEFF\uFEFF" + card("FN:\uFEFFAnna Lee", tel) + "\r\n \r\n\uFEFF" + card("FN:Bert", "TEL:+15557040103"),
			[]contact{anna, {Name: "Bert", Addresses: []string{"+15557040103"}}},
		},
		"glued with a byte order mark, a blank and in small letters": {
			"begin:vcard\nfn:Anna Lee\n" + tel + "\nend:vcard\uFEFFBEGIN:VCARD\nFN:Bert\nTEL:+15557040103\nEND:VCARD BEGIN:VCARD\nFN:Carl\nTEL:+15557040104\nEND:VCARD",
			[]contact{anna, {Name: "Bert", Addresses: []string{"+15557040103"}}, {Name: "Carl", Addresses: []string{"+15557040104"}}},
		},
		"carriage returns": {
			strings.ReplaceAll(card("FN:Anna", "  Lee", tel), "\r\n", "\r"), []contact{anna},
		},
		"carriage returns in one of two files put together": {
			strings.ReplaceAll(card("FN:Anna", "  Lee", tel), "\r\n", "\r") + card("FN:Bert", "TEL:+15557040103"),
			[]contact{anna, {Name: "Bert", Addresses: []string{"+15557040103"}}},
		},
		"UTF-16": {
			"\xFF\xFE" + encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), card("VERSION:3.0", "FN;CHARSET=UTF-16:Zoë", tel)),
			[]contact{{Name: "Zoë", Addresses: anna.Addresses}},
		},
		"an assistant's card inside": {
			card("VERSION:2.1", "FN:Anna Lee", "AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Bert", "TEL:+15557040103", "END:VCARD", tel) + card("VERSION:3.0", "FN:Carl", `AGENT:BEGIN:VCARD\nFN:Dora\nEND:VCARD\n`, "TEL:+15557040104"),
			[]contact{anna, {Name: "Carl", Addresses: []string{"+15557040104"}}},
		},
		"an assistant's card on the line of its name": {
			card("VERSION:2.1", "FN:Anna Lee", "AGENT:BEGIN:VCARD", "VERSION:2.1", "FN:Bert", "TEL:+15557040103", "END:VCARD", tel), []contact{anna},
		},
		"a picture under a name that few programs know, and text whose character set is not named": {
			card("VERSION:2.1", "FN:Bj\xF6rn \xC5kesson", tel, "X-MS-CARDPICTURE;ENCODING=BASE64:", " "+base64.StdEncoding.EncodeToString([]byte("\xFF\xD8\xFF\xE0\x00\x10\x83\x5C\xB0\xA1\x8F\x03\x01\x02\x93\xFA"))),
			[]contact{{Name: "Björn Åkesson", Addresses: anna.Addresses}},
		},
		"a whole name in the order of another country": {
			card("N:山田;太郎;;;", "FN:太郎 山田", "TEL:+819055500101") + card("N:김;철수;;;", "FN:철수 김", "TEL:+821055500101") + card("N:スミス;ジョン;;;", "FN:ジョン スミス", tel),
			[]contact{{Name: "山田太郎", Addresses: []string{"+819055500101"}}, {Name: "김철수", Addresses: []string{"+821055500101"}}, {Name: "ジョン スミス", Addresses: anna.Addresses}},
		},
		"Apple's labels, a fax, an address book's phonetics": {
			card("VERSION:3.0", "N:Lee;Anna;;;", "FN:Anna Lee", "X-PHONETIC-FIRST-NAME:ana", "item1.TEL;type=pref:"+tel[4:], "item1.X-ABLabel:_$!<Mobile>!$_",
				"item2.TEL:+15557040199", "item2.X-ABLabel:_$!<WorkFAX>!$_", "item1.ADR;type=HOME:;;Main St 1;Springfield;;12345;USA", "CATEGORIES:VIP", "X-ABUID:1\\:ABPerson"),
			[]contact{anna},
		},
		"a fax in the styles of the versions": {
			card("FN:Anna Lee", tel, "TEL;WORK;FAX:+15557040191", "TEL;TYPE=WORK,FAX:+15557040192", "TEL;TYPE=WORK;TYPE=FAX:+15557040193", `TEL;TYPE="work,fax";VALUE=uri:tel:+1-555-704-0194`, "TEL;TYPE=HOMEFAX:+15557040195"),
			[]contact{anna},
		},
		"the preferred number and address first": {
			card("VERSION:4.0", "FN:Anna Lee", "TEL;PREF=2:+15557040103", "TEL;PREF=1:"+tel[4:], "EMAIL:b@example.com", "EMAIL;TYPE=work,pref:a@example.com"),
			[]contact{{Name: "Anna Lee", Addresses: []string{tel[4:], "+15557040103", "a@example.com", "b@example.com"}}},
		},
		"a shared contact of the messaging app": {
			card("VERSION:3.0", "N:;Anna Lee;;;", "FN:Anna Lee", "item1.TEL;waid=15557040102:+1 (555) 704-0102", "item1.X-ABLabel:Mobile", "X-WA-BIZ-NAME:Anna's"), []contact{anna},
		},
		"messengers": {
			card("VERSION:3.0", "FN:Anna Lee", "IMPP;X-SERVICE-TYPE=WhatsApp:x-apple:+15557040102", "IMPP;X-SERVICE-TYPE=WhatsApp:+15557040103", "IMPP:whatsapp:+15557040104", "IMPP;TYPE=WhatsApp:+15557040105",
				"IMPP;X-SERVICE-TYPE=Skype:skype:anna", "IMPP;X-SERVICE-TYPE=Telegram:x-apple:anna"),
			[]contact{{Name: "Anna Lee", Addresses: []string{"whatsapp:+15557040102", "whatsapp:+15557040103", "whatsapp:+15557040104", "whatsapp:+15557040105"}}},
		},
		"the number as the whole name": {card("VERSION:3.0", "FN:+1 555-704-0102", "N:Lee;Anna;;;", tel), []contact{anna}},
		"a company's card":             {card("VERSION:4.0", "KIND:org", "FN:", "ORG:Acme;Sales", tel), []contact{{Name: "Acme", Company: "Acme", Addresses: anna.Addresses}}},
		"a note with line breaks that are not escaped": {
			card("VERSION:3.0", "FN:Anna Lee", "NOTE:calls", "every day", tel), []contact{{Name: "Anna Lee", Notes: "calls\nevery day", Addresses: anna.Addresses}},
		},
		"the marker of an end inside a note": {
			card("VERSION:3.0", "FN:Anna Lee", "NOTE:it ends with", " END:VCARD", tel), []contact{{Name: "Anna Lee", Notes: "it ends withEND:VCARD", Addresses: anna.Addresses}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			report := run(t, store, c.text, importer.Options{Worker: "alice"})
			if diff := cmp.Diff(byAddress(c.want), byAddress(contactsOf(all(t, store)))); diff != "" || len(report.Problems) > 0 {
				t.Errorf("customers (-want +got):\n%s%s", diff, show(report))
			}
			if again := run(t, store, c.text, importer.Options{Worker: "alice"}); again.Unchanged != len(c.want) {
				t.Errorf("the second import: %s", show(again))
			}
		})
	}
}

func TestImport_SkipsCardsThatAreNoCustomers(t *testing.T) {
	text := "BEGIN:VCARD\nFN:Anna\nEND:VCARD\nBEGIN:VCARD\nKIND:Group\nMEMBER:urn:uuid:1\nEND:VCARD\n" +
		"BEGIN:VCARD\nFN:Best clients\nX-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1\nEND:VCARD\nBEGIN:VCARD\nFN:Garden\nKIND:location\nEND:VCARD\n"
	store := newStore(t)
	report := run(t, store, text, importer.Options{Worker: "bob"})
	want := []importer.Problem{
		{Line: 4, Outcome: importer.Skipped, Reason: "a group, not a customer"},
		{Line: 8, Outcome: importer.Skipped, Reason: "a group, not a customer"},
		{Line: 13, Outcome: importer.Skipped, Reason: "a location, not a customer"},
	}
	if diff := cmp.Diff(want, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if len(report.UnusedColumns) > 0 {
		t.Errorf("UnusedColumns = %q, want none", report.UnusedColumns)
	}
}

func TestImport_RejectsCardsSoThatTheyCanBeImported(t *testing.T) {
	// The bytes of a rejected card stay, so that its CHARSET stays right.
	card := "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=SHIFT_JIS:" + encoded(t, japanese.ShiftJIS, "表示") + "\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:Bert\r\nEND:VCARD\r\nUID:" + strings.Repeat("x", 600) + "\r\nEND:VCARD\r\n"
	file, err := importer.Open(t.Context(), strings.NewReader(card), importer.Options{Worker: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	var rejects strings.Builder
	if _, err := file.Import(t.Context(), newStore(t), &rejects); err != nil {
		t.Fatal(err)
	}
	if strings.Count(rejects.String(), "X-REJECTED-REASON") != 1 {
		t.Errorf("the rejected card is\n%q\nwant one reason", rejects.String())
	}
	list, report := imported(t, strings.Replace(rejects.String(), "UID:"+strings.Repeat("x", 600), "UID:7", 1), importer.Options{})
	if len(list) != 1 || list[0].Name != "表示" || list[0].ID != "7" {
		t.Errorf("customers = %s, report = %s", show(list), show(report))
	}
}
