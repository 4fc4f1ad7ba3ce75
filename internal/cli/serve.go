package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/memory"
	"github.com/clientele-project/clientele/internal/server"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	addr, database, secretFile *string
	readDatabase               *string
	authToken, publicURL       *string
	proxyList                  list
	callbacks                  *callbackFlags
	provider                   *providerFlags
	conversations              *server.ConversationsConfig
	metricsToken, uploads      *string
	fsync                      *bool
	logs                       *logFlags

	origin  string // of publicURL
	proxies []netip.Prefix
}

func serveCommand() command {
	return command{
		name:    "serve",
		summary: "serve the app, the console and the callback at " + server.CallbackPath,
		about: `
Creates the database and the secret file if they do not exist. Callbacks must be
signed with --auth-token, or with the token that is generated at the first start and
stored (clientele token show). Behind a proxy, --public-url is the URL that people and
callers use, and --trusted-proxy names the proxy's address, such as 10.0.0.5/32. Its
X-Forwarded-For is believed when sign-in attempts are counted and in the audit log.
Repeat it for a chain of proxies: each stands for one hop.

The app shows the customers of the built-in integration service, unless another
service is set: by an administrator at /console/callbacks, or with --crm-callback-url,
which the console then cannot change.

With --oidc-issuer, people sign in with the company's own identity provider. Register
<public-url>/signin/provider/callback there. Passwords also work until they are
switched off in the console (clientele signin passwords).

The first interrupt or SIGTERM lets requests in flight finish for at most 15 seconds;
a second one ends it immediately. /healthz responds while the program runs,
/readyz while it can read and write its database, and ` + server.MetricsPath + ` has metrics for
Prometheus.

Workers' conversations with customers need an account of a messaging service, which
is set in the console at /console/conversations, or with --conversations-account-sid
and the flags beside it, which the console then cannot change. Its webhooks need an
https --public-url.

A token on the command line can be seen by others on the same machine, and so can
a client or API secret, or a URL with a secret in its query. Set CLIENTELE_AUTH_TOKEN,
CLIENTELE_OIDC_CLIENT_SECRET, CLIENTELE_CONVERSATIONS_AUTH_TOKEN and the like in the
environment instead.`,
		setup: func(f *flags) action {
			s := &serveFlags{
				addr:          f.String("addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 picks a free one"),
				database:      f.database(),
				readDatabase:  f.String("read-database", "", "read lists, searches and details from this replica of the database, a `URL` of PostgreSQL,\nwhen it has received the latest changes"),
				secretFile:    f.secretFile(),
				authToken:     f.String("auth-token", "", "the `TOKEN` that signs callbacks (default: the one stored in the database)"),
				publicURL:     f.String("public-url", "", "the `URL` that people and callers use, such as https://crm.example.com\n(default: the address of each request)"),
				callbacks:     f.callbacks(),
				provider:      f.provider(),
				conversations: f.conversations(),
				metricsToken:  f.String("metrics-token", "", "let requests with this `TOKEN` read "+server.MetricsPath+" (default: only this machine may)"),
				uploads:       f.String("uploads", "", "the `DIRECTORY` of files that wait to be imported, one for all processes\n(default: the database file's name with .uploads, or clientele.uploads with PostgreSQL)"),
				fsync:         f.Bool("fsync", true, "confirm a change when it is on the disk; false is faster, but a power failure may\ntake the last changes"),
				logs:          f.logs("info"),
			}
			f.Var(&s.proxyList, "trusted-proxy", "`ADDRESS` of a proxy in front, or a range; repeat it, or separate several by commas")
			return s.run
		},
	}
}

