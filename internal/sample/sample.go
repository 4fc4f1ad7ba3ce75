// Package sample invents customers: for the demo, for tests and for benchmarks.
//
// What it makes depends on its arguments alone, so a result can be made again
// anywhere. Nobody in it exists: addresses are under example.com and
// example.org, and telephone numbers come from ranges that are reserved for
// fiction (North American 555-01xx, Ofcom's and the ACMA's drama numbers).
package sample

import (
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
)

// Customers yields n invented customers with the IDs "1" to n in decimal. The
// customer at index i (from 0) depends on seed and i only, not on n. workers
// says whose the customer at i is, in byte order; nil makes it nobody's.
func Customers(n int, seed uint64, workers func(i int) []string) iter.Seq[customer.Customer] {
	return func(yield func(customer.Customer) bool) {
		m := newMaker(seed)
		for i := range n {
			c := m.customer(i)
			if workers != nil {
				c.Workers = workers(i)
			}
			if !yield(c) {
				return
			}
		}
	}
}

// A maker makes the customers of one seed.
type maker struct {
	seed uint64
	src  *rand.PCG
	rng  *rand.Rand
	lex  *lexicon
}

func newMaker(seed uint64) *maker {
	src := rand.NewPCG(seed, 0)
	return &maker{seed: seed, src: src, rng: rand.New(src), lex: words()}
}

// customer makes the customer at index i, afresh from the seed so that each
// depends on nothing before it.
func (m *maker) customer(i int) customer.Customer {
	m.src.Seed(m.seed, uint64(i)*0x9e3779b97f4a7c15+1)
	id := strconv.Itoa(i + 1)
	name, local := m.name()
	c := customer.Customer{ID: id, Name: name}
	if m.chance(70) {
		c.Company = m.pick(m.lex.companies) + " " + m.pick(m.lex.forms)
		if m.chance(60) {
			c.JobTitle = m.pick(m.lex.titles)
		}
	}
	c.Channels = m.channels(local, id)
	if m.chance(15) {
		c.Links = append(c.Links, customer.Link{
			Type: "CRM", Value: "https://crm.example.com/people/" + id, DisplayName: "Full profile"})
	}
	if m.chance(5) {
		c.Links = append(c.Links, customer.Link{
			Type: "Website", Value: "https://" + local + ".example.com/", DisplayName: "Website"})
	}
	if m.chance(10) {
		c.Avatar = "https://pictures.example.com/" + id + ".jpg"
	}
	if m.chance(30) {
		c.Details = m.notes()
	}
	return c
}

// channels makes up to four ways to reach somebody; one in twelve has none.
func (m *maker) channels(local, id string) []customer.Channel {
	if m.chance(8) {
		return nil
	}
	channels := make([]customer.Channel, 0, 3)
	if m.chance(85) {
		phone := m.phone()
		channels = append(channels, customer.Channel{Type: "sms", Value: phone})
		if m.chance(40) {
			channels = append(channels, customer.Channel{Type: "whatsapp", Value: "whatsapp:" + phone})
		}
		if m.chance(8) {
			channels = append(channels, customer.Channel{Type: "sms", Value: m.phone()})
		}
	}
	if m.chance(80) {
		host := "@example.org"
		if m.chance(30) {
			host = "@example.com"
		}
		channels = append(channels, customer.Channel{Type: "email", Value: local + "." + id + host})
	}
	if m.chance(2) {
		channels = append(channels, customer.Channel{Type: "chat", Value: local + "-" + id})
	}
	return channels
}

// notes makes one to three lines under a title.
func (m *maker) notes() customer.Detail {
	lines := 1 + m.rng.IntN(3)
	var b strings.Builder
	for line := range lines {
		if line > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m.pick(m.lex.notes))
	}
	return customer.Detail{Title: m.pick(m.lex.headings), Content: b.String()}
}

// chance is true percent times in a hundred.
func (m *maker) chance(percent int) bool { return m.rng.IntN(100) < percent }

func (m *maker) pick(from []string) string { return from[m.rng.IntN(len(from))] }
