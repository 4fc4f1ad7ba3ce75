package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_ReadsAddressesAmongWords(t *testing.T) {
	for _, tt := range []struct {
		column, cell string
		want         []customer.Channel
	}{
		{"Phone", "Mobil: 0151 23456789", []customer.Channel{sms("+4915123456789")}},
		{"Phone", "Tel. (work) 030 1234567; Fax 030 1234568", []customer.Channel{sms("+49301234567")}},
		{"Phone", "Tel.: 030/1234567, Handy: 0170/1234567", []customer.Channel{sms("+49301234567"), sms("+491701234567")}},
		{"Phone", "Festnetz 030 1234567 WhatsApp 0151 23456789", []customer.Channel{sms("+49301234567"), whatsapp("+4915123456789")}},
		{"Phone", "0151 23456789 (privat) / 030 1234567 (Fax)", []customer.Channel{sms("+4915123456789")}},
		{"Phone", "Office 030 1234567 ext. 12", []customer.Channel{sms("+49301234567;ext=12")}},
		{"Phone", "F: 030 1234568", nil},
		{"Phone", "Room 12, call 4711", []customer.Channel{sms("Room 12, call 4711")}},
		{"Phone", "+15557040101 - +15557040102", []customer.Channel{sms("+15557040101"), sms("+15557040102")}},
		{"Phone", "Tel=+15557040101", []customer.Channel{sms("+15557040101")}},
		{"Phone", "ann@example.com", []customer.Channel{email("ann@example.com")}},
		{"WhatsApp", "https://wa.me/15557040101", []customer.Channel{whatsapp("+15557040101")}},
		{"Email", "030 1234567", []customer.Channel{sms("+49301234567")}},
		{"Email", "ann@example.com / ann@example.org", []customer.Channel{email("ann@example.com"), email("ann@example.org")}},
		{"Email", "Work: ann@example.com, home: ann@example.org (private)", []customer.Channel{email("ann@example.com"), email("ann@example.org")}},
		{"Contact", "ann@example.com", []customer.Channel{email("ann@example.com")}},
		{"Contact", "+49 30 1234567", []customer.Channel{sms("+49301234567")}},
		{"Contact", "0000100234", nil}, // a number of the customer
	} {
		t.Run(tt.column+" "+tt.cell, func(t *testing.T) {
			list, report := imported(t, "Name\t"+tt.column+"\nAnn\t"+tt.cell+"\n", importer.Options{Region: "DE"})
			if len(list) != 1 {
				t.Fatalf("Run stored %s, want one customer: %s", show(list), show(report))
			}
			if diff := cmp.Diff(tt.want, list[0].Channels); diff != "" {
				t.Errorf("channels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImport_KeepsTheNameBesideACompany(t *testing.T) {
	list, _ := imported(t, "id,name,company\n1,\"Lee, Anna\",Lee\n2,\"Adams, Alice\",Adams\n3,\"Example Ltd, Bob Brown\",Example Ltd\n4,-,Example\n", importer.Options{})
	want := []string{"Lee, Anna", "Adams, Alice", "Bob Brown", "Example"}
	for i, c := range list {
		if c.Name != want[i] {
			t.Errorf("the name of customer %s = %q, want %q", c.ID, c.Name, want[i])
		}
	}
}

func TestImport_SkipsWhatIsBelowATable(t *testing.T) {
	const header = "Name,Phone,Amount\n"
	for line, skipped := range map[string]bool{
		"Total,,30.00": true, "Gesamtsumme,,1.234": true, "Total Records: 1,,": true, "Page 2 of 3": true, "Stand: 01.02.2024": true,
		"Exported on 2024-01-05": true, `"Thursday, Jan 04, 2024 10:00:00 AM GMT-8"`: true, "Copyright 2024 Example": true,
		"Total Fitness,,": false, "Page 2 Books,,": false, "Count Basie,,": false, "Sum Ting,,5": false,
	} {
		_, report := imported(t, header+"Ann,+15557040101,1.00\n"+line+"\n", importer.Options{})
		if got := report.Skipped == 1; got != skipped || report.Rejected > 0 {
			t.Errorf("%s: skipped %v, want %v: %s", line, got, skipped, show(report.Problems))
		}
	}
}

func TestOpen_KnowsColumnsByTheirWords(t *testing.T) {
	for name, want := range map[string]string{
		"Main Email": "email", "Primary Contact Primary Phone": "phone", "PhoneNumberMobile": "phone", "Phone (mobile)*": "phone", "MOBILE NO.": "phone",
		"Your email address": "email", "Invitee First Name": "first_name", "Kunde Vorname": "first_name", "E-Mail (privat)": "email",
		"Email / 邮箱": "email", "Téléphone principal du client": "", "Рабочий телефон": "phone", "Created By Email": "", "Supplier phone": "", "Account number": "",
	} {
		file, err := importer.Open(t.Context(), strings.NewReader("Full name,"+name+"\nAnn,+15557040101\n"), importer.Options{Worker: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		if got := file.Columns()[1].Field; got != want {
			t.Errorf("the field of %q = %q, want %q", name, got, want)
		}
	}
}

func TestImport_PutsTheAreaCodeBeforeANumber(t *testing.T) {
	for text, want := range map[string]string{
		"Name,Area code,Phone\nAnn,030,1234567\n":        "+49301234567",
		"Name,Vorwahl,Telefon\nAnn,0151,0151 23456789\n": "+4915123456789",
		"Name,Country code,Phone\nAnn,+1,555 704 0101\n": "+15557040101",
		"Name,Country code,Phone\nAnn,US,+15557040101\n": "+15557040101",
		"Name,Country code,Phone\nAnn,,030 1234567\n":    "+49301234567",
	} {
		list, _ := imported(t, text, importer.Options{Region: "DE"})
		if diff := cmp.Diff([]customer.Channel{sms(want)}, list[0].Channels); diff != "" {
			t.Errorf("channels of %q (-want +got):\n%s", text, diff)
		}
	}
}

func TestImport_ReadsALabelAfterANumber(t *testing.T) {
	list, _ := imported(t, "Name,Phone 1,Phone 1 Type,Phone 2,Phone 2 Type\nAnn,+15557040101,WhatsApp,+15557040102,Fax\n", importer.Options{})
	if diff := cmp.Diff([]customer.Channel{whatsapp("+15557040101")}, list[0].Channels); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
}
