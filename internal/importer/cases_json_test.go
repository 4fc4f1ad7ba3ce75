package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

func TestImport_ReadsTheJSONOfProducts(t *testing.T) {
	website := func(url string) []customer.Link {
		return []customer.Link{{Type: "Website", Value: url, DisplayName: "Website"}}
	}
	note := func(text string) customer.Detail { return customer.Detail{Content: text} }
	for name, c := range map[string]struct {
		text string
		want customer.Customer
	}{
		"Microsoft Graph": {`{"@odata.context":"https://graph.example/v1.0/$metadata#users('a')/contacts","value":[{"@odata.etag":"W/\"E\"","id":"AAMk1",
			"changeKey":"E","categories":[],"parentFolderId":"AAMk0","birthday":null,"fileAs":"Lee, Anna","displayName":"Anna Lee","givenName":"Anna","surname":"Lee",
			"nickName":null,"title":null,"jobTitle":"Buyer","companyName":"Acme","businessPhones":["+15557040101"],"homePhones":[],"mobilePhone":"+15557040102",
			"emailAddresses":[{"name":"Anna Lee","address":"anna@example.com"},{"name":"Anna","address":"lee@example.com"}],"personalNotes":"met in May",
			"businessHomePage":"https://acme.example","imAddresses":[],"children":[],"businessAddress":{"city":"Bonn"}}],"@odata.nextLink":"https://graph.example"}`,
			customer.Customer{ID: "AAMk1", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Details: note("met in May"), Links: website("https://acme.example"), Workers: []string{"bob"},
				Channels: []customer.Channel{sms("+15557040101"), sms("+15557040102"), email("anna@example.com"), email("lee@example.com")}}},
		"Google's People API": {`{"connections":[{"resourceName":"people/c1","etag":"%E","metadata":{"sources":[{"type":"CONTACT","id":"7"}],"objectType":"PERSON"},
			"names":[{"metadata":{"primary":true,"source":{"type":"CONTACT","id":"7"}},"displayName":"Anna Lee","familyName":"Lee","givenName":"Anna","displayNameLastFirst":"Lee, Anna"}],
			"emailAddresses":[{"metadata":{"primary":true},"value":"anna@example.com","type":"work","formattedType":"Work"}],
			"phoneNumbers":[{"value":"(555) 704-0101","canonicalForm":"+15557040101","type":"mobile"},{"value":"555 704 0109","canonicalForm":"+15557040109","type":"workFax"}],
			"organizations":[{"metadata":{"primary":true},"name":"Acme","title":"Buyer"}],"biographies":[{"value":"met in May","contentType":"TEXT_PLAIN"}],
			"urls":[{"value":"https://acme.example"}]}],"totalPeople":1,"totalItems":1}`,
			customer.Customer{ID: "people/c1", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Details: note("met in May"), Links: website("https://acme.example"), Workers: []string{"bob"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"Pipedrive": {`{"success":true,"data":[{"id":1,"owner_id":{"id":9,"name":"Alice Adams","email":"alice@example.com","value":9},"owner_name":"Alice Adams","org_id":{"name":"Acme","people_count":1,"value":5},
			"name":"Anna Lee","first_name":"Anna","last_name":"Lee","phone":[{"label":"work","value":"+15557040101","primary":true},{"label":"fax","value":"+15557040109","primary":false}],
			"email":[{"label":"work","value":"anna@example.com","primary":true}],"org_name":"Acme","active_flag":true}],"additional_data":{"pagination":{"start":0}}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", Workers: []string{"alice@example.com"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"Pipedrive, one organization by its number": {`{"data":[{"id":1,"name":"Anna Lee","org_id":5,"org_name":"Acme"}]}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", Workers: []string{"bob"}}},
		"Zoho": {`{"data":[{"id":"4876","Owner":{"name":"Alice Adams","id":"48","email":"alice@example.com"},"Full_Name":"Anna Lee","First_Name":"Anna","Last_Name":"Lee",
			"Account_Name":{"name":"Acme","id":"49"},"Email":"anna@example.com","Phone":"+15557040101","Mobile":null,"Title":"Buyer","Description":null}],"info":{"more_records":false}}`,
			customer.Customer{ID: "4876", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Workers: []string{"alice@example.com"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"HubSpot": {`{"results":[{"id":"1","properties":{"createdate":"2024-05-01T00:00:00Z","firstname":"Anna","lastname":"Lee","email":"anna@example.com","phone":"+15557040101",
			"mobilephone":"+15557040102","company":"Acme","jobtitle":"Buyer","hubspot_owner_id":"77"},"createdAt":"2024-05-01T00:00:00Z","archived":false}],"paging":{"next":{"after":"2"}}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Workers: []string{"77"},
				Channels: []customer.Channel{sms("+15557040102"), sms("+15557040101"), email("anna@example.com")}}},
		"Airtable": {`{"records":[{"id":"rec1","createdTime":"2024-05-01T00:00:00Z","fields":{"Name":"Anna Lee","Company":"Acme","Email":"anna@example.com","Phone":"+15557040101",
			"Owner":{"id":"usr1","email":"alice@example.com","name":"Alice Adams"},"Active":true}}],"offset":"x"}`,
			customer.Customer{ID: "rec1", Name: "Anna Lee", Company: "Acme", Workers: []string{"alice@example.com"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"Salesforce": {`{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Contact","url":"/services/data/v60.0/sobjects/Contact/003"},"Id":"003","Name":"Anna Lee","Email":"anna@example.com",
			"Phone":"+15557040101","Account":{"attributes":{"type":"Account","url":"/services/data/v60.0/sobjects/Account/001"},"Name":"Acme"},
			"Owner":{"attributes":{"type":"User","url":"/services/data/v60.0/sobjects/User/005"},"Name":"Alice Adams","Email":"alice@example.com"}}]}`,
			customer.Customer{ID: "003", Name: "Anna Lee", Company: "Acme", Workers: []string{"alice@example.com"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"Dynamics": {`{"@odata.context":"https://org.example/$metadata#contacts","value":[{"@odata.etag":"W/\"1\"","contactid":"5f1c","fullname":"Anna Lee","firstname":"Anna","lastname":"Lee",
			"emailaddress1":"anna@example.com","telephone1":"+15557040101","mobilephone":"+15557040102","jobtitle":"Buyer","_ownerid_value":"9a7c",
			"_ownerid_value@OData.Community.Display.V1.FormattedValue":"Alice Adams","_parentcustomerid_value":"77aa",
			"_parentcustomerid_value@OData.Community.Display.V1.FormattedValue":"Acme"}]}`,
			customer.Customer{ID: "5f1c", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Workers: []string{"Alice Adams"},
				Channels: []customer.Channel{sms("+15557040102"), sms("+15557040101"), email("anna@example.com")}}},
		"Odoo": {`{"jsonrpc":"2.0","id":null,"result":[{"id":1,"name":"Anna Lee","phone":false,"mobile":"+15557040101","email":"anna@example.com","function":"Buyer","comment":false,"website":false,
			"parent_id":[5,"Acme"],"user_id":[2,"Alice Adams"],"category_id":[3,4]}]}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Workers: []string{"Alice Adams"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"Freshsales": {`{"contacts":[{"id":1,"first_name":"Anna","last_name":"Lee","display_name":"Anna Lee","job_title":"Buyer","work_number":"+15557040101","mobile_number":"+15557040102",
			"emails":[{"id":3,"value":"anna@example.com","is_primary":true,"label":null}],"sales_accounts":[{"id":5,"name":"Acme","is_primary":true}],"owner_id":77}],"meta":{"total":1}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer", Workers: []string{"77"},
				Channels: []customer.Channel{sms("+15557040102"), sms("+15557040101"), email("anna@example.com")}}},
		"Zendesk": {`{"users":[{"id":1,"url":"https://a.example/api/v2/users/1.json","name":"Anna Lee","email":"anna@example.com","phone":"+15557040101","organization_id":5,"notes":"met in May","verified":true}],"next_page":null,"count":1}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Details: note("met in May"), Workers: []string{"bob"},
				Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"JSON:API": {`{"jsonapi":{"version":"1.0"},"data":[{"type":"contacts","id":"1","attributes":{"name":"Anna Lee","email":"anna@example.com"},"links":{"self":"/contacts/1"}}],"links":{"self":"/contacts"}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}, Channels: []customer.Channel{email("anna@example.com")}}},
		"Airtable, a company by the id of its record": {`{"records":[{"id":"recA1b2C3d4E5f6G7","fields":{"Name":"Anna Lee","Company":["recB1b2C3d4E5f6G7"]}}]}`,
			customer.Customer{ID: "recA1b2C3d4E5f6G7", Name: "Anna Lee", Workers: []string{"bob"}}},
		"Odoo, a person shown beside the company, without an owner": {`[{"id":1,"display_name":"Acme, Anna Lee","name":"Anna Lee","parent_id":[5,"Acme"],"user_id":false}]`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme"}},
		"Intercom": {`{"type":"list","data":[{"type":"contact","id":"1","name":"Anna Lee","email":"anna@example.com","avatar":{"type":"avatar","image_url":"https://a.example/a.png"},
			"companies":{"type":"list","data":[{"id":"5"}],"url":"/contacts/1/companies"},"notes":{"type":"list","data":[],"url":"/contacts/1/notes"}}],"pages":{"next":null}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Avatar: "https://a.example/a.png", Workers: []string{"bob"}, Channels: []customer.Channel{email("anna@example.com")}}},
		"each customer in an object of its own": {`{"items":[{"data":{"id":1,"name":"Anna Lee","mobile":"+15557040101"},"meta":{"type":"contact"}}],"meta":{"count":1}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}, Channels: []customer.Channel{sms("+15557040101")}}},
		"shops, a number of the billing address": {`[{"id":1,"first_name":"Anna","last_name":"Lee","billing":{"first_name":"Anna","company":"Acme","phone":"+15557040101"}}]`,
			customer.Customer{ID: "1", Name: "Anna Lee", Company: "Acme", Workers: []string{"bob"}, Channels: []customer.Channel{sms("+15557040101")}}},
		"Notion": {`{"object":"list","results":[{"object":"page","id":"1","properties":{"Name":{"id":"title","type":"title","title":[{"type":"text","text":{"content":"Anna "},"plain_text":"Anna "},
			{"type":"text","text":{"content":"Lee"},"plain_text":"Lee"}]},"Email":{"id":"a","type":"email","email":"anna@example.com"},"Phone":{"id":"b","type":"phone_number","phone_number":"+15557040101"},
			"Company":{"id":"c","type":"rich_text","rich_text":[]},"Status":{"id":"e","type":"select","select":{"name":"Lead"}}}}],"next_cursor":null}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}, Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"QuickBooks": {`{"QueryResponse":{"Customer":[{"Id":"1","DisplayName":"Anna Lee","PrimaryPhone":{"FreeFormNumber":"+15557040101"},"PrimaryEmailAddr":{"Address":"anna@example.com"},
			"WebAddr":{"URI":"https://acme.example"}}],"startPosition":1},"time":"2024"}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}, Links: website("https://acme.example"), Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"Xero, a number in parts": {`{"Contacts":[{"ContactID":"1","Name":"Acme","Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"7040101","PhoneAreaCode":"555","PhoneCountryCode":"1"}]}]}`,
			customer.Customer{ID: "1", Name: "Acme", Workers: []string{"bob"}, Channels: []customer.Channel{sms("+15557040101")}}},
		"Mailchimp": {`{"members":[{"id":"1","email_address":"anna@example.com","merge_fields":{"FNAME":"Anna","LNAME":"Lee","PHONE":"+15557040101"}}]}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}, Channels: []customer.Channel{sms("+15557040101"), email("anna@example.com")}}},
		"an id beside that of another record, a role that is no job": {`{"data":[{"id":"cont_1","lead_id":"lead_1","name":"Anna Lee","role":"end-user"}]}`,
			customer.Customer{ID: "cont_1", Name: "Anna Lee", Workers: []string{"bob"}}},
		"the customer's number before that of an address": {`[{"id":1,"name":"Anna Lee","default_address":{"phone":"+15557040102"},"phone":"+15557040101"}]`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}, Channels: []customer.Channel{sms("+15557040101"), sms("+15557040102")}}},
		"numbers with exponents": {`[{"id":1e3,"name":"Anna Lee","phone":1.5557040101e+10}]`,
			customer.Customer{ID: "1000", Name: "Anna Lee", Workers: []string{"bob"}, Channels: []customer.Channel{sms("15557040101")}}},
		"pages in pages": {`{"status":"ok","data":{"total":1,"items":[{"id":1,"name":"Anna Lee"}]}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}}},
		"GraphQL": {`{"data":{"contacts":{"pageInfo":{"hasNextPage":false},"edges":[{"cursor":"a","node":{"id":1,"name":"Anna Lee"}}]}}}`,
			customer.Customer{ID: "1", Name: "Anna Lee", Workers: []string{"bob"}}},
	} {
		t.Run(name, func(t *testing.T) {
			list, report := imported(t, c.text, importer.Options{})
			if diff := cmp.Diff([]customer.Customer{c.want}, list); diff != "" {
				t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
			}
		})
	}
}

func TestImport_ReadsJSONPagesOneAfterTheOther(t *testing.T) {
	for text, want := range map[string][]string{
		`{"data":[{"name":"Anna"}],"next":{"after":"}"}}` + "\n" + `{"next":null,"data":[{"name":"Bert"}]}`: {"Anna", "Bert"},
		`[{"name":"Anna"}][],[{"name":"Bert"}]`: {"Anna", "Bert"},
		`{"result":{"items":[{"name":"Anna"}],"total":2},"errors":[{"name":"x"}]}{"result":{"items":[{"name":"Bert"}]}}`: {"Anna", "Bert"},
		`[{"name":"Anna"}];`: {"Anna"},
		`[{"page":1,"data":[{"name":"Anna"}]},{"data":[{"name":"Bert"}],"page":2}]`: {"Anna", "Bert"},
		`[[{"name":"Anna"}], [{"name":"Bert"}]]`:                                    {"Anna", "Bert"},
		`[{"id":1,"items":[{"name":"x"}],"name":"Anna"},{"name":"Bert"}]`:           {"Anna", "Bert"},
		`{"17":{"name":"Anna"},"-N8":{"name":"Bert"}}`:                              {"Anna", "Bert"},
		`{"contacts": {"17": {"name":"Anna"}, "18": {"name":"Bert"}}, "next": {}}`:  {"Anna", "Bert"},
	} {
		store := newStore(t)
		report := run(t, store, text, importer.Options{Worker: "bob"})
		if diff := cmp.Diff(want, names(t, store)); diff != "" || report.Rejected > 0 {
			t.Errorf("names of %s (-want +got):\n%s%s", text, diff, show(report))
		}
	}
	list, report := imported(t, `[{"name":"Anna"}] {"name":"Bert"}`, importer.Options{})
	if len(list) != 1 || report.Rejected != 1 {
		t.Errorf("a record after the list: customers = %s, report = %s", show(list), show(report))
	}
}

func TestImport_ReadsFalseAsEmpty(t *testing.T) {
	list, report := imported(t, shared(t, "cases/odoo-false.json"), importer.Options{})
	want := []customer.Customer{{ID: "1", Name: "Bobby Baker", Channels: []customer.Channel{sms("+15557040101")}, Workers: []string{"Alice A"}}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
	}
}

func TestColumns_ShowWhatObjectsInJSONAreCalled(t *testing.T) {
	file, err := importer.Open(t.Context(), strings.NewReader(`[{"id":1,"Name":"Anna","Account":{"attributes":{"type":"Account","url":"/1"},"Name":"Acme","Phone":"1"},"user_id":[2,"Alice"],"address":{"city":"Bonn"}}]`), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range file.Columns() {
		got[c.Name] = c.Field + " " + c.Samples[0]
	}
	want := map[string]string{"id": "customer_id 1", "Name": "display_name Anna", "Account": "company Acme", "user_id": "owner Alice", "address.city": " Bonn"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Columns() (-want +got):\n%s", diff)
	}
	mapped, _ := imported(t, `[{"id":1,"Name":"Anna","Account":{"Name":"Acme","Phone":"+15557040101"}}]`, importer.Options{Map: []importer.Mapping{{Field: "phone", Column: "account.phone"}}})
	if len(mapped) != 1 || len(mapped[0].Channels) != 1 || mapped[0].Company != "Acme" {
		t.Errorf("with a key of an object mapped, the customers are %+v", mapped)
	}
}

func TestImport_SaysWhichValuesInJSONItCannotRead(t *testing.T) {
	_, report := imported(t, `[{"name":"Anna","phone":[{"digits":"+15557040101"}],"email":[{"value":""}],"company":{}}]`, importer.Options{})
	if diff := cmp.Diff([]string{"phone"}, report.UnusedColumns); diff != "" {
		t.Errorf("UnusedColumns (-want +got):\n%s", diff)
	}
}
