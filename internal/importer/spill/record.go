package spill

import (
	"encoding/binary"
	"errors"

	"github.com/clientele-project/clientele/internal/customer"
)

// appendCustomer appends a customer's record: strings, each with its length before it,
// and before a list how many elements it has.
func appendCustomer(b []byte, c customer.Customer) []byte {
	text := func(texts ...string) {
		for _, s := range texts {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	number := func(n int) { b = binary.AppendUvarint(b, uint64(n)) }
	text(c.ID, c.Name, c.Company, c.JobTitle, c.Details.Title, c.Details.Content, c.Avatar)
	number(len(c.Channels))
	for _, ch := range c.Channels {
		text(ch.Type, ch.Value)
	}
	number(len(c.Links))
	for _, l := range c.Links {
		text(l.Type, l.Value, l.DisplayName)
	}
	number(len(c.Workers))
	text(c.Workers...)
	return b
}

var errDamaged = errors.New("the temporary file is damaged")

// readCustomer reads a record of appendCustomer; it keeps no reference to b.
func readCustomer(b []byte) (customer.Customer, error) {
	rest, broken := string(b), false
	number := func() int {
		n, width := binary.Uvarint([]byte(rest[:min(len(rest), binary.MaxVarintLen64)]))
		if width <= 0 || n > uint64(len(rest)-width) {
			broken = true
			return 0
		}
		rest = rest[width:]
		return int(n)
	}
	text := func() string {
		n := number()
		s := rest[:n]
		rest = rest[n:]
		return s
	}
	c := customer.Customer{ID: text(), Name: text(), Company: text(), JobTitle: text()}
	c.Details.Title, c.Details.Content, c.Avatar = text(), text(), text()
	for range number() {
		c.Channels = append(c.Channels, customer.Channel{Type: text(), Value: text()})
	}
	for range number() {
		c.Links = append(c.Links, customer.Link{Type: text(), Value: text(), DisplayName: text()})
	}
	for range number() {
		c.Workers = append(c.Workers, text())
	}
	if broken || rest != "" {
		return customer.Customer{}, errDamaged
	}
	return c, nil
}
