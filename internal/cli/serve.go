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
	"github.com/clientele-project/clientele/internal/secret"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	addr, database, secretFile *string
	authToken, publicURL       *string
	proxyList                  list
	callbacks                  *callbackFlags
	provider                   *providerFlags
	metricsToken               *string
	logs                       *logFlags

	origin  string // of publicURL
	proxies []netip.Prefix
}

func serveCommand() command {
	return command{
		name:    "serve",
		summary: "serve the app, and the customers at " + callbackPath,
		about: `
The database and the secret file are made when they do not exist. Callbacks must be
signed with --auth-token, or with the token that is made at the first start and kept
(clientele token show). Behind a proxy, --public-url is the URL that people and
callers use, and --trusted-proxy the addresses of those whose X-Forwarded-For is
believed when sign-in attempts are counted.

The app shows what the built-in integration service answers from the database,
unless another service is set: by an administrator at /console/callbacks, or with
--crm-callback-url, which the console then cannot change.

With --oidc-issuer people sign in with the company's own identity provider, where
<public-url>/signin/provider/callback is to be registered. Passwords count beside it
until they are switched off in the console (clientele signin passwords).

A first interrupt or SIGTERM lets requests in flight finish, for at most 15 seconds;
a second one ends the program at once. /healthz answers while the program runs,
/readyz while it can read its database, ` + metricsPath + ` has figures for Prometheus.

A token on the command line can be seen by others on the same machine, and so can
a client secret, or a URL with a secret in its query: better set
CLIENTELE_AUTH_TOKEN, CLIENTELE_OIDC_CLIENT_SECRET and the like in the environment.`,
		setup: func(f *flags) action {
			o := &serveOptions{
				addr:         f.String("addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 takes a free one"),
				database:     f.database(),
				secretFile:   f.secretFile(),
				authToken:    f.String("auth-token", "", "the `TOKEN` that signs callbacks (default: the one kept in the database)"),
				publicURL:    f.String("public-url", "", "the `URL` that people and callers use, such as https://crm.example.com\n(default: what they ask for)"),
				callbacks:    f.callbacks(),
				provider:     f.provider(),
				metricsToken: f.String("metrics-token", "", "let whoever sends this `TOKEN` read "+metricsPath+" (default: this machine alone may)"),
				logs:         f.logs("info"),
			}
			f.Var(&o.proxyList, "trusted-proxy", "`CIDR` of a proxy in front; may be given several times, or with commas between")
			return o.run
		},
	}
}

func (o *serveOptions) run(ctx context.Context, std streams, _ []string) (err error) {
	journal, err := o.check(std)
	if err != nil {
		return err
	}
	l, err := listen(*o.addr)
	if err != nil {
		return err
	}
	defer l.Close()
	db, err := openDatabase(ctx, *o.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	secretFile := secretFileFor(*o.secretFile, *o.database)
	key, made, err := secret.Load(secretFile)
	if err != nil {
		return err
	}
	if made {
		journal.tell(slog.LevelInfo, fmt.Sprintf("The secret file %s was made: keep it with your backups.", secretFile))
	}
	h := newHouse(ctx, db, key, journal, o.callbacks)
	defer h.close()
	h.services.fixedToken, h.services.fixedURL = *o.authToken, *o.callbacks.url
	h.services.showToken = "clientele token show --database " + quoted(*o.database)
	if err := h.signInWith(o.provider, o.origin); err != nil {
		return err
	}
	if err := h.open(ctx); err != nil {
		return err
	}
	handler, err := site{house: h, publicURL: o.origin, proxies: o.proxies, metricsToken: *o.metricsToken}.handler()
	if err != nil {
		return err
	}
	if err := o.greet(ctx, std, l.Addr(), h.people, journal); err != nil {
		return err
	}
	return serveUntilDone(ctx, l, handler, journal.Logger, stopGrace)
}

// check refuses values that cannot be used before anything is touched.
func (o *serveOptions) check(std streams) (j *journal, err error) {
	if err := checkAddr(*o.addr); err != nil {
		return nil, err
	}
	if o.origin, err = parsePublicURL(*o.publicURL); err != nil {
		return nil, err
	}
	if o.proxies, err = parseProxies(o.proxyList); err != nil {
		return nil, err
	}
	if err := o.callbacks.check(); err != nil {
		return nil, err
	}
	if err := o.provider.check(o.origin, *o.addr); err != nil {
		return nil, err
	}
	return o.logs.open(std.err)
}

// greet says where to go, and what a first run still lacks.
func (o *serveOptions) greet(ctx context.Context, std streams, addr net.Addr, people *account.Service, j *journal) error {
	has, err := people.HasPeople(ctx)
	if err != nil {
		return err
	}
	if !has {
		j.tell(slog.LevelInfo, "Nobody can sign in yet. To add the first person: clientele user add you@example.com --role admin --database "+quoted(*o.database))
	}
	open := rootURL(addr)
	secure := strings.HasPrefix(o.origin, "https://")
	if !secure && !loopbackAddr(addr.String()) {
		j.tell(slog.LevelWarn, "passwords and customers travel unencrypted to "+addr.String()+
			": put a proxy that speaks HTTPS in front, and name its address with --public-url https://...")
	}
	if secure && len(o.proxies) == 0 {
		j.tell(slog.LevelWarn, "the proxy in front is not named with --trusted-proxy, so all sign-in attempts count as one client's")
	}
	if o.origin != "" {
		j.tell(slog.LevelInfo, "Listening on "+open)
		open = o.origin + "/"
	}
	_, err = fmt.Fprintf(std.out, "Open %s\n", open)
	return err
}

// quoted is a file name as it can be pasted into a shell.
func quoted(name string) string {
	if !strings.ContainsAny(name, " \t\n'\"\\$`!*?[](){}<>|&;~#") {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
