package importer_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func sms(n string) customer.Channel   { return customer.Channel{Type: customer.SMS, Value: n} }
func email(a string) customer.Channel { return customer.Channel{Type: customer.Email, Value: a} }
func whatsapp(n string) customer.Channel {
	return customer.Channel{Type: customer.WhatsApp, Value: "whatsapp:" + n}
}

func TestImport_MapsTheColumnsOfUsualExports(t *testing.T) {
	jurgen := func(change func(*customer.Customer)) customer.Customer {
		c := customer.Customer{Name: "Jürgen Müller", Channels: []customer.Channel{sms("+4915123456789"), email("jm@example.de")}, Workers: []string{"bob"}}
		if change != nil {
			change(&c)
		}
		return c
	}
	withCompany := jurgen(func(c *customer.Customer) { c.Company = "Acme" })
	for name, c := range map[string]struct {
		text string
		want customer.Customer
	}{
		"Outlook": {`"Title","First Name","Middle Name","Last Name","Suffix","Company","Department","Job Title","Business Street","Business Fax","Business Phone","Home Phone","Mobile Phone","E-mail Address","E-mail Type","E-mail Display Name","Notes","Web Page"` + "\r\n" +
			`"Mr.","Jürgen","","Müller","","Acme","","Buyer","Weg 1","+49 30 999999","","","+49 1512 3456789","jm@example.de","SMTP","JM","one` + "\r\n" + `two","www.acme.de/x"` + "\r\n",
			jurgen(func(c *customer.Customer) {
				c.Company, c.JobTitle, c.Details.Content = "Acme", "Buyer", "one\ntwo"
				c.Links = []customer.Link{{Type: "Website", Value: "https://www.acme.de/x", DisplayName: "Website"}}
			})},
		"Outlook in German": {"Anrede;Vorname;Weitere Vornamen;Nachname;Firma;Position;Telefon geschäftlich;Mobiltelefon;E-Mail-Adresse;Notizen\r\nHerr;Jürgen;;Müller;Acme;Einkauf;;+49 1512 3456789;jm@example.de;\r\n",
			jurgen(func(c *customer.Customer) { c.Company, c.JobTitle = "Acme", "Einkauf" })},
		"Google, as it was": {"Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title\nJürgen Müller,Jürgen,,Müller,* My Contacts,* Home,jm@example.de,Mobile,+49 1512 3456789,Acme,\n",
			withCompany},
		"Google, several in a cell": {"First Name,Last Name,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\nJürgen,Müller,jm@example.de ::: j@example.de,Mobile,+49 1512 3456789 ::: +49 30 123456,Work Fax,+49 30 999999\n",
			jurgen(func(c *customer.Customer) {
				c.Channels = []customer.Channel{sms("+4915123456789"), sms("+4930123456"), email("jm@example.de"), email("j@example.de")}
			})},
		"a German spreadsheet": {"Kundennummer;Name;Vorname;Telefon;E-Mail;Firma;Bemerkungen\nK-7;Müller;Jürgen;0049 1512 3456789;jm@example.de;Acme;VIP\n",
			jurgen(func(c *customer.Customer) { c.ID, c.Company, c.Details.Content = "K-7", "Acme", "VIP" })},
		"a Spanish one": {"Nombre;Apellidos;Teléfono móvil;Correo electrónico;Empresa\nJürgen;Müller;+49 1512 3456789;jm@example.de;Acme\n", withCompany},
		"a French one":  {"Nom;Prénom;Téléphone portable;Adresse e-mail;Société\nMüller;Jürgen;+49 1512 3456789;jm@example.de;Acme\n", withCompany},
		"a Portuguese one": {"Nome,Sobrenome,Celular,E-mail,Empresa\nJürgen,Müller,+49 1512 3456789,jm@example.de,Acme\n",
			withCompany},
		"an Italian one": {"Nome;Cognome;Cellulare;Posta elettronica;Azienda\nJürgen;Müller;+49 1512 3456789;jm@example.de;Acme\n", withCompany},
		"a Dutch one":    {"Voornaam;Tussenvoegsel;Achternaam;Mobiel;E-mailadres;Bedrijf\nJürgen;;Müller;+49 1512 3456789;jm@example.de;Acme\n", withCompany},
		"Pipedrive": {"Person - ID,Person - Name,Person - Organization,Organization - Name,Person - Phone - Mobile,Person - Email - Work\n12,Jürgen Müller,Acme,Acme,+49 1512 3456789,jm@example.de\n",
			jurgen(func(c *customer.Customer) { c.ID, c.Company = "12", "Acme" })},
		"Zoho": {"Record Id,Contact Owner,Salutation,First Name,Last Name,Account Name,Email,Mobile,Description\nzcrm_12,Bob <bob>,Mr.,Jürgen,Müller,Acme,jm@example.de,+49 1512 3456789,\n",
			jurgen(func(c *customer.Customer) {
				c.ID, c.Company = "zcrm_12", "Acme"
				c.Workers = []string{"Bob <bob>"}
			})},
		"a semicolon in the first line only": {"sep=;\r\nName;Handy;Mail\r\nJürgen Müller;+49 1512 3456789;jm@example.de\r\n", jurgen(nil)},
		"an old Mac":                         {"Name;Handy;Mail\rJürgen Müller;+49 1512 3456789;jm@example.de\r", jurgen(nil)},
		"capitals and blanks":                {" FULL NAME \tPHONE_NUMBER\tE-MAIL\nJürgen Müller\t+49 (0)1512 3456789\t<jm@example.de>\n", jurgen(nil)},
		"a WhatsApp column":                  {"name,whatsapp,email\nJürgen Müller,whatsapp:+49 1512 3456789,jm@example.de\n", jurgen(func(c *customer.Customer) { c.Channels[0] = whatsapp("+4915123456789") })},
		"a company without a person":         {"First Name,Last Name,Company,Mobile,Email\n,,Acme,+49 1512 3456789,jm@example.de\n", jurgen(func(c *customer.Customer) { c.Name, c.Company = "Acme", "Acme" })},
	} {
		for encoding, text := range map[string]string{
			"UTF-8": c.text, "UTF-16": "\xFF\xFE" + encodeUTF16(c.text), "Windows-1252": encodeLatin(c.text),
		} {
			t.Run(name+" in "+encoding, func(t *testing.T) {
				list, report := imported(t, text, importer.Options{})
				if len(list) != 1 {
					t.Fatalf("report = %s", show(report))
				}
				got := list[0]
				if c.want.ID == "" {
					got.ID = ""
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("customers (-want +got):\n%s", diff)
				}
				if report.Encoding != encoding && !isASCII(c.text) {
					t.Errorf("Encoding = %s, want %s", report.Encoding, encoding)
				}
			})
		}
	}
}

