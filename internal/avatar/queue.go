package avatar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Lifetimes of cached results.
const (
	pictureTTL = 24 * time.Hour
	// failureTTL is the minimum; a random time up to as much again is added, so that the
	// pictures of a page are not all retried at the same time.
	failureTTL = 5 * time.Minute
	// hostDownTTL is for a host that did not respond.
	hostDownTTL = time.Minute
)

// fetchJob is a picture to fetch. Its result is set before done is closed.
type fetchJob struct {
	key    key
	worker string // the first to request it, by text.IdentityKey
	url    string
	host   string
	done   chan struct{}

	picture   *picture
	retrySoon bool // nothing was tried: it may succeed soon
}

// enqueue returns the job of a picture, an existing or a new one. A job refused by a full
// queue is done already. p.mu must be held, as for all functions here except run and
// fetchAndRender.
func (p *Proxy) enqueue(k key, worker, url string) *fetchJob {
	if j, ok := p.jobs[k]; ok {
		return j
	}
	j := &fetchJob{key: k, worker: worker, url: url, done: make(chan struct{})}
	if a, err := parse(url); err == nil { // always: Path has checked it
		j.host = a.host
	}
	p.jobs[k] = j
	switch {
	case p.ctx.Err() != nil:
		p.finish(j, nil)
	case p.canStart(j):
		p.start(j)
	case p.hostDown(j):
		p.finish(j, errHostDown)
	case len(p.waiting) >= p.opts.Queue && !p.evictWaiting(worker):
		p.stats.Busy++
		p.finish(j, nil)
	default:
		p.waiting = append(p.waiting, j)
	}
	return j
}

// errHostDown is the failure of a picture that was not requested from its host.
var errHostDown = errors.New("the host did not respond lately")

func (p *Proxy) canStart(j *fetchJob) bool {
	return p.fetching < p.opts.Fetches && p.perHost[j.host] < p.opts.PerHost && !p.hostDown(j)
}

// hostDown reports whether the job's host is marked down.
func (p *Proxy) hostDown(j *fetchJob) bool {
	_, down := p.downHosts.Get(j.host)
	return down
}

func (p *Proxy) start(j *fetchJob) {
	p.fetching++
	p.perHost[j.host]++
	p.perWorker[j.worker]++
	p.fetches.Go(func() { p.run(j) })
}

// run fetches one picture and starts waiting jobs.
func (p *Proxy) run(j *fetchJob) {
	pic, err := p.fetchAndRender(j.url)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetching--
	if p.perHost[j.host]--; p.perHost[j.host] == 0 {
		delete(p.perHost, j.host)
	}
	if p.perWorker[j.worker]--; p.perWorker[j.worker] == 0 {
		delete(p.perWorker, j.worker)
	}
	j.picture = pic
	p.finish(j, err)
	p.startWaiting()
}

// fetchAndRender fetches and renders a picture. It recovers from panics of decoders.
func (p *Proxy) fetchAndRender(url string) (pic *picture, err error) {
	defer func() {
		if v := recover(); v != nil {
			pic, err = nil, errNotPicture
			p.opts.Logger.Warn("decoding a picture panicked", "type", fmt.Sprintf("%T", v))
		}
	}()
	data, err := p.fetch(url)
	if err != nil {
		return nil, err
	}
	return p.renderOne(p.ctx, data, shrink)
}

// finish caches the result of a job and wakes those who wait for it. Without a picture and
// an error, nothing was tried and nothing is cached.
func (p *Proxy) finish(j *fetchJob, err error) {
	defer close(j.done)
	delete(p.jobs, j.key)
	now := p.opts.Now()
	switch {
	case j.picture != nil:
		p.stats.Fetched++
		p.pictures.PutUntil(j.key, j.picture, len(j.picture.data)+entryBytes, now.Add(pictureTTL))
		return
	case err == nil, p.ctx.Err() != nil:
		j.retrySoon = true
		return
	case errors.Is(err, errHostDown):
		p.stats.Unreachable++
		j.retrySoon = true
		return
	case errors.Is(err, errRefused):
		p.stats.Refused++
	case errors.Is(err, errUnreachable):
		p.stats.Unreachable++
		p.downHosts.PutUntil(j.host, struct{}{}, len(j.host)+entryBytes, now.Add(hostDownTTL))
	case errors.Is(err, errInterrupted):
		p.stats.Unreachable++
	case errors.Is(err, errStatus):
		p.stats.Status++
	case errors.Is(err, errTooLarge):
		p.stats.TooLarge++
	default:
		p.stats.NotPicture++
	}
	p.failed.PutUntil(j.key, struct{}{}, entryBytes, now.Add(failureTTL+rand.N(failureTTL)))
}

// startWaiting starts the waiting jobs that can start, those of the worker with the fewest
// fetches first, else in order, so that one worker cannot keep others waiting. Jobs of a
// host that is down are finished.
func (p *Proxy) startWaiting() {
	p.waiting = slices.DeleteFunc(p.waiting, func(j *fetchJob) bool {
		switch {
		case p.ctx.Err() != nil:
			p.finish(j, nil)
		case p.hostDown(j):
			p.finish(j, errHostDown)
		default:
			return false
		}
		return true
	})
	for {
		first := -1
		for i, j := range p.waiting {
			if p.canStart(j) && (first < 0 || p.perWorker[j.worker] < p.perWorker[p.waiting[first].worker]) {
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

// evictWaiting makes room for a job of worker: it drops the last job of the worker with the
// most waiting jobs, if more than this worker has. It reports whether it did.
func (p *Proxy) evictWaiting(worker string) bool {
	counts := make(map[string]int)
	for _, j := range p.waiting {
		counts[j.worker]++
	}
	maxCount, last := counts[worker]+1, -1
	for i, j := range p.waiting {
		if n := counts[j.worker]; n > maxCount || n == maxCount && last >= 0 && j.worker == p.waiting[last].worker {
			maxCount, last = n, i
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
