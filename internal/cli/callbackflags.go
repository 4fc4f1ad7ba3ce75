package cli

import "github.com/clientele-project/clientele/internal/server"

// callbackFlags say which integration service is called, and how.
type callbackFlags struct {
	url    string
	limits server.CallbackLimits
}

// The largest values that make sense: more is a typo.
const (
	maxConcurrency = 1000
	maxRate        = 10_000
)

func (f *flags) callbacks() *callbackFlags {
	c := new(callbackFlags)
	f.StringVar(&c.url, "crm-callback-url", "", "call the integration service at this `URL` for customers, whatever the console says\n"+
		"(default: the one set in the console, or else the built-in service)")
	f.BoolVar(&c.limits.AllowPrivate, "allow-private-callbacks", false, "let callback URLs lead to private addresses and to this machine")
	f.IntVar(&c.limits.Concurrency, "callback-concurrency", 8, "make at most `N` concurrent calls to a service")
	f.Float64Var(&c.limits.Rate, "callback-rate", 20, "make `N` calls a second to a service on average, and half as many more in a burst")
	return c
}

// check refuses values that cannot be used. It does not repeat the URL: its query may
// hold a secret.
func (c *callbackFlags) check() error {
	if n := c.limits.Concurrency; n < 1 || n > maxConcurrency {
		return usageErrorf("--callback-concurrency %d: use a number from 1 to %d", n, maxConcurrency)
	}
	if rate := c.limits.Rate; !(rate > 0 && rate <= maxRate) { // also refuses NaN
		return usageErrorf("--callback-rate %v: use a number of calls a second above 0 and up to %d", rate, maxRate)
	}
	if c.url == "" {
		return nil
	}
	if err := c.limits.CheckURL(c.url); err != nil {
		return usageErrorf("--crm-callback-url: %v", err)
	}
	return nil
}