func encodeUTF16(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func encodeLatin(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0 }

func TestImport_UsesOptionsMap(t *testing.T) {
	const text = "Q1,Q2,Tel A,Tel B,Who,Name\n7,Anna Lee,+15557040102,+15557040103,carol,not this\n"
	opts := importer.Options{Map: []importer.Mapping{
		{Field: "customer_id", Column: "q1"}, {Field: "display_name", Column: " Q2 "}, {Field: "phone", Column: "Tel A"},
		{Field: "whatsapp", Column: "tel b"}, {Field: "Worker", Column: "Who"},
	}}
	store := newStore(t)
	report := run(t, store, text, opts)
	want := []customer.Customer{{ID: "7", Name: "Anna Lee", Channels: []customer.Channel{sms("+15557040102"), whatsapp("+15557040103")}, Workers: []string{"carol"}}}
	if diff := cmp.Diff(want, all(t, store)); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Name"}, report.UnusedColumns); diff != "" {
		t.Errorf("unused columns (-want +got):\n%s", diff)
	}

	list, _ := imported(t, `[{"Q1":"Anna Lee","deep":{"mail":"a@example.com"}}]`,
		importer.Options{Map: []importer.Mapping{{Field: "name", Column: "Q1"}, {Field: "email", Column: "deep.mail"}}})
	if len(list) != 1 || list[0].Name != "Anna Lee" || len(list[0].Channels) != 1 {
		t.Errorf("mapped keys of JSON made %s", show(list))
	}
}

func TestOpen_ReturnsAUsageErrorForMissingOptions(t *testing.T) {
	mapped := func(field, column string) importer.Options {
		return importer.Options{Worker: "bob", Map: []importer.Mapping{{Field: field, Column: column}}}
	}
	for name, c := range map[string]struct {
		text string
		opts importer.Options
		need importer.Need
		want []string
	}{
		"no owner":              {"name,phone\nAnna,1\n", importer.Options{}, importer.NeedOwner, nil},
		"no owner, JSON":        {`[{"name":"Anna"}]`, importer.Options{}, importer.NeedOwner, nil},
		"no owner, vCard":       {"BEGIN:VCARD\nFN:A\nEND:VCARD\n", importer.Options{}, importer.NeedOwner, nil},
		"no name":               {"q\x1b[31m1,phone\nAnna,1\n", importer.Options{Worker: "bob"}, importer.NeedName, []string{`"phone"`, "\uFFFD[31m1"}},
		"no name, JSON":         {`[{"q1":"Anna"}]`, importer.Options{Worker: "bob"}, importer.NeedName, []string{`"q1"`}},
		"an unknown column":     {"name,phone\nAnna,1\n", mapped("phone", "Telly"), importer.NeedMap, []string{`no column "Telly"`, `"name", "phone"`}},
		"an unknown field":      {"name,phone\nAnna,1\n", mapped("fone", "phone"), importer.NeedMap, []string{`"fone"`, "display_name, first_name"}},
		"an unknown key":        {`[{"name":"Anna"}]`, mapped("phone", "Telly"), importer.NeedMap, []string{`no key "Telly"`, `"name"`}},
		"an unknown JSON field": {`[{"name":"Anna"}]`, mapped("fone", "name"), importer.NeedMap, []string{`"fone"`}},
		"a map for a vCard":     {"BEGIN:VCARD\nFN:A\nEND:VCARD\n", mapped("name", "FN"), importer.NeedMap, []string{"have no columns"}},
		"an unknown region":     {"name\nAnna\n", importer.Options{Worker: "bob", Region: "Texas"}, importer.NeedRegion, []string{`"Texas"`, "such as US"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := importer.Open(t.Context(), strings.NewReader(c.text), c.opts)
			var usage *importer.UsageError
			if !errors.As(err, &usage) || usage.Need != c.need {
				t.Fatalf("Open: %#v, want a UsageError with need %q", err, c.need)
			}
			for _, want := range c.want {
				if !strings.Contains(usage.Reason, want) {
					t.Errorf("Open() = %q, want %q in it", usage.Reason, want)
				}
			}
			if strings.ContainsRune(usage.Reason, 0x1b) || strings.Contains(usage.Reason, "--") {
				t.Errorf("Open() = %q, want neither controls nor flags", usage.Reason)
			}
		})
	}
}
