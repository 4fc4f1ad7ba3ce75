package server

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// bens are texts that only ben, and an administrator in the console, may read.
var bens = []string{"Zwetschkenknödel", "quiet about the merger", "zora@secret.example", "BenBrowser/9", "ben only looked at this"}

// rightsServer is a server with two workers, two administrators (one of whom may
// export), and a deactivated worker.
type rightsServer struct {
	*testing.T
	*testServer
	all []auth.Route
	// bensNames are the ids, handles, tokens and sessions that belong to ben.
	bensNames []string
}

func newRightsServer(t *testing.T) *rightsServer {
	t.Helper()
	r := &rightsServer{T: t, testServer: newTestServer(t, nil)}
	r.people()
	r.customers()
	r.start(t)
	r.all = r.routes(t)
	r.collect()
	return r
}

func (r *rightsServer) people() {
	people := r.accounts
	for identity, role := range map[string]account.Role{
		"ada": account.RoleWorker, "ben": account.RoleWorker, "gone": account.RoleWorker, "root": account.RoleAdmin, "exporter": account.RoleAdmin,
	} {
		r.must(people.AddPerson(r.Context(), identity, role, "correct horse battery"))
		agent := "Browser/1"
		if identity == "ben" {
			agent = "BenBrowser/9"
		}
		r.signIn(r, identity, agent)
	}
	r.must(people.SetMayExport(r.Context(), "root", false))
	r.must(people.SetMayExport(r.Context(), "exporter", true))
	r.must(people.Deactivate(r.Context(), "gone"))
}

// customers stores fifty customers of ben and one of ada.
func (r *rightsServer) customers() {
	r.must(r.db.Customers().Update(r.Context(), func(tx customer.Tx) error {
		for i := range 50 {
			c := customer.Customer{
				ID: "ben-" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Name: "Zwetschkenknödel " + string(rune('A'+i)), Workers: []string{"ben"},
				Avatar: "https://pictures.example/zora.png", Channels: []customer.Channel{{Type: customer.Email, Value: "zora@secret.example"}},
				Details: customer.Detail{Title: "Notes", Content: "quiet about the merger"},
			}
			if err := tx.Put(r.Context(), c); err != nil {
				return err
			}
		}
		return tx.Put(r.Context(), customer.Customer{ID: "ada-1", Name: "Apfelstrudel", Workers: []string{"ada"}})
	}))
	r.must(r.audit.Write(r.Context(), audit.Entry{Actor: "ben", Via: "app", Action: audit.Viewed, Subject: "ben-aa", Name: "ben only looked at this"}))
}

// collect sets bensNames, some of them from ben's own pages.
func (r *rightsServer) collect() {
	r.bensNames = []string{"ben", "ben-aa", "ben-ba", r.cookies["ben"].Value}
	sessions, err := r.accounts.Sessions(r.Context(), "ben")
	r.must(err)
	for _, s := range sessions {
		r.bensNames = append(r.bensNames, s.ID)
	}
	page := r.do("ben", http.MethodGet, "/customers", nil).Body.String()
	for _, pattern := range []string{`page=([^"&]+)`, `/avatars/([^"]+)`} {
		found := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if found == nil {
			r.Fatalf("GET /customers by ben has no %s", pattern)
		}
		token, err := url.QueryUnescape(found[1])
		r.must(err)
		r.bensNames = append(r.bensNames, token)
	}
	response, err := r.live.callbackCRM.CustomersList(r.Context(), frontline.ListRequest{Worker: "ben", PageSize: 10})
	r.must(err)
	r.bensNames = append(r.bensNames, response.NextPageToken)
	for _, want := range bens[:1] {
		if !strings.Contains(page, want) {
			r.Fatalf("GET /customers by ben has no %q", want)
		}
	}
}

func (r *rightsServer) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// state returns everything that only ben or an administrator may change.
func (r *rightsServer) state() map[string]any {
	ctx, all := r.Context(), make(map[string]any)
	people, err := r.accounts.People(ctx)
	r.must(err)
	for i := range people {
		people[i].LastSeen = people[i].Created
		if people[i].Identity == "ada" {
			people[i].Preferences = account.Preferences{} // her own to choose
		}
	}
	all["people"] = people
	for _, who := range []string{"ben", "root", "exporter"} {
		sessions, err := r.accounts.Sessions(ctx, who)
		r.must(err)
		for i := range sessions {
			sessions[i].LastSeen, sessions[i].Expires = sessions[i].Created, sessions[i].Created
		}
		all["sessions of "+who] = sessions
	}
	var customers []customer.Customer
	for c, err := range r.db.Customers().All(ctx) {
		r.must(err)
		customers = append(customers, c)
	}
	all["customers"] = customers
	kept, err := r.live.settings.Callbacks(ctx)
	r.must(err)
	all["callbacks"] = kept
	masked, err := r.live.settings.Masked(ctx)
	r.must(err)
	signIn, err := r.live.settings.SignIn(ctx)
	r.must(err)
	rules, err := r.live.settings.AuditRules(ctx)
	r.must(err)
	messaging, err := r.live.settings.Conversations(ctx)
	r.must(err)
	templates, err := r.live.settings.Templates(ctx)
	r.must(err)
	all["settings"] = []any{masked, signIn, rules, messaging, templates}
	return all
}
