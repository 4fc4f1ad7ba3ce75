package importer_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// fullCustomer returns a customer with all fields.
func fullCustomer() customer.Customer {
	return customer.Customer{
		ID: "7", Name: "Anna Lee", Company: "Acme", JobTitle: "Buyer",
		Channels: []customer.Channel{email("a@example.com"), sms("+15557040102"), whatsapp("+15557040102"), {Type: customer.Chat, Value: "anna"}, sms("+15557040103")},
		Links: []customer.Link{{Type: "LinkedIn", Value: "https://linkedin.com/in/anna", DisplayName: "LinkedIn"},
			{Type: "Website", Value: "https://example.com", DisplayName: "Home"}},
		Details: customer.Detail{Title: "Information", Content: "VIP"}, Avatar: "https://example.com/a.png", Workers: []string{"alice", "bob"},
	}
}

func TestImport_ChangesOnlyTheFieldsOfTheFile(t *testing.T) {
	for _, c := range []struct {
		name, text string
		change     func(c *customer.Customer)
	}{
		{"nothing but a name", "id,name,owner\n7,Anna Kim,alice;bob\n", func(c *customer.Customer) { c.Name = "Anna Kim" }},
		{"the same again", "id,name,owner\n7,Anna Lee,bob; Alice\n", func(c *customer.Customer) { c.Workers = []string{"Alice", "bob"} }},
		{"an empty company clears", "id,name,company,owner\n7,Anna Lee,,alice;bob\n", func(c *customer.Customer) { c.Company = "" }},
		{"empty cells clear", "id,name,company,job title,notes,avatar,owner\n7,Anna Lee,,,,,\n", func(c *customer.Customer) {
			c.Company, c.JobTitle, c.Details, c.Avatar, c.Workers = "", "", customer.Detail{}, "", nil
		}},
		{"notes keep their title", "id,name,notes,owner\n7,Anna Lee,new,alice;bob\n", func(c *customer.Customer) { c.Details.Content = "new" }},
		{"email replaces email where it was", "id,name,email,email 2,owner\n7,Anna Lee,x@example.com,y@example.com,alice;bob\n", func(c *customer.Customer) {
			c.Channels = []customer.Channel{email("x@example.com"), email("y@example.com"), c.Channels[1], c.Channels[2], c.Channels[3], c.Channels[4]}
		}},
		{"the same numbers in their order stay where they are", "id,name,phone,mobile,owner\n7,Anna Lee,+1 555 704 0102,+1 555 704 0103,alice;bob\n", func(*customer.Customer) {}},
		{"a WhatsApp column leaves the numbers alone", "id,name,whatsapp,owner\n7,Anna Lee,,alice;bob\n", func(c *customer.Customer) {
			c.Channels = slices.Delete(c.Channels, 2, 3)
		}},
		{"a link of one type leaves the others alone", "id,name,linkedin,owner\n7,Anna Lee,linkedin.com/in/anna2,alice;bob\n", func(c *customer.Customer) {
			c.Links = []customer.Link{{Type: "LinkedIn", Value: "https://linkedin.com/in/anna2", DisplayName: "LinkedIn"}, c.Links[1]}
		}},
		{"JSON without a key", `{"customer_id":"7","name":"Anna Lee","workers":["alice","bob"]}`, func(*customer.Customer) {}},
		{"JSON with null", `{"customer_id":7,"name":"Anna Lee","company":null,"channels":null,"links":null,"details":null,"owner":null}`, func(c *customer.Customer) {
			c.Company, c.Channels, c.Links, c.Details, c.Workers = "", nil, nil, customer.Detail{}, nil
		}},
		{"JSON with empty lists", `{"customer_id":7,"name":"Anna Lee","channels":[],"links":[],"workers":[]}`, func(c *customer.Customer) {
			c.Channels, c.Links, c.Workers = nil, nil, nil
		}},
		{"JSON with one sort of channel", `{"customer_id":7,"name":"Anna Lee","emails":["x@example.com"],"workers":["alice","bob"]}`, func(c *customer.Customer) {
			c.Channels = slices.Clone(c.Channels)
			c.Channels[0] = email("x@example.com")
		}},
		{"an avatar that is not a URL is left out", "id,name,avatar,owner\n7,Anna Lee,a.png,alice;bob\n", func(c *customer.Customer) { c.Avatar = "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			if err := store.Update(context.Background(), func(tx customer.Tx) error { return tx.Put(context.Background(), fullCustomer()) }); err != nil {
				t.Fatal(err)
			}
			run(t, store, c.text, importer.Options{})
			want := fullCustomer()
			c.change(&want)
			if c.name == "the same again" { // identities without an @ differ by case
				slices.Sort(want.Workers)
			}
			if diff := cmp.Diff([]customer.Customer{want}, all(t, store)); diff != "" {
				t.Errorf("customers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImport_SetsOwners(t *testing.T) {
	for _, c := range []struct {
		name, text, worker string
		before             []string
		want               []string
		unassigned         int
	}{
		{"an owner column sets", "id,name,owner\n7,Anna,carol\n", "", []string{"alice", "bob"}, []string{"carol"}, 0},
		{"several in a cell", "id,name,owner\n7,Anna,\"carol; alice,bob\"\n", "", nil, []string{"alice", "bob", "carol"}, 0},
		{"a name with an address", "id,name,owner\n7,Anna,Carol Jones <carol@example.com>; Bob (bob@example.com)\n", "", nil, []string{"bob@example.com", "carol@example.com"}, 0},
		{"a blank owner is none, and counted", "id,name,owner\n7,Anna,\n", "", []string{"alice"}, nil, 1},
		{"the owner of the file wins", "id,name,owner\n7,Anna,carol\n", "dave", []string{"alice"}, []string{"carol"}, 0},
		{"a blank owner with Options.Worker is none", "id,name,owner\n7,Anna,\n", "dave", nil, nil, 1},
		{"Options.Worker is added", "id,name\n7,Anna\n", "dave", []string{"alice", "erin"}, []string{"alice", "dave", "erin"}, 0},
		{"Options.Worker is an owner already, in other capitals", "id,name\n7,Anna\n", "Dave@Example.com", []string{"dave@example.com"}, []string{"dave@example.com"}, 0},
		{"everyone", "id,name\n7,Anna\n", "*", []string{"alice"}, []string{"*", "alice"}, 0},
		{"the same owners in other capitals", "id,name,owner\n7,Anna,BOB@example.com\n", "", []string{"bob@example.com"}, []string{"bob@example.com"}, 0},
		{"a word for none", "id,name,owner\n7,Anna,Unassigned\n", "", nil, nil, 1},
		{"a comma inside a name", "id,name,owner\n7,Anna,\"Adams, Alice\"\n", "", nil, []string{"Adams, Alice"}, 0},
		{"a comma inside each of two names", "id,name,owner\n7,Anna,\"Adams, Alice; Brown, Bob\"\n", "", nil, []string{"Adams, Alice", "Brown, Bob"}, 0},
		{"a comma between names of several words", "id,name,owner\n7,Anna,\"Bob Brown, Alice Adams\"\n", "", nil, []string{"Alice Adams", "Bob Brown"}, 0},
		{"a comma between addresses", "id,name,owner\n7,Anna,\"Bob <bob@example.com>,alice@example.com\"\n", "", nil, []string{"alice@example.com", "bob@example.com"}, 0},
		{"a comma inside a name with an address", "id,name,owner\n7,Anna,\"Adams, Alice <alice@example.com>\"\n", "", nil, []string{"alice@example.com"}, 0},
		{"an address rather than a name or an id", "id,name,Owner ID,Owner Name,Owner Email\n7,Anna,0055g00000AbCdEFGH,Carol Jones,carol@example.com\n", "", nil, []string{"carol@example.com"}, 0},
		{"a name rather than an id", "id,name,HubSpot Owner ID,Contact owner\n7,Anna,1234.0,Carol Jones\n", "", nil, []string{"Carol Jones"}, 0},
		{"an id for want of a name", "id,name,HubSpot Owner ID,Contact owner\n7,Anna,1234.0,\n", "", nil, []string{"1234"}, 0},
		{"Options.Worker rather than an id", "id,name,HubSpot Owner ID\n7,Anna,1234\n", "dave", nil, []string{"dave"}, 0},
		{"no owner in other words", "id,name,owner\n7,Anna,NULL\n", "", []string{"alice"}, nil, 1},
		{"an identity with a comma in a list", `{"id":7,"name":"Anna","workers":["Jones, Carol"]}`, "", nil, []string{"Jones, Carol"}, 0},
		{"an owner as an object", `{"id":7,"name":"Anna","owner":{"name":"Carol","email":"carol@example.com"}}`, "", nil, []string{"carol@example.com"}, 0},
		{"a user name rather than a name", "id,name,Owner.Name,Owner.Username,OwnerId\n7,Anna,Carol Jones,carol@example.com,005\n", "", nil, []string{"carol@example.com"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			if c.before != nil {
				old := customer.Customer{ID: "7", Name: "Anna", Workers: c.before}
				if err := store.Update(context.Background(), func(tx customer.Tx) error { return tx.Put(context.Background(), old) }); err != nil {
					t.Fatal(err)
				}
			}
			report := run(t, store, c.text, importer.Options{Worker: c.worker})
			if diff := cmp.Diff(c.want, all(t, store)[0].Workers); diff != "" {
				t.Errorf("workers (-want +got):\n%s", diff)
			}
			if report.Unassigned != c.unassigned {
				t.Errorf("Unassigned = %d, want %d", report.Unassigned, c.unassigned)
			}
		})
	}
}

func TestImport_ReportsRejectedRowsInPlainWords(t *testing.T) {
	for name, c := range map[string]struct{ text, reason string }{
		"too many columns":     {"id,name,owner\n7,Lee, Anna,bob\n", "4 columns, but the header has 3: does a text contain an unquoted comma?"},
		"too few columns":      {"id;name;owner;phone\n7;Anna;bob\n", "3 columns, but the header has 4"},
		"an open mark":         {"id,name,owner\n7,\"Anna,bob\n8,Bert,bob\n", "a quotation mark is never closed"},
		"blanks for a name":    {"id,name,owner\n7, \t ,bob\n", "no name"},
		"an id beyond bounds":  {"id,name,owner\n" + strings.Repeat("7", 513) + ",Anna,bob\n", "the id is longer than 512 bytes"},
		"notes beyond bounds":  {"id,name,owner,notes\n7,Anna,bob," + strings.Repeat("x", 60<<10) + "\n", "the customer is too large: 61 KiB, the limit is 48 KiB"},
		"broken JSON":          {`[{"id":7,"name":"Anna","worker":"bob"},` + "\n" + `{"id":8,` + "\n" + `"name" "x"}]`, "invalid JSON on line 3"},
		"JSON that is cut off": {`[{"id":7,"name":"Anna","worker":"bob"},` + "\n" + `{"id":8,"na`, "invalid JSON: the file ends too early"},
		"a number among JSON":  {`[{"id":7,"name":"Anna","worker":"bob"}, 8]`, "not a JSON object"},
		"a NUL in JSON":        {`[{"id":7,"name":"An\u0000na","worker":"bob"}]`, "the name contains a NUL character"},
	} {
		t.Run(name, func(t *testing.T) {
			report := run(t, newStore(t), c.text, importer.Options{})
			if len(report.Problems) != 1 || report.Problems[0].Reason != c.reason {
				t.Errorf("Problems = %s, want one with reason %q", show(report.Problems), c.reason)
			}
		})
	}
}

func TestImport_AcceptsRowsWithoutTrailingUnusedCells(t *testing.T) {
	list, report := imported(t, "name,phone,opt out,created\nAnna,+15557040102\nBert,+15557040103,,\n\n,,,\n", importer.Options{})
	if len(list) != 2 || report.Rows != 2 {
		t.Errorf("report = %s", show(report))
	}
}
