package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// Attempts limits how often passwords are guessed, and in which order they are checked.
// Only wrong passwords count. A device on which the person has signed in before, a network
// in which they have since the program started, and a session have limits of their own,
// which strangers elsewhere cannot use up.
//
// From anywhere else, a guess counts for the account, and for the account in each network
// around the client. A network's limit is below that of the account, so that one network, or
// a few, leave the person some attempts from another. It is safe for concurrent use.
type Attempts struct {
	byNetwork, byAccount *web.Limiter
	// logouts has its own count: forged logout tokens must not keep people at the same address
	// from signing in, and wrong passwords must not keep a provider from ending sessions.
	logouts *web.Limiter
	queue   *web.FairQueue
	// signedIn has the accounts and networks of sign-ins, as networkKey writes them.
	signedIn *lru.Cache[string, struct{}]
}

// networkRate is the rate of attempts in a network of a size.
type networkRate struct {
	bits int
	web.Rate
}

// The rates of a client's networks for all accounts together. A customer of a provider has
// an IPv4 address, or IPv6 addresses from a /64 to a /48.
var (
	rates4 = []networkRate{{32, web.Rate{Burst: 30, Interval: 3 * time.Second}}}
	rates6 = []networkRate{
		{64, web.Rate{Burst: 30, Interval: 3 * time.Second}},
		{56, web.Rate{Burst: 40, Interval: 2 * time.Second}},
		{48, web.Rate{Burst: 50, Interval: time.Second}},
	}
)

// The rates for one account. Unknown devices together have fewer than 20 guesses in any
// hour: a burst of 14 and 5 more. Three IPv4 addresses (12 and 4), a provider (/32) and all
// of IPv6 have fewer.
var (
	accountRates4 = []networkRate{{32, web.Rate{Burst: 4, Interval: 45 * time.Minute}}}
	accountRates6 = []networkRate{
		{48, web.Rate{Burst: 4, Interval: 45 * time.Minute}},
		{32, web.Rate{Burst: 7, Interval: 30 * time.Minute}},
		{0, web.Rate{Burst: 10, Interval: 20 * time.Minute}},
	}
	accountRate = web.Rate{Burst: 14, Interval: 12 * time.Minute}
)

// suspectRate does not limit: each wrong password makes a network suspect for a minute.
var suspectRate = web.Rate{Burst: 1 << 20, Interval: time.Minute}

// The rates of a known network, and of a known device or a session.
var (
	knownNetworkRate = web.Rate{Burst: 4, Interval: 45 * time.Minute}
	knownDeviceRate  = web.Rate{Burst: 8, Interval: 6 * time.Minute}
)

// The limits of checking passwords. package secret hashes two at the same time, which takes
// 25 ms of a core each; the other two read or write the database meanwhile.
const (
	maxChecks        = 4
	maxWaitingChecks = 64
	maxCheckWait     = 2 * time.Second
)

// The numbers of networks and accounts to remember. A bucket is forgotten when that many
// others were used after it: for accounts, more than can be checked while one attempt
// becomes available again.
const (
	maxNetworks = 20_000
	maxAccounts = 65_536
)

// Ranks of attempts: known ones are checked first, and those from suspect networks last.
const (
	rankKnown = iota
	rankFresh
	rankSuspect
)

// LimitedError is returned when the limit of attempts is reached.
type LimitedError struct {
	// Wait is how long until another attempt is allowed.
	Wait time.Duration
}

func (e *LimitedError) Error() string {
	return fmt.Sprintf("too many attempts: wait %v", e.Wait.Round(time.Second))
}

// NewAttempts returns Attempts; now is the clock.
func NewAttempts(now func() time.Time) *Attempts {
	return &Attempts{
		byNetwork: web.NewLimiter(maxNetworks, now),
		byAccount: web.NewLimiter(maxAccounts, now),
		logouts:   web.NewLimiter(maxNetworks, now),
		queue:     web.NewFairQueue(maxChecks, maxWaitingChecks, maxCheckWait),
		signedIn:  lru.New[string, struct{}](maxNetworks, maxNetworks, nil),
	}
}

// SignIn runs check, which signs identity in with a password, for a client at an address.
// device is the id of a device on which they have signed in before, "" for any other. It
// returns the error of check, a *LimitedError or web.ErrBusy.
func (a *Attempts) SignIn(ctx context.Context, identity, device string, from netip.Addr, check func() error) (err error) {
	key := text.IdentityKey(identity)
	network := networkKey(key, from, narrowest(from))
	_, known := a.signedIn.Get(network)
	switch {
	case device != "":
		err = a.known(ctx, identity, web.Bucket{Key: accountKey("device", key, device), Rate: knownDeviceRate}, check)
	case known:
		err = a.known(ctx, identity, web.Bucket{Key: "network " + network, Rate: knownNetworkRate}, check)
	default:
		err = a.unknown(ctx, identity, from, check)
	}
	if err == nil {
		a.signedIn.Put(network, struct{}{}, 1)
	}
	return err
}

