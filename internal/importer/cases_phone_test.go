package importer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// channelsOf returns the addresses of the customers in a store, by name.
func channelsOf(t *testing.T, store customer.Store) map[string][]customer.Channel {
	channels := map[string][]customer.Channel{}
	for _, c := range all(t, store) {
		channels[c.Name] = c.Channels
	}
	return channels
}

func TestImport_Numbers(t *testing.T) {
	for _, tt := range []struct {
		name, file, region string
		want               map[string][]customer.Channel
	}{
		{"slashes", "cases/de-slash.csv", "DE", map[string][]customer.Channel{
			"Jürgen Groß": {sms("+4962215550101")}, "Ute Klein": {sms("+491715550102")}}},
		{"a missing plus", "cases/de-missing-plus.csv", "DE", map[string][]customer.Channel{"Jürgen Groß": {sms("+4915112345678")}}},
		{"a zero that stays", "cases/it-zero.csv", "", map[string][]customer.Channel{
			"Piero Costa": {sms("+39061234567")}, "Anna Riva": {sms("+39061234568")}}},
		{"decimals, endings and extensions", "cases/float-phone.csv", "US", map[string][]customer.Channel{
			"Bobby Baker": {sms("+15557040101")}, "Ann Lee": {sms("+15557040102"), sms("0103")}, "Cid Diaz": {sms("+15557040104;ext=12")}}},
		{"the old 1 of Mexico", "cases/mexico.csv", "", map[string][]customer.Channel{
			"Lupe Diaz": {sms("+525512345678")}, "Ana Ruiz": {sms("+525598765432")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store, file := newStore(t), shared(t, tt.file)
			run(t, store, file, importer.Options{Worker: "alice", Region: tt.region})
			if diff := cmp.Diff(tt.want, channelsOf(t, store)); diff != "" {
				t.Errorf("Run(%s) stored (-want +got):\n%s", tt.file, diff)
			}
			if again := run(t, store, file, importer.Options{Worker: "alice", Region: tt.region}); again.Unchanged != again.Rows {
				t.Errorf("Run(%s) again reports %s", tt.file, show(again))
			}
		})
	}
}

func TestImport_TellsEndingsOfNumbers(t *testing.T) {
	report := run(t, newStore(t), "name,phone\nAnn,+1 555 704 0102 / 0103\n", importer.Options{Worker: "alice"})
	if len(report.Remarks) != 1 || report.UnknownNumbers != 0 {
		t.Errorf("Run of a number and an ending reports %s, want one remark", show(report))
	}
}

// Customers that an earlier build stored are found by their numbers, not stored again.
func TestImport_FindsNumbersOfEarlierBuilds(t *testing.T) {
	for _, tt := range []struct {
		name, cell, region string
		stored, want       customer.Channel
	}{
		{"Mexico, in E.164", "+52 55 1234 5678", "", sms("+5215512345678"), sms("+525512345678")},
		{"Mexico, as it was written", "+52 1 55 1234 5678", "", sms("+52 1 55 1234 5678"), sms("+525512345678")},
		{"Argentina", "+54 9 11 2345-6789", "", sms("+541123456789"), sms("+5491123456789")},
		{"Brazil", "+55 11 98765-4321", "", sms("+551187654321"), sms("+5511987654321")},
		{"an extension", "+1 (555) 704-0104 x12", "", sms("+1 (555) 704-0104 x12"), sms("+15557040104;ext=12")},
		{"an extension, national", "(555) 704-0104 x12", "US", sms("(555) 704-0104 x12"), sms("+15557040104;ext=12")},
		{"two numbers by a word", "555 704 0102 or 555 704 0103", "US", sms("555 704 0102 or 555 704 0103"), sms("+15557040102")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := newStore(t)
			err := store.Update(t.Context(), func(tx customer.Tx) error {
				return tx.Put(t.Context(), customer.Customer{ID: "1", Name: "Lupe Diaz", Channels: []customer.Channel{tt.stored}})
			})
			if err != nil {
				t.Fatal(err)
			}
			run(t, store, "name,phone\nLupe Diaz,"+tt.cell+"\n", importer.Options{Worker: "alice", Region: tt.region})
			got := all(t, store)
			if len(got) != 1 || got[0].ID != "1" || got[0].Channels[0] != tt.want {
				t.Errorf("Run(%q) over %q stored %+v, want %q of the same customer", tt.cell, tt.stored.Value, got, tt.want.Value)
			}
		})
	}
}

// What a conversation brought is not rewritten.
func TestImport_KeepsObservedAddresses(t *testing.T) {
	want := []customer.Channel{whatsapp("+5215512345678")}
	for name, file := range map[string]string{
		"with its prefix": "name,phone\nLupe,whatsapp:+5215512345678\n",
		"from an export":  `{"customer_id":"1","display_name":"Lupe","company":"","job_title":"","channels":[{"type":"whatsapp","value":"whatsapp:+5215512345678"}],"links":[],"details":{"title":"","content":""},"avatar":"","workers":[]}`,
	} {
		store := newStore(t)
		run(t, store, file, importer.Options{Worker: "alice", Region: "MX"})
		if diff := cmp.Diff(want, channelsOf(t, store)["Lupe"]); diff != "" {
			t.Errorf("Run of an address %s stored (-want +got):\n%s", name, diff)
		}
	}
}
