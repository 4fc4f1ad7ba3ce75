package server

import (
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
	"github.com/clientele-project/clientele/internal/conversation/rest"
	"github.com/clientele-project/clientele/internal/settings"
)

var (
	setupAccount = "AC" + strings.Repeat("1a", 16)
	setupService = "IS" + strings.Repeat("2b", 16)
)

const (
	setupSMS      = "+15557040102"
	setupWhatsApp = "+15557040103"
	setupURL      = "https://crm.example.com" + ConversationsPath
)

// setupServer is a server before an invented messaging service, with a client to configure
// that service by hand.
type setupServer struct {
	*testServer
	api   *fakeapitest.API
	log   syncBuffer
	there *rest.Client
}

// newSetupServer starts a server with settings that change may alter.
func newSetupServer(t *testing.T, publicURL string, change func(*settings.Conversations)) *setupServer {
	t.Helper()
	s := &setupServer{api: fakeapitest.New(fakeapi.Options{AccountSID: setupAccount, AuthToken: "s3cret-token", ServiceSID: setupService})}
	s.there = rest.New(rest.Options{AccountSID: setupAccount, AuthToken: "s3cret-token", ServiceSID: setupService, Transport: s.api})
	s.testServer = newTestServer(t, func(c *Config) {
		c.PublicURL, c.Conversations.Transport = publicURL, s.api
		c.Logger = slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if change != nil {
		_, _, err := s.live.settings.SaveConversations(t.Context(), func(c *settings.Conversations) {
			c.AccountSID, c.AuthToken = setupAccount, "s3cret-token"
			change(c)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.start(t)
	return s
}

// findings returns the findings by code, with their states and values.
func (s *setupServer) findings(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, f := range s.conversations.CheckSetup(t.Context()).Findings {
		all[f.Code] = strings.TrimSpace(string(f.State) + " " + f.Value)
	}
	return all
}

func TestConversations_CheckSetup(t *testing.T) {
	none := func(*settings.Conversations) {}
	httpURL := "http://crm.example.com" + ConversationsPath
	for name, test := range map[string]struct {
		publicURL string // "" is that of setupURL, "-" none
		settings  func(*settings.Conversations)
		there     func(*setupServer) error
		want      map[string]string
	}{
		"nothing is configured": {want: map[string]string{"off": "bad"}},
		"wrong credentials": {
			settings: func(c *settings.Conversations) { c.AuthToken = "other" },
			want:     map[string]string{"public": "good https://crm.example.com", "credentials.wrong": "bad"},
		},
		"unreachable, without a public URL": {
			publicURL: "-", settings: none,
			there: func(s *setupServer) error { s.api.Fail(fakeapitest.Fault{Times: 9}); return nil },
			want:  map[string]string{"public.none": "bad --public-url", "unreachable": "bad"},
		},
		"an unknown service, without the token": {
			publicURL: "https://192.168.0.7",
			settings: func(c *settings.Conversations) {
				c.AuthToken, c.APIKey, c.APISecret, c.ServiceSID = "", "SK"+strings.Repeat("3c", 16), "s", setupAccount
				c.ServiceSID = strings.Replace(setupService, "2b", "00", 1)
			},
			want: map[string]string{"public.none": "bad --public-url", "token": "bad", "credentials.wrong": "bad"},
		},
		"nothing there, over http": {
			publicURL: "http://crm.example.com", settings: func(c *settings.Conversations) { c.SMS.Default = setupSMS },
			want: map[string]string{"public.none": "bad --public-url", "credentials": "good", "webhooks.part": "missing PostWebhookUrl=" + httpURL + ", PreWebhookUrl=" + httpURL + ", Method=POST, " + strings.Join(neededEvents, ", "), "address.none": "missing " + setupSMS},
		},
		"another service's webhooks, a flow, and an address that is off": {
			settings: func(c *settings.Conversations) {
				c.SMS.Default, c.WhatsApp.Workers = setupSMS, map[string]string{"ada": setupWhatsApp}
			},
			there: func(s *setupServer) error {
				flow := rest.Address{Channel: "sms", Address: setupSMS, AutoCreation: true, Type: "studio"}
				off := rest.Address{Channel: "whatsapp", Address: setupWhatsApp, Type: "default"}
				for _, a := range []rest.Address{flow, off} {
					if err := s.there.SetAddress(t.Context(), a); err != nil {
						return err
					}
				}
				return s.there.SetWebhooks(t.Context(), rest.Webhooks{PostURL: "https://own.example/hooks", Filters: []string{"onMessageAdded"}, Method: "POST"})
			},
			want: map[string]string{"public": "good https://crm.example.com", "credentials": "good", "webhooks.relay": "missing https://own.example/hooks",
				"address.flow": "note " + setupSMS, "address.none": "missing whatsapp:" + setupWhatsApp},
		},
		"webhooks of the service without all events, another relay": {
			settings: func(c *settings.Conversations) { c.ServiceSID, c.Relay = setupService, "https://other.example/" },
			there: func(s *setupServer) error {
				return s.there.SetWebhooks(t.Context(), rest.Webhooks{ServiceSID: setupService, PostURL: "https://own.example/hooks", PreURL: setupURL})
			},
			want: map[string]string{"public": "good https://crm.example.com", "credentials": "good", "webhooks.replace": "missing https://own.example/hooks", "address.unset": "note"},
		},
		"our webhooks with GET and without an event": {
			settings: none,
			there: func(s *setupServer) error {
				return s.there.SetWebhooks(t.Context(), rest.Webhooks{PostURL: setupURL, PreURL: setupURL, Method: "GET", Target: "flex", Filters: neededEvents[1:]})
			},
			want: map[string]string{"public": "good https://crm.example.com", "credentials": "good", "address.unset": "note",
				"webhooks.part": "missing Method=POST, Target=webhook, onConversationAdd"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			public := strings.TrimSuffix(setupURL, ConversationsPath)
			if test.publicURL != "" {
				public = strings.Trim(test.publicURL, "-")
			}
			s := newSetupServer(t, public, test.settings)
			if test.there != nil {
				if err := test.there(s); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(test.want, s.findings(t)); diff != "" {
				t.Errorf("CheckSetup() (-want +got):\n%s", diff)
			}
		})
	}
}

// TestConversations_SetUp sets up a messaging service in the console, and looks for secrets
// in all that the program writes.
func TestConversations_SetUp(t *testing.T) {
	s := newSetupServer(t, "https://crm.example.com", nil)
	s.add(t, "root", account.RoleAdmin)
	s.cookies["root"].Name = "__Host-clientele" // as over https
	if err := s.there.SetWebhooks(t.Context(), rest.Webhooks{PostURL: "https://own.example/hooks?key=s3cret-in-url", PreURL: "https://own.example/before", Filters: []string{"onMessageAdd"}, Method: "GET"}); err != nil {
		t.Fatal(err)
	}
	var written strings.Builder
	post := func(path string, form url.Values, want int, has string) {
		t.Helper()
		w := s.do("root", http.MethodPost, path, form)
		written.WriteString(w.Body.String())
		if w.Code != want || !strings.Contains(w.Body.String(), has) {
			t.Fatalf("POST %s: status %d, want %d with %q:\n%s", path, w.Code, want, has, w.Body)
		}
	}
	post("/console/conversations", url.Values{"account_sid": {setupAccount}, "auth_token": {"s3cret-token"}, "sms": {setupSMS}}, http.StatusSeeOther, "")
	post("/console/conversations/test", url.Values{}, http.StatusOK, "https://own.example/hooks")
	post("/console/conversations/setup", url.Values{}, http.StatusOK, "Everything is set up.")
	if got := slices.Sorted(maps.Keys(s.findings(t))); !slices.Equal(got, []string{"address", "credentials", "public", "webhooks"}) {
		t.Errorf("findings after setting up = %v", got)
	}
	all, err := s.there.Webhooks(t.Context())
	if err != nil || !slices.Contains(all[0].Filters, "onMessageAdd") {
		t.Errorf("Webhooks() = %+v, %v, want also the events that the company's own service gets", all, err)
	}
	stored, err := s.live.settings.Conversations(t.Context())
	if err != nil || stored.Relay != "https://own.example/hooks?key=s3cret-in-url" || s.conversations.live.Load().relay == nil {
		t.Errorf("Conversations() = %+v, %v, want the relay", stored, err)
	}
	// A relay to this program would come back.
	if notOurs("http://crm.example.com:80"+ConversationsPath, setupURL) == "" || notOurs("http://CRM.example.com"+ConversationsPath+"?x", setupURL) != "" {
		t.Error("notOurs does not tell this program's URL from others")
	}
	for _, path := range []string{"/console/conversations", "/console/callbacks", "/console/audit", "/console/templates", "/console/activity"} {
		written.WriteString(s.do("root", http.MethodGet, path, nil).Body.String())
	}
	entries := 0
	for e, err := range s.audit.All(t.Context(), audit.Query{}) {
		if entries++; err != nil || strings.Contains(string(e.Params), "s3cret") || strings.Contains(string(e.Params), "555") {
			t.Errorf("audit entry %+v, %v", e, err)
		}
	}
	if strings.Contains(written.String(), "s3cret-token") {
		t.Error("a page contains the auth token")
	}
	if log := s.log.String(); !strings.Contains(log, "/console/conversations") || strings.Contains(log, "s3cret") {
		t.Errorf("the log lacks the requests, or has a secret:\n%s", log)
	}
	if entries != 3 { // saved, tested, set up
		t.Errorf("the audit has %d entries, want 3", entries)
	}
}