// InSession is SignIn for a password that a person enters in a session.
func (a *Attempts) InSession(ctx context.Context, s account.Session, check func() error) error {
	return a.known(ctx, s.Identity, web.Bucket{Key: accountKey("session", text.IdentityKey(s.Identity), s.ID), Rate: knownDeviceRate}, check)
}

// Logout runs verify, which verifies a logout token of the identity provider, for a client at
// an address. Only refused tokens count. It returns the error of verify or a *LimitedError.
func (a *Attempts) Logout(from netip.Addr, verify func() error) error {
	buckets := networkBuckets("", from, rates4, rates6)
	if wait := a.logouts.Take(buckets...); wait > 0 {
		return &LimitedError{wait}
	}
	err := verify()
	if !errors.Is(err, account.ErrProviderRefused) {
		a.logouts.Return(buckets...)
	}
	return err
}

func (a *Attempts) known(ctx context.Context, identity string, bucket web.Bucket, check func() error) error {
	if wait := a.byAccount.Take(bucket); wait > 0 {
		return &LimitedError{wait}
	}
	err := a.enter(ctx, text.IdentityKey(identity), rankKnown, check)
	if !isWrong(err) {
		a.byAccount.Return(bucket)
	}
	return err
}

func (a *Attempts) unknown(ctx context.Context, identity string, from netip.Addr, check func() error) error {
	key := text.IdentityKey(identity)
	account := web.Bucket{Key: accountKey("account", key, ""), Rate: accountRate}
	networks := networkBuckets("", from, rates4, rates6)
	widest := networks[len(networks)-1].Key
	rank, suspect := rankFresh, web.Bucket{Key: widest + " suspect", Rate: suspectRate}
	if !a.byNetwork.IsFull(suspect) {
		rank = rankSuspect
	}
	networks = append(append(networks, suspect), networkBuckets(key, from, accountRates4, accountRates6)...)
	if wait := a.byNetwork.Take(networks...); wait > 0 {
		return &LimitedError{wait}
	}
	wait := a.byAccount.Take(account)
	if wait > 0 {
		a.byNetwork.Return(networks...)
		return &LimitedError{wait}
	}
	err := a.enter(ctx, widest, rank, check)
	if !isWrong(err) {
		a.byNetwork.Return(networks...)
		a.byAccount.Return(account)
	}
	return err
}

// Forget forgets the wrong passwords for an account, which has a new one: the person who
// forgot the old one need not wait.
func (a *Attempts) Forget(identity string) {
	key := text.IdentityKey(identity)
	ofAccount := func(k string) bool { return k[:strings.LastIndexByte(k, ' ')] == key }
	a.byNetwork.Forget(ofAccount)
	a.byAccount.Forget(func(k string) bool {
		_, k, _ = strings.Cut(k, " ")
		return ofAccount(k)
	})
}

// TakeFromNetwork counts an attempt that names no account and returns 0, or returns how long
// to wait before the next. ReturnFromNetwork undoes it.
func (a *Attempts) TakeFromNetwork(from netip.Addr) (wait time.Duration) {
	return a.byNetwork.Take(networkBuckets("", from, rates4, rates6)...)
}

// ReturnFromNetwork undoes an attempt that TakeFromNetwork counted.
func (a *Attempts) ReturnFromNetwork(from netip.Addr) {
	a.byNetwork.Return(networkBuckets("", from, rates4, rates6)...)
}

// accountKey returns the key of an account's bucket of a kind. An id has no blank; an identity
// may have some.
func accountKey(kind, identityKey, id string) string { return kind + " " + identityKey + " " + id }

func (a *Attempts) enter(ctx context.Context, key string, rank int, check func() error) error {
	release, err := a.queue.Enter(ctx, key, rank)
	if err != nil {
		return err
	}
	defer release()
	return check()
}

// isWrong reports whether an attempt counts: not when the password was right, or could not
// be checked.
func isWrong(err error) bool { return errors.Is(err, account.ErrCredentials) }

// networkBuckets returns the buckets of an account, or of all together (""), in the networks
// around an address, the widest last. Clients without an address share one.
func networkBuckets(account string, addr netip.Addr, v4, v6 []networkRate) []web.Bucket {
	rates := v4
	if addr.Is6() {
		rates = v6
	}
	var buckets []web.Bucket
	for _, r := range rates {
		buckets = append(buckets, web.Bucket{Key: networkKey(account, addr, r.bits), Rate: r.Rate})
	}
	return buckets
}

// networkKey returns the key of an account in the network of a size around an address.
func networkKey(account string, addr netip.Addr, bits int) string {
	network, _ := addr.Prefix(bits) // invalid for an invalid address
	return account + " " + network.String()
}

// narrowest returns the size of the smallest network that is one customer's of a provider.
func narrowest(addr netip.Addr) int {
	if addr.Is6() {
		return rates6[0].bits
	}
	return rates4[0].bits
}
