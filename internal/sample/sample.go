// Package sample generates fictional customers for the demo, tests and benchmarks.
//
// The output depends on the arguments alone. No customer can be real: addresses are under
// example.com and example.org, and phone numbers are in ranges reserved for fiction (North
// American 555-01xx, the drama numbers of Ofcom and the ACMA).
package sample

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Customers yields n fictional customers with the IDs "1" to n. The customer at index i
// (from 0) depends on seed and i only, not on n. workers returns its owners, sorted; nil
// leaves all unassigned.
func Customers(n int, seed uint64, workers func(i int) []string) iter.Seq[customer.Customer] {
	return func(yield func(customer.Customer) bool) {
		g := newGenerator(seed)
		for i := range n {
			c := g.customer(i)
			if workers != nil {
				c.Workers = workers(i)
			}
			if !yield(c) {
				return
			}
		}
	}
}

// generator generates the customers of a seed.
type generator struct {
	seed    uint64
	src     *rand.PCG
	rng     *rand.Rand
	lexicon *lexicon
}

func newGenerator(seed uint64) *generator {
	src := rand.NewPCG(seed, 0)
	return &generator{seed: seed, src: src, rng: rand.New(src), lexicon: loadLexicon()}
}

// customer generates the customer at index i, independently of all others.
func (g *generator) customer(i int) customer.Customer {
	g.src.Seed(g.seed, uint64(i)*0x9e3779b97f4a7c15+1)
	id := strconv.Itoa(i + 1)
	name, local := g.name()
	c := customer.Customer{ID: id, Name: name}
	if g.chance(70) {
		c.Company = g.pick(g.lexicon.companies) + " " + g.pick(g.lexicon.forms)
		if g.chance(60) {
			c.JobTitle = g.pick(g.lexicon.titles)
		}
	}
	c.Channels = g.channels(local, id)
	if g.chance(15) {
		c.Links = append(c.Links, customer.Link{
			Type: "CRM", Value: "https://crm.example.com/people/" + id, DisplayName: "Full profile"})
	}
	if g.chance(5) {
		c.Links = append(c.Links, customer.Link{
			Type: "Website", Value: "https://" + local + ".example.com/", DisplayName: "Website"})
	}
	if g.chance(10) {
		c.Avatar = "https://pictures.example.com/" + id + ".jpg"
	}
	if g.chance(30) {
		c.Details = g.notes()
	}
	return c
}

// channels generates up to four contact channels; one customer in twelve has none.
func (g *generator) channels(local, id string) []customer.Channel {
	if g.chance(8) {
		return nil
	}
	channels := make([]customer.Channel, 0, 3)
	if g.chance(85) {
		phone := g.phone()
		channels = append(channels, customer.Channel{Type: "sms", Value: phone})
		if g.chance(40) {
			channels = append(channels, customer.Channel{Type: "whatsapp", Value: text.WhatsAppPrefix + phone})
		}
		if g.chance(8) {
			channels = append(channels, customer.Channel{Type: "sms", Value: g.phone()})
		}
	}
	if g.chance(80) {
		host := "@example.org"
		if g.chance(30) {
			host = "@example.com"
		}
		channels = append(channels, customer.Channel{Type: "email", Value: local + "." + id + host})
	}
	if g.chance(2) {
		channels = append(channels, customer.Channel{Type: "chat", Value: local + "-" + id})
	}
	return channels
}

// notes generates one to three lines under a title.
func (g *generator) notes() customer.Detail {
	lines := 1 + g.rng.IntN(3)
	var b strings.Builder
	for line := range lines {
		if line > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(g.pick(g.lexicon.notes))
	}
	return customer.Detail{Title: g.pick(g.lexicon.headings), Content: b.String()}
}

// chance returns true with a probability of percent.
func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func (g *generator) pick(from []string) string { return from[g.rng.IntN(len(from))] }
