package cli

import (
	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/outbound"
)

// callbackFlags say which integration service is asked, and how.
type callbackFlags struct {
	url         *string
	private     *bool
	concurrency *int
	rate        *float64
}

// The most that may be asked of a service: more is a slip of the keyboard.
const (
	maxConcurrency = 1000
	maxRate        = 10_000
)

func (f *flags) callbacks() *callbackFlags {
	return &callbackFlags{
		url: f.String("crm-callback-url", "", "ask the integration service at this `URL` for customers, whatever is set in the\n"+
			"console (default: the one set there, or else the built-in service)"),
		private:     f.Bool("allow-private-callbacks", false, "let callback URLs lead to private addresses and to this machine"),
		concurrency: f.Int("callback-concurrency", 8, "ask a service at most `N` questions at once"),
		rate:        f.Float64("callback-rate", 20, "ask a service `N` questions a second on average, and at most half as many more at once"),
	}
}

// policy is which addresses may be connected to.
func (c *callbackFlags) policy() outbound.Policy {
	return outbound.Policy{AllowPrivate: *c.private}
}

// check refuses what cannot be used. The URL is not repeated: its query may hold a
// secret.
func (c *callbackFlags) check() error {
	if *c.concurrency < 1 || *c.concurrency > maxConcurrency {
		return wrongUse("--callback-concurrency %d: it is a number from 1 to %d", *c.concurrency, maxConcurrency)
	}
	if !(*c.rate > 0 && *c.rate <= maxRate) { // also refuses what is no number
		return wrongUse("--callback-rate %v: it is a number of questions a second, above 0 and up to %d", *c.rate, maxRate)
	}
	if *c.url == "" {
		return nil
	}
	if err := checkCallbackURL(*c.url, c.policy()); err != nil {
		return wrongUse("--crm-callback-url: %v", err)
	}
	return nil
}

// checkCallbackURL says why a URL cannot be called back, as far as that can be known
// before it is tried.
func checkCallbackURL(url string, p outbound.Policy) error {
	if err := frontline.CheckCallbackURL(url); err != nil {
		return err
	}
	return outbound.CheckURL(url, p)
}