func (s *serveFlags) run(ctx context.Context, std streams, _ []string) (err error) {
	log, err := s.check(std)
	if err != nil {
		return err
	}
	l, err := listen(*s.addr)
	if err != nil {
		return err
	}
	defer l.Close()
	budget := memory.Find(server.EnoughMemory)
	db, err := store.Open(ctx, *s.database, store.Options{NoSync: !*s.fsync, Scale: budget.Scale, ReadDatabase: *s.readDatabase})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	warnReadable(log, *s.database)
	secretFile := secretFileFor(*s.secretFile, *s.database)
	key, created, err := loadKey(ctx, db, secretFile)
	if err != nil {
		return err
	}
	if created {
		log.notice(slog.LevelInfo, fmt.Sprintf("Created the secret file %s: keep it with your backups.", secretFile))
	}
	srv, err := server.New(ctx, server.Config{
		DB: db, UploadsDir: uploadsFor(*s.uploads, *s.database), Key: key, Logger: log.Logger, Notice: log.notice, Memory: budget,
		PublicURL: s.origin, TrustedProxies: s.proxies, MetricsToken: *s.metricsToken,
		CRMCallbackURL: s.callbacks.url, AuthToken: *s.authToken,
		TokenCommand:  "clientele token show --database " + shellQuote(store.Redacted(*s.database)),
		Callbacks:     s.callbacks.limits,
		Conversations: *s.conversations,
		Provider:      s.provider.options(),
	})
	if err != nil {
		return err
	}
	defer srv.Close()
	if err := srv.Start(ctx); err != nil {
		return err
	}
	if err := s.printAddress(ctx, std, l.Addr(), srv.Accounts(), log); err != nil {
		return err
	}
	return srv.Serve(ctx, l)
}

// check refuses values that cannot be used before anything is opened.
func (s *serveFlags) check(std streams) (log *logger, err error) {
	if err := checkAddr(*s.addr); err != nil {
		return nil, err
	}
	if s.origin, err = parsePublicURL(*s.publicURL); err != nil {
		return nil, err
	}
	if s.proxies, err = parseProxies(s.proxyList); err != nil {
		return nil, err
	}
	if *s.readDatabase != "" && !(store.IsServer(*s.readDatabase) && store.IsServer(*s.database)) {
		return nil, usageErrorf("--read-database is for a --database that is the URL of PostgreSQL, and must be one too")
	}
	if err := s.callbacks.check(); err != nil {
		return nil, err
	}
	if err := s.provider.check(s.origin, *s.addr); err != nil {
		return nil, err
	}
	if err := checkConversations(s.conversations); err != nil {
		return nil, err
	}
	return s.logs.open(std.err)
}

// printAddress prints where to open the app, and what a first run lacks.
func (s *serveFlags) printAddress(ctx context.Context, std streams, addr net.Addr, people *account.Service, log *logger) error {
	has, err := people.HasPeople(ctx)
	if err != nil {
		return err
	}
	if *s.authToken != "" {
		if err := settings.CheckToken(*s.authToken); err != nil {
			log.notice(slog.LevelWarn, "--auth-token is a token that the console would refuse, and anyone who guesses it can read all customers: "+err.Error())
		}
	}
	if !has {
		log.notice(slog.LevelInfo, "No one can sign in yet. To add the first person: clientele user add you@example.com --role admin --database "+shellQuote(store.Redacted(*s.database)))
	}
	open := rootURL(addr)
	secure := strings.HasPrefix(s.origin, "https://")
	if !secure && !isLoopbackAddr(addr.String()) {
		log.notice(slog.LevelWarn, "passwords and customers travel unencrypted to "+addr.String()+
			": put an HTTPS proxy in front, and set its address with --public-url https://...")
	}
	if secure && len(s.proxies) == 0 {
		log.notice(slog.LevelWarn, "the proxy in front is not set with --trusted-proxy, so all sign-in attempts count as one client's")
	}
	for _, p := range s.proxies {
		if isTooWide(p) {
			log.notice(slog.LevelWarn, "--trusted-proxy "+p.String()+" is wider than a proxy needs: every machine in it can choose the address "+
				"that the audit records and sign-in limits count. Name the proxy's own address, such as "+p.Addr().Next().String())
		}
	}
	if s.origin != "" {
		log.notice(slog.LevelInfo, "Listening on "+open)
		open = s.origin + "/"
	}
	_, err = fmt.Fprintf(std.out, "Open %s\n", open)
	return err
}

// shellQuote writes a file name so that it can be pasted into a shell.
func shellQuote(name string) string {
	if !strings.ContainsAny(name, " \t\n'\"\\$`!*?[](){}<>|&;~#") {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
