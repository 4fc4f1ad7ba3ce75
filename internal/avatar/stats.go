package avatar

// Stats counts what became of requests and fetches since the start. It holds nothing
// of anybody.
type Stats struct {
	// Requests are calls of Serve with a handle that is good: from the memory (Hits),
	// with a failure that is remembered (Remembered), or neither. Foreign are handles
	// that do not open.
	Requests, Hits, Remembered, Foreign int64
	// Left are browsers that went away, and Slow those that were not kept waiting any
	// longer, before the picture was there. Busy are requests for which there was no
	// place in the queue.
	Left, Slow, Busy int64

	// Fetched are fetches that gave a picture. The others gave none because the
	// address is one that is never connected to (Refused), because there was no whole
	// answer in time (Unreachable), another status than 200 or a redirect that is not
	// followed (Status), more bytes than are read (TooLarge), or because what came is
	// no picture that we can or will decode (NoPicture).
	Fetched, Refused, Unreachable, Status, TooLarge, NoPicture int64

	// Kept is how many pictures are in the memory, in KeptBytes. Fetching and Waiting
	// are fetches under way and in the queue.
	Kept, KeptBytes, Fetching, Waiting int
}

// Stats answers the counts so far.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Kept, s.KeptBytes = p.kept.Size()
	s.Fetching, s.Waiting = p.running, len(p.waiting)
	return s
}
