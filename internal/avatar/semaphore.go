package avatar

import "slices"

// next starts what waits and may start: first what was asked for by whom the fewest
// fetches are under way for, so that nobody who asks for very much keeps others
// waiting; else first come, first served. What waits for a host that is down is done.
// p.mu is held, here and below.
func (p *Proxy) next() {
	p.waiting = slices.DeleteFunc(p.waiting, func(j *job) bool {
		switch {
		case p.life.Err() != nil:
			p.finish(j, nil)
		case p.stopped(j):
			p.finish(j, errHostDown)
		default:
			return false
		}
		return true
	})
	for {
		first := -1
		for i, j := range p.waiting {
			if p.startable(j) && (first < 0 || p.busyFor[j.worker] < p.busyFor[p.waiting[first].worker]) {
				first = i
			}
		}
		if first < 0 {
			return
		}
		p.start(p.waiting[first])
		p.waiting = slices.Delete(p.waiting, first, first+1)
	}
}

// giveWay makes room in the queue for one more job of a worker: the last one goes of
// whoever waits for the most, and for more than this worker. It tells whether there
// was one.
func (p *Proxy) giveWay(worker string) bool {
	waits := make(map[string]int)
	for _, j := range p.waiting {
		waits[j.worker]++
	}
	most, last := waits[worker]+1, -1
	for i, j := range p.waiting {
		if n := waits[j.worker]; n > most || n == most && last >= 0 && j.worker == p.waiting[last].worker {
			most, last = n, i
		}
	}
	if last < 0 {
		return false
	}
	p.stats.Busy++
	p.finish(p.waiting[last], nil)
	p.waiting = slices.Delete(p.waiting, last, last+1)
	return true
}
