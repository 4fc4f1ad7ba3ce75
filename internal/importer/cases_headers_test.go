package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// person is what an import made of a row, without its id and owners.
func person(name string, change func(*customer.Customer), channels ...customer.Channel) customer.Customer {
	c := customer.Customer{Name: name, Channels: channels}
	if change != nil {
		change(&c)
	}
	return c
}

func at(company, title string) func(*customer.Customer) {
	return func(c *customer.Customer) { c.Company, c.JobTitle = company, title }
}

// checkPeople compares the customers of a text with those wanted, in any order.
func checkPeople(t *testing.T, text, region string, want []customer.Customer) importer.Report {
	t.Helper()
	list, report := imported(t, text, importer.Options{Region: region})
	got := map[string]customer.Customer{}
	for _, c := range list {
		c.ID, c.Workers, c.Links = "", nil, nil
		got[c.Name] = c
	}
	wanted := map[string]customer.Customer{}
	for _, c := range want {
		wanted[c.Name] = c
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
	}
	return report
}

func TestImport_ReadsTheHeadersAndCellsOfTheSharedCases(t *testing.T) {
	for _, c := range []struct {
		file, region string
		want         []customer.Customer
	}{
		{"outlook-polish.csv", "", []customer.Customer{
			person("Łukasz Żółć", at("Zorza sp. z o.o.", "Kierownik"), sms("+48500555101"), email("lukasz@example.com")),
			person("Anna Nowak", at("Zorza sp. z o.o.", ""), sms("+48500555102"), email("anna@example.com"))}},
		{"outlook-danish.csv", "", []customer.Customer{
			person("Søren Kjær", at("Nordlys ApS", "Direktør"), sms("+4520550101"), email("soren@example.com")),
			person("Mette Holm", at("Nordlys ApS", "Sælger"), sms("+4520550102"), email("mette@example.com"))}},
		{"customer-flag.csv", "", []customer.Customer{
			person("Bobby Baker", nil, email("bobby@example.com")), person("Ann Lee", nil, email("ann@example.com"))}},
		{"formula-cells.csv", "FR", []customer.Customer{person("Bobby Baker", nil, sms("+15557040101"), sms("+33612345678"))}},
		{"odoo-apostrophe.csv", "", []customer.Customer{
			person("Ola Petrenko", nil, sms("+380993456789"), sms("+380993456780"), email("ola@example.com")),
			person("'t Hooft, Piet", nil, sms("+31205550101"), email("piet@example.com"))}},
	} {
		t.Run(c.file, func(t *testing.T) { checkPeople(t, shared(t, "cases/"+c.file), c.region, c.want) })
	}
}

func TestImport_ReadsAFractionOfAPhoneNumberAsWhole(t *testing.T) {
	list, _ := imported(t, shared(t, "cases/float-phone.csv"), importer.Options{Region: "US"})
	for _, c := range list {
		if c.Name == "Bobby Baker" && c.Channels[0].Value != "+15557040101" {
			t.Errorf("Bobby's channels = %v, want +15557040101", c.Channels)
		}
	}
}

func TestImport_LeavesOwnersByNameWhole(t *testing.T) {
	store := newStore(t)
	report := run(t, store, shared(t, "cases/owner-names.csv"), importer.Options{})
	got := map[string]string{}
	for _, c := range all(t, store) {
		got[c.Name] = strings.Join(c.Workers, "|")
	}
	want := map[string]string{"Bobby Baker": "Alice Adams", "Ann Lee": "Alice Adams", "Cid Diaz": "Brown, Bob", "Eva Ode": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	if report.Unassigned != 1 {
		t.Errorf("Unassigned = %d, want 1", report.Unassigned)
	}
}
