package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

// Attempts limits how often passwords are guessed, over all processes that share a limiter, and
// in which order this one checks them.
// Only wrong passwords count. A device on which the person has signed in before, a network
// in which they have since this process started, and a session have limits of their own,
// which strangers elsewhere cannot use up.
//
// From anywhere else, a guess counts for the account, and for the account in each network
// around the client. A network's limit is below that of the account, so that one network, or
// a few, leave the person some attempts from another. It is safe for concurrent use.
type Attempts struct {
	limiter *web.Limiter
	queue   *web.FairQueue
	// signedIn has the accounts and networks of sign-ins.
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

// maxNetworks is how many known networks are remembered.
const maxNetworks = 20_000

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

// NewAttempts returns Attempts that a limiter counts. Their errors include those of its store.
func NewAttempts(limiter *web.Limiter) *Attempts {
	return &Attempts{
		limiter:  limiter,
		queue:    web.NewFairQueue(maxChecks, maxWaitingChecks, maxCheckWait),
		signedIn: lru.New[string, struct{}](maxNetworks, maxNetworks, nil),
	}
}

// SignIn runs check, which signs identity in with a password, for a client at an address.
// device is the id of a device on which they have signed in before, "" for any other. It
// returns the error of check, a *LimitedError or web.ErrBusy.
func (a *Attempts) SignIn(ctx context.Context, identity, device string, from netip.Addr, check func() error) (err error) {
	key := text.IdentityKey(identity)
	network := networkOf(from, narrowest(from))
	_, known := a.signedIn.Get(key + " " + network)
	switch {
	case device != "":
		err = a.known(ctx, web.Bucket{Account: key, Key: "device " + device, Rate: knownDeviceRate}, check)
	case known:
		err = a.known(ctx, web.Bucket{Account: key, Key: "known " + network, Rate: knownNetworkRate}, check)
	default:
		err = a.unknown(ctx, identity, from, check)
	}
	if err == nil {
		a.signedIn.Put(key+" "+network, struct{}{}, 1)
	}
	return err
}

// InSession is SignIn for a password that a person enters in a session.
func (a *Attempts) InSession(ctx context.Context, s account.Session, check func() error) error {
	return a.known(ctx, web.Bucket{Account: text.IdentityKey(s.Identity), Key: "session " + s.ID, Rate: knownDeviceRate}, check)
}

// Logout runs verify, which verifies a logout token of the identity provider, for a client at
// an address. Only refused tokens count, and apart from passwords: forged ones must not keep
// people at the same address from signing in, and wrong passwords must not keep a provider from
// ending sessions. It returns the error of verify or a *LimitedError.
func (a *Attempts) Logout(ctx context.Context, from netip.Addr, verify func() error) error {
	buckets := networkBuckets("logout", "", from, rates4, rates6)
	if err := a.take(ctx, buckets...); err != nil {
		return err
	}
	err := verify()
	if !errors.Is(err, account.ErrProviderRefused) {
		a.giveBack(ctx, buckets...)
	}
	return err
}

// take counts an attempt in all buckets, or returns a *LimitedError.
func (a *Attempts) take(ctx context.Context, buckets ...web.Bucket) error {
	wait, err := a.limiter.Take(ctx, buckets...)
	if err == nil && wait > 0 {
		return &LimitedError{wait}
	}
	return err
}

// giveBack undoes an attempt that was counted. If that fails, one too many counts.
func (a *Attempts) giveBack(ctx context.Context, buckets ...web.Bucket) {
	_ = a.limiter.Return(context.WithoutCancel(ctx), buckets...)
}

func (a *Attempts) known(ctx context.Context, bucket web.Bucket, check func() error) error {
	if err := a.take(ctx, bucket); err != nil {
		return err
	}
	err := a.enter(ctx, bucket.Account, rankKnown, check)
	if !isWrong(err) {
		a.giveBack(ctx, bucket)
	}
	return err
}

func (a *Attempts) unknown(ctx context.Context, identity string, from netip.Addr, check func() error) error {
	key := text.IdentityKey(identity)
	buckets := networkBuckets("network", "", from, rates4, rates6)
	widest := buckets[len(buckets)-1].Key
	rank, suspect := rankFresh, web.Bucket{Key: widest + " suspect", Rate: suspectRate}
	switch full, err := a.limiter.IsFull(ctx, suspect); {
	case err != nil:
		return err
	case !full:
		rank = rankSuspect
	}
	buckets = append(append(buckets, suspect), networkBuckets("network", key, from, accountRates4, accountRates6)...)
	buckets = append(buckets, web.Bucket{Account: key, Key: "account", Rate: accountRate})
	if err := a.take(ctx, buckets...); err != nil {
		return err
	}
	err := a.enter(ctx, widest, rank, check)
	if !isWrong(err) {
		a.giveBack(ctx, buckets...)
	}
	return err
}

// Forget forgets the wrong passwords for an account, which has a new one: the person who
// forgot the old one need not wait.
func (a *Attempts) Forget(ctx context.Context, identity string) error {
	return a.limiter.Forget(ctx, text.IdentityKey(identity))
}

// TakeFromNetwork counts an attempt that names no account, or returns a *LimitedError.
// ReturnFromNetwork undoes it.
func (a *Attempts) TakeFromNetwork(ctx context.Context, from netip.Addr) error {
	return a.take(ctx, networkBuckets("network", "", from, rates4, rates6)...)
}

// ReturnFromNetwork undoes an attempt that TakeFromNetwork counted.
func (a *Attempts) ReturnFromNetwork(ctx context.Context, from netip.Addr) {
	a.giveBack(ctx, networkBuckets("network", "", from, rates4, rates6)...)
}

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

// networkBuckets returns the buckets of a kind for an account, or for all together (""), in the
// networks around an address, the widest last. Clients without an address share one.
func networkBuckets(kind, account string, addr netip.Addr, v4, v6 []networkRate) []web.Bucket {
	rates := v4
	if addr.Is6() {
		rates = v6
	}
	var buckets []web.Bucket
	for _, r := range rates {
		buckets = append(buckets, web.Bucket{Account: account, Key: kind + " " + networkOf(addr, r.bits), Rate: r.Rate})
	}
	return buckets
}

// networkOf returns the network of a size around an address.
func networkOf(addr netip.Addr, bits int) string {
	network, _ := addr.Prefix(bits) // invalid for an invalid address
	return network.String()
}

// narrowest returns the size of the smallest network that is one customer's of a provider.
func narrowest(addr netip.Addr) int {
	if addr.Is6() {
		return rates6[0].bits
	}
	return rates4[0].bits
}
