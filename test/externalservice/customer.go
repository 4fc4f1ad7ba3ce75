package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// A customer of a worker.
type customer struct {
	mark   string // of the worker: in every name and id, so that a leak shows
	number int    // among the worker's customers, from 1
	name   string
}

// mark returns four letters that identify a worker.
func mark(worker string) string {
	h := fnv.New32a()
	h.Write([]byte(worker))
	sum := h.Sum32()
	letters := make([]byte, 4)
	for i := range letters {
		letters[i] = 'a' + byte(sum%26)
		sum /= 26
	}
	return string(letters)
}

// id returns an id such as "abcd-12".
func (c customer) id() string { return c.mark + "-" + strconv.Itoa(c.number) }

// numericID returns a number that a float64 cannot represent exactly.
func (c customer) numericID() string {
	h := fnv.New32a()
	h.Write([]byte(c.mark))
	return fmt.Sprintf("%d%06d", 9_007_199_254+int64(h.Sum32()), c.number)
}

// salesforceID returns the form of 15 characters; three more make the other.
func (c customer) salesforceID() string { return fmt.Sprintf("003%s%08d", c.mark, c.number) }

// salesforceSuffix makes the form of 18 characters.
const salesforceSuffix = "AA0"

// customersOf returns a worker's customers in list order, which is by name.
func customersOf(worker string, n int) []customer {
	first := strings.Fields("Ada Bram Chloé Dilek Émile Freya Goran Hana Ines Jörg Kofi Lena Marek Nour Oona Priya Quentin Rosa Søren Tomás Ulla Vera Wim Ximena Yara Zoë")
	last := strings.Fields("Adeyemi Bauer Castro Dvořák Eriksen Ferrara Grünwald Haddad Ivanov Jansen Kowalska López Mbeki Novák Okafor Petit Quist Rossi Silva Tanaka")
	m := mark(worker)
	all := make([]customer, n)
	for i := range all {
		// There are 260 pairs of names; a number makes more.
		name := first[i%len(first)] + " " + last[i%len(last)]
		if round := i / 260; round > 0 {
			name += " " + strconv.Itoa(round+1)
		}
		all[i] = customer{m, i + 1, name + " " + m}
	}
	slices.SortStableFunc(all, func(a, b customer) int { return cmp.Compare(a.name, b.name) })
	return all
}

// phone returns a fictional number.
func (c customer) phone() string { return fmt.Sprintf("+1202555%04d", c.number%10000) }

func (c customer) email() string { return c.id() + "@example.org" }
