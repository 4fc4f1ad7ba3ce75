package avatar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// How long things are remembered.
const (
	keepFor = 24 * time.Hour
	// failedFor is the least; up to as much again is added, so that the pictures of a
	// page are not all tried again at once.
	failedFor = 5 * time.Minute
	// downFor is for a host that did not answer.
	downFor = time.Minute
)

// A job is a picture to be fetched, and who waits for it waits for done. The other
// fields are set before that.
type job struct {
	key    key
	worker string // who asked first, by text.IdentityKey
	url    string
	host   string
	done   chan struct{}

	picture *picture
	late    bool // nothing was tried: it may be had soon
}

// order answers the job for a picture: the one there is, or a new one. One for which
// there is no place is done already. p.mu is held, as in all that follows here but run.
func (p *Proxy) order(k key, worker, url string) *job {
	if j, ok := p.jobs[k]; ok {
		return j
	}
	j := &job{key: k, worker: worker, url: url, done: make(chan struct{})}
	if a, err := parse(url); err == nil { // it was, when the handle was made
		j.host = a.host
	}
	p.jobs[k] = j
	switch {
	case p.life.Err() != nil:
		p.finish(j, nil)
	case p.startable(j):
		p.start(j)
	case p.stopped(j):
		p.finish(j, errHostDown)
	case len(p.waiting) >= p.opts.Queue && !p.giveWay(worker):
		p.stats.Busy++
		p.finish(j, nil)
	default:
		p.waiting = append(p.waiting, j)
	}
	return j
}

// errHostDown is the failure of a picture that was not even asked for.
var errHostDown = errors.New("the host did not answer lately")

func (p *Proxy) startable(j *job) bool {
	return p.running < p.opts.Fetches && p.perHost[j.host] < p.opts.PerHost && !p.stopped(j)
}

// stopped tells whether the job's host is being left alone.
func (p *Proxy) stopped(j *job) bool {
	_, down := p.down.Get(j.host)
	return down
}

func (p *Proxy) start(j *job) {
	p.running++
	p.perHost[j.host]++
	p.busyFor[j.worker]++
	p.work.Go(func() { p.run(j) })
}

// run fetches one picture and makes room for the next.
func (p *Proxy) run(j *job) {
	pic, err := p.make(j.url)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if p.perHost[j.host]--; p.perHost[j.host] == 0 {
		delete(p.perHost, j.host)
	}
	if p.busyFor[j.worker]--; p.busyFor[j.worker] == 0 {
		delete(p.busyFor, j.worker)
	}
	j.picture = pic
	p.finish(j, err)
	p.next()
}

// make fetches and draws. It never panics: what somebody else sent must not end the
// program.
func (p *Proxy) make(url string) (pic *picture, err error) {
	defer func() {
		if v := recover(); v != nil {
			pic, err = nil, errNoPicture
			p.opts.Logger.Warn("a picture made its decoder panic", "type", fmt.Sprintf("%T", v))
		}
	}()
	data, err := p.fetch(url)
	if err != nil {
		return nil, err
	}
	return p.draw(data)
}

// finish remembers how a job ended and wakes who waits. Without a picture and
// without an error nothing was tried, and nothing is remembered.
func (p *Proxy) finish(j *job, err error) {
	defer close(j.done)
	delete(p.jobs, j.key)
	now := p.opts.Now()
	switch {
	case j.picture != nil:
		p.stats.Fetched++
		p.kept.PutUntil(j.key, j.picture, len(j.picture.data)+entryBytes, now.Add(keepFor))
		return
	case err == nil, p.life.Err() != nil:
		j.late = true
		return
	case errors.Is(err, errHostDown):
		p.stats.Unreachable++
		j.late = true
		return
	case errors.Is(err, errRefused):
		p.stats.Refused++
	case errors.Is(err, errUnreachable):
		p.stats.Unreachable++
		p.down.PutUntil(j.host, struct{}{}, len(j.host)+entryBytes, now.Add(downFor))
	case errors.Is(err, errBrokenOff):
		p.stats.Unreachable++
	case errors.Is(err, errStatus):
		p.stats.Status++
	case errors.Is(err, errTooLarge):
		p.stats.TooLarge++
	default:
		p.stats.NoPicture++
	}
	p.failed.PutUntil(j.key, struct{}{}, entryBytes, now.Add(failedFor+rand.N(failedFor)))
}
