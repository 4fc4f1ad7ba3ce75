package importer

import (
	"fmt"
	"os"

	"github.com/clientele-project/clientele/internal/customer"
)

// spillAt is how much a scratch holds in memory, in bytes; what is more goes to a
// file. It is about 40,000 customers.
const spillAt = 8 << 20

// scratch keeps the customers that a check would have written, one after the other,
// and where each of them is. A million take about 25 MiB of memory beside what is on
// the disk, and as much again when they have to be found by their addresses.
type scratch struct {
	dir string

	// The log: the file, if there is one yet, and then tail.
	file    *os.File
	flushed int64
	tail    []byte
	// offsets are where the records begin, places the number of each id's newest one,
	// from 1.
	offsets []int64
	places  *claims

	// Where each address is met, once somebody has asked: heads has the number of the
	// last entry for a key, from 1, and each entry the one before.
	heads   *claims
	entries []contactEntry

	read []byte // what was read last
}

type contactEntry struct{ record, before int32 }

// newScratch makes one that spills into a file in dir; "" is the system's place for
// such files.
func newScratch(dir string) *scratch { return &scratch{dir: dir, places: newClaims()} }

// close gives up what was kept.
func (s *scratch) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	os.Remove(s.file.Name()) // where that could not be done at once
	return err
}

func (s *scratch) has(id string) bool { return s.places.place(id) != 0 }

func (s *scratch) put(c customer.Customer) error {
	s.offsets = append(s.offsets, s.flushed+int64(len(s.tail)))
	s.tail = appendCustomer(s.tail, c)
	s.places.add(c.ID, len(s.offsets))
	if s.heads != nil {
		s.enter(c, len(s.offsets))
	}
	if len(s.tail) < spillAt {
		return nil
	}
	return s.spill()
}

// spill moves what is in memory to the file.
func (s *scratch) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "check-*") // mode 0600
		if err != nil {
			return fmt.Errorf("make a file for the check: %w", err)
		}
		s.file = f
		os.Remove(f.Name()) // it is gone when the process is; not possible everywhere
	}
	if _, err := s.file.WriteAt(s.tail, s.flushed); err != nil {
		return fmt.Errorf("write to the check's own file: %w", err)
	}
	s.flushed += int64(len(s.tail))
	s.tail = s.tail[:0]
	return nil
}

func (s *scratch) get(id string) (customer.Customer, error) {
	if place := s.places.place(id); place != 0 {
		c, err := s.record(place)
		if err != nil || c.ID == id {
			return c, err
		}
	}
	return customer.Customer{}, customer.ErrNotFound
}

// record reads the record of a number, from 1.
func (s *scratch) record(number int) (customer.Customer, error) {
	from, to := s.offsets[number-1], s.flushed+int64(len(s.tail))
	if number < len(s.offsets) {
		to = s.offsets[number]
	}
	if from >= s.flushed {
		return readCustomer(s.tail[from-s.flushed : to-s.flushed])
	}
	if int64(cap(s.read)) < to-from {
		s.read = make([]byte, to-from)
	}
	s.read = s.read[:to-from]
	if _, err := s.file.ReadAt(s.read, from); err != nil {
		return customer.Customer{}, fmt.Errorf("read the check's own file: %w", err)
	}
	return readCustomer(s.read)
}

// find adds to ids who has an address, until there are as many as a store names.
func (s *scratch) find(ids []string, key string) ([]string, error) {
	if s.heads == nil {
		s.heads = newClaims()
		for number := 1; number <= len(s.offsets); number++ {
			c, err := s.record(number)
			if err != nil {
				return nil, err
			}
			s.enter(c, number)
		}
	}
	for at := s.heads.place(key); at != 0 && len(ids) < customer.MaxFound; {
		e := s.entries[at-1]
		c, err := s.record(int(e.record))
		if err != nil {
			return nil, err
		}
		if s.places.place(c.ID) == int(e.record) { // not changed since
			ids = append(ids, c.ID)
		}
		at = int(e.before)
	}
	return ids, nil
}

// enter notes the addresses of a record.
func (s *scratch) enter(c customer.Customer, number int) {
	for _, key := range customer.ContactKeys(c) {
		s.entries = append(s.entries, contactEntry{record: int32(number), before: int32(s.heads.place(key))})
		s.heads.add(key, len(s.entries))
	}
}
