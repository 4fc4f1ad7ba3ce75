// Package spill holds what a dry run would have written: a [File] of customers, in memory
// and beyond a size in a temporary file, and an [Index] of strings in little memory.
package spill

import (
	"fmt"
	"os"

	"github.com/clientele-project/clientele/internal/customer"
)

// spillAt is how many bytes a File holds in memory, about 40,000 customers.
const spillAt = 8 << 20

// File holds the customers that a dry run would have written, one after the other
// in memory and beyond spillAt in a file. The index of a million takes about 25 MiB of
// memory, and as much again once they are found by their addresses.
type File struct {
	dir string

	// The log is the file, if there is one yet, and then tail.
	file    *os.File
	flushed int64
	tail    []byte
	// offsets are where the records begin; latest has the number of each id's newest
	// record, from 1.
	offsets []int64
	latest  *Index

	// The records with each address, once Find was called: heads has the number of the
	// last entry for an address, from 1, and each entry that of the one before.
	heads   *Index
	entries []contactEntry

	read []byte // the record that was read last
}

type contactEntry struct{ record, before int32 }

// New makes its file in dir; "" is the system's directory for temporary files.
func New(dir string) *File { return &File{dir: dir, latest: NewIndex()} }

// Close deletes what was written.
func (s *File) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	os.Remove(s.file.Name()) // where spill could not
	return err
}

// Has reports whether there is a customer with an id.
func (s *File) Has(id string) bool { return s.latest.Has(id) }

// Put adds a customer, in place of an earlier one with the same id.
func (s *File) Put(c customer.Customer) error {
	s.offsets = append(s.offsets, s.flushed+int64(len(s.tail)))
	s.tail = appendCustomer(s.tail, c)
	s.latest.Set(c.ID, len(s.offsets))
	if s.heads != nil {
		s.addContacts(c, len(s.offsets))
	}
	if len(s.tail) < spillAt {
		return nil
	}
	return s.spill()
}

// spill moves what is in memory to the file.
func (s *File) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "check-*") // mode 0600
		if err != nil {
			return fmt.Errorf("create the temporary file of the dry run: %w", err)
		}
		s.file = f
		os.Remove(f.Name()) // deleted when the process ends; not possible on every system
	}
	if _, err := s.file.WriteAt(s.tail, s.flushed); err != nil {
		return fmt.Errorf("write the temporary file: %w", err)
	}
	s.flushed += int64(len(s.tail))
	s.tail = s.tail[:0]
	return nil
}

// Get returns the customer with an id, or customer.ErrNotFound.
func (s *File) Get(id string) (customer.Customer, error) {
	if number := s.latest.Get(id); number != 0 {
		c, err := s.record(number)
		if err != nil || c.ID == id {
			return c, err
		}
	}
	return customer.Customer{}, customer.ErrNotFound
}

// record reads the record of a number, from 1.
func (s *File) record(number int) (customer.Customer, error) {
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
		return customer.Customer{}, fmt.Errorf("read the temporary file: %w", err)
	}
	return readCustomer(s.read)
}

// Find appends to ids the customers with an address, until there are as many as a
// store returns.
func (s *File) Find(ids []string, key string) ([]string, error) {
	if s.heads == nil {
		s.heads = NewIndex()
		for number := 1; number <= len(s.offsets); number++ {
			c, err := s.record(number)
			if err != nil {
				return nil, err
			}
			s.addContacts(c, number)
		}
	}
	for at := s.heads.Get(key); at != 0 && len(ids) < customer.MaxFound; {
		e := s.entries[at-1]
		c, err := s.record(int(e.record))
		if err != nil {
			return nil, err
		}
		if s.latest.Get(c.ID) == int(e.record) { // not changed since
			ids = append(ids, c.ID)
		}
		at = int(e.before)
	}
	return ids, nil
}

// addContacts indexes the addresses of a record.
func (s *File) addContacts(c customer.Customer, number int) {
	for _, key := range customer.ContactKeys(c) {
		s.entries = append(s.entries, contactEntry{record: int32(number), before: int32(s.heads.Get(key))})
		s.heads.Set(key, len(s.entries))
	}
}
