package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/rest"
	"github.com/clientele-project/clientele/internal/crm/mask"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/settings"
)

// ConversationsConfig configures conversations. The zero value leaves all to the settings.
type ConversationsConfig struct {
	// API is the base URL of the messaging service, "" for the public one.
	API string
	// Fixed has values that win over the settings, unless they are "".
	Fixed settings.Conversations
	// Transport makes the requests to the messaging service, nil over the network.
	Transport http.RoundTripper
}

// followInterval is how often open conversations are moved to the workers who are due.
const followInterval = 30 * time.Second

// outgoingLife is how long the text of a message that was sent here is kept: a browser may
// restore a form days later, which must not send it twice.
const outgoingLife = 7 * 24 * time.Hour

// conversations are the conversations of the program, and the callbacks around them.
type conversations struct {
	*messaging.Service
	server *Server
	calls  *limitedTransport
	live   atomic.Pointer[liveConversations]
}

// liveConversations is what the settings say.
type liveConversations struct {
	settings  settings.Conversations
	callbacks settings.Callbacks
	// client is nil when no messaging service is configured.
	client *rest.Client
	// These are clients of the company's own service, each nil when it has no URL.
	relay, router, outgoing, templates *frontline.Client
}

func (s *Server) newConversations() *conversations {
	if s.config.Conversations.Transport == nil {
		s.config.Conversations.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second, ForceAttemptHTTP2: true}
	}
	c := &conversations{server: s, calls: newLimitedTransport(s.config.Callbacks, s.processes.count)}
	c.live.Store(new(liveConversations))
	c.Service = messaging.New(messaging.Options{
		Backend: func() (conversation.Backend, error) {
			if client := c.live.Load().client; client != nil {
				return client, nil
			}
			return nil, conversation.ErrOff
		},
		Store:        s.config.DB.Conversations(),
		Sealer:       s.config.Key.Sealer("conversations"),
		Customers:    conversationCustomers{s.config.DB.Customers(), s.live.isBuiltIn},
		Worker:       c.worker,
		Fallback:     c.fallback,
		ProxyAddress: c.proxyAddress,
		Router:       c.route,
		Notify:       s.changes.notify,
		Masked:       s.live.masked.Load,
		MaskName:     mask.Name,
		VisibleID:    s.live.crm.VisibleID,
		Logger:       s.config.Logger,
	})
	return c
}

// read applies the settings.
func (c *conversations) read(ctx context.Context) error {
	stored := c.server.live.settings
	next := &liveConversations{}
	var err error
	if next.settings, err = stored.Conversations(ctx); err != nil && !errors.Is(err, settings.ErrWrongKey) {
		return err
	}
	if next.callbacks, err = stored.Callbacks(ctx); err != nil && !errors.Is(err, settings.ErrWrongKey) {
		return err
	}
	config := c.server.config.Conversations
	next.settings.Override(config.Fixed)
	old := c.live.Load()
	if reflect.DeepEqual(next.settings, old.settings) && next.callbacks == old.callbacks {
		return nil
	}
	if next.settings.Configured() {
		next.client = rest.New(rest.Options{
			BaseURL: config.API, AccountSID: next.settings.AccountSID, AuthToken: next.settings.AuthToken,
			APIKey: next.settings.APIKey, APISecret: next.settings.APISecret, ServiceSID: next.settings.ServiceSID, Transport: config.Transport,
		})
	}
	account := func() string { return cmp.Or(c.live.Load().settings.AuthToken, c.server.live.tokens.signing()) }
	next.relay = c.callback(notOurs(next.settings.Relay, c.server.config.PublicURL+ConversationsPath), account)
	next.router = c.callback(next.settings.Routing, account)
	next.outgoing = c.callback(next.callbacks.Outgoing, c.server.live.tokens.signing)
	next.templates = c.callback(next.callbacks.Templates, c.server.live.tokens.signing)
	c.live.Store(next)
	return nil
}

// webhookTokens returns the tokens that may sign what the messaging service sends: the
// account's, and ours.
func (c *conversations) webhookTokens() []string {
	return append([]string{c.live.Load().settings.AuthToken}, c.server.live.tokens.all()...)
}

// callback returns a client of a callback of the company's own service, nil without a URL
// or for one that cannot be called.
func (c *conversations) callback(url string, token func() string) *frontline.Client {
	if url == "" {
		return nil
	}
	client, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: token, Transport: c.calls})
	if err == nil {
		err = c.server.config.Callbacks.CheckURL(url)
	}
	if err != nil {
		c.server.config.Notice(slog.LevelWarn, "a stored URL of your own service for conversations cannot be called: "+err.Error())
		return nil
	}
	return client
}

// fallback returns the worker who gets the next conversation of a customer without worker.
func (c *conversations) fallback(ctx context.Context) (string, error) {
	set := c.live.Load().settings
	switch set.Fallback {
	case settings.FallbackWorker:
		return set.Worker, nil
	case settings.FallbackAvailable:
		return c.server.accounts.NextAvailable(ctx)
	}
	return "", nil
}

// proxyAddress returns the address to write from, as the company's own service or else the
// settings say.
func (c *conversations) proxyAddress(ctx context.Context, worker, customerID, channel, address string) (string, error) {
	live := c.live.Load()
	if live.outgoing == nil {
		if proxy := live.settings.ProxyAddress(worker, channel); proxy != "" {
			return proxy, nil
		}
		return "", messaging.NoDestination
	}
	if channel == conversation.WhatsApp {
		address = conversation.WhatsApp + ":" + address
	}
	return live.outgoing.ProxyAddress(ctx, frontline.ProxyAddressRequest{Worker: worker, CustomerID: customerID, ChannelType: channel, ChannelValue: address})
}

// route asks the company's own service to add a worker.
func (c *conversations) route(ctx context.Context, sid, address, proxyAddress string) (bool, error) {
	live := c.live.Load()
	if live.router == nil {
		return false, nil
	}
	return true, live.router.Route(ctx, frontline.RouteRequest{
		ConversationSID: sid, ServiceSID: live.settings.ServiceSID, Address: address, ProxyAddress: proxyAddress, Attributes: "{}",
	})
}

// workers returns the identities of the people who can take conversations.
func (c *conversations) workers(ctx context.Context) (identities []string, err error) {
	people, err := c.server.accounts.People(ctx)
	for _, p := range people {
		if p.Active() {
			identities = append(identities, p.Identity)
		}
	}
	return identities, err
}

// compare compares the active conversations with the messaging service, after the time in
// which the program was not running. Each is also compared when its page is opened.
func (c *conversations) compare(ctx context.Context) {
	c.warn(ctx, "comparing conversations with the messaging service failed; each is compared when its page is opened", c.Reconcile(ctx, ""))
}

// follow lets conversations follow their customers, once.
func (c *conversations) follow(ctx context.Context) {
	c.warn(ctx, "moving conversations to other workers failed; it is tried again", c.Follow(ctx))
}

// warn logs an error, unless ctx has ended.
func (c *conversations) warn(ctx context.Context, message string, err error) {
	if err != nil && ctx.Err() == nil {
		c.server.config.Logger.Warn(message, "error", err)
	}
}
