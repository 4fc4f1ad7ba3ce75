package avatar

// Stats counts requests and fetches since the start. It holds no personal data.
type Stats struct {
	// Requests are calls of Serve with a valid handle, answered from the cache (Hits), with
	// a cached failure (Remembered), or by a fetch. Foreign are calls with an invalid handle.
	Requests, Hits, Remembered, Foreign int64
	// Left are requests cancelled by the browser before the picture was there, Slow those
	// that took longer than Options.Wait, and Busy those refused by a full queue.
	Left, Slow, Busy int64

	// Fetched are successful fetches. The others failed since the address is never
	// connected to (Refused), there was no complete response in time (Unreachable), the
	// status was not 200 or the redirect not allowed (Status), the response was too long
	// (TooLarge), or it was no picture that is decoded (NoPicture).
	Fetched, Refused, Unreachable, Status, TooLarge, NoPicture int64

	// Kept is the number of cached pictures, of KeptBytes. Fetching and Waiting are the
	// fetches in progress and in the queue.
	Kept, KeptBytes, Fetching, Waiting int
}

// Stats returns the counts so far.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Kept, s.KeptBytes = p.pictures.Size()
	s.Fetching, s.Waiting = p.fetching, len(p.waiting)
	return s
}
