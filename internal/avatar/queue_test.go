package avatar

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// waitFor waits until ok returns true.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func TestProxy_CachesPicturesForADay(t *testing.T) {
	s := newTestProxy(t, Options{}, respondWith(asPNG(t, quarters(20, 20))))
	for _, c := range []struct {
		after    time.Duration
		requests int32
	}{{0, 1}, {23 * time.Hour, 1}, {59 * time.Minute, 1}, {time.Minute, 2}, {0, 2}} {
		s.advance(c.after)
		if w := s.get(t, "http://pictures.example/a.png"); !isPicture(w) || s.requests.Load() != c.requests {
			t.Errorf("after %v: status %d, %d requests, want %d", c.after, w.Code, s.requests.Load(), c.requests)
		}
	}
}

func TestProxy_CachesFailures(t *testing.T) {
	s := newTestProxy(t, Options{}, respondWith([]byte("<html>")))
	for _, c := range []struct {
		after    time.Duration
		requests int32
	}{{0, 1}, {4*time.Minute + 59*time.Second, 1}, {5*time.Minute + time.Second, 2}} {
		s.advance(c.after)
		if w := s.get(t, "http://pictures.example/a.png"); !isTransparentPixel(w) || s.requests.Load() != c.requests {
			t.Errorf("after %v: status %d, %d requests, want %d", c.after, w.Code, s.requests.Load(), c.requests)
		}
	}
	if st := s.Stats(); st.Remembered != 1 || st.NotPicture != 2 {
		t.Errorf("Stats() = %+v", st)
	}
}

func TestProxy_SkipsHostsThatAreDown(t *testing.T) {
	s := newTestProxy(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "down.example" {
			panic(http.ErrAbortHandler)
		}
		w.Write(asPNG(t, quarters(20, 20)))
	})
	s.get(t, "http://down.example/0")
	before := s.requests.Load()
	for i := 1; i < 5; i++ {
		if w := s.get(t, fmt.Sprintf("http://down.example/%d", i)); !isTransparentPixel(w) || w.Header().Get("Cache-Control") != "private, max-age=5" {
			t.Errorf("picture %d: %d, Cache-Control %q", i, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	if s.requests.Load() != before {
		t.Errorf("GET from a host that is down: %d more requests, want none", s.requests.Load()-before)
	}
	if w := s.get(t, "http://up.example/1"); !isPicture(w) {
		t.Errorf("picture of another host: status %d", w.Code)
	}
	before = s.requests.Load()
	s.advance(61 * time.Second)
	s.get(t, "http://down.example/1")
	if s.requests.Load() == before {
		t.Error("a host is still down after hostDownTTL")
	}
}

func TestProxy_InterruptedResponseDoesNotMarkHostDown(t *testing.T) {
	s := newTestProxy(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		picture := asPNG(t, quarters(20, 20))
		if r.URL.Path == "/broken" {
			w.Header().Set("Content-Length", strconv.Itoa(len(picture)))
			w.Write(picture[:20])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Write(picture)
	})
	if w := s.get(t, "http://pictures.example/broken"); !isTransparentPixel(w) {
		t.Errorf("interrupted picture: status %d", w.Code)
	}
	if w := s.get(t, "http://pictures.example/whole"); !isPicture(w) {
		t.Errorf("another picture of the same host: status %d", w.Code)
	}
	if st := s.Stats(); st.Unreachable != 1 || st.Fetched != 1 {
		t.Errorf("Stats() = %+v", st)
	}
}

func TestProxy_JoinsIdenticalFetches(t *testing.T) {
	open := make(chan struct{})
	s := newTestProxy(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		<-open
		w.Write(asPNG(t, quarters(20, 20)))
	})
	var all sync.WaitGroup
	for i := range 30 {
		worker := fmt.Sprintf("worker%d@example.com", i%3)
		handle := s.Path(worker, "http://pictures.example/a.png")[len(PathPrefix):]
		all.Go(func() {
			if w := s.getAs(worker, handle); !isPicture(w) {
				t.Errorf("GET by %s: status %d, want the picture", worker, w.Code)
			}
		})
	}
	waitFor(t, "all requests are in progress", func() bool { return s.Stats().Requests == 30 })
	close(open)
	all.Wait()
	if n := s.requests.Load(); n != 1 {
		t.Errorf("concurrent GETs: %d requests to the server, want 1", n)
	}
}

func TestProxy_LimitsConcurrentFetches(t *testing.T) {
	var mu sync.Mutex
	now, perHost, maxNow, maxPerHost := 0, map[string]int{}, 0, 0
	full := make(chan struct{}) // closed when the limit is reached
	s := newTestProxy(t, Options{Wait: 20 * time.Second, Timeout: 20 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		perHost[r.Host]++
		maxPerHost = max(maxPerHost, perHost[r.Host])
		if maxNow = max(maxNow, now); now == 8 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		select {
		case <-full:
			time.Sleep(5 * time.Millisecond) // time for one too many
		case <-time.After(10 * time.Second):
		}
		mu.Lock()
		now--
		perHost[r.Host]--
		mu.Unlock()
		w.Write(asPNG(t, quarters(20, 20)))
	})
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if w := s.get(t, fmt.Sprintf("http://host%d.example/%d", i%5, i)); !isPicture(w) {
				t.Errorf("GET of picture %d: status %d, want the picture", i, w.Code)
			}
		})
	}
	all.Wait()
	if maxNow != 8 || maxPerHost != 2 {
		t.Errorf("concurrent GETs: %d fetches at once, %d from one host, want 8 and 2", maxNow, maxPerHost)
	}
	if st := s.Stats(); st.Fetched != 100 || st.Waiting+st.Fetching != 0 || len(s.perHost) != 0 || len(s.jobs) != 0 {
		t.Errorf("after all fetches: %+v, %d hosts, %d jobs", st, len(s.perHost), len(s.jobs))
	}
}

func TestProxy_LimitsTheQueue(t *testing.T) {
	open := make(chan struct{})
	s := newTestProxy(t, Options{Fetches: 1, Queue: 2}, func(w http.ResponseWriter, r *http.Request) {
		<-open
		w.Write(asPNG(t, quarters(20, 20)))
	})
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if w := s.get(t, fmt.Sprintf("http://pictures.example/%d", i)); !isPicture(w) {
				t.Errorf("picture %d: status %d", i, w.Code)
			}
		})
	}
	waitFor(t, "the queue is full", func() bool { return s.Stats().Waiting == 2 && s.Stats().Fetching == 1 })
	if w := s.get(t, "http://pictures.example/late"); !isTransparentPixel(w) || w.Header().Get("Cache-Control") != "private, max-age=5" {
		t.Errorf("request beyond the queue: status %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	close(open)
	all.Wait()
	if w := s.get(t, "http://pictures.example/late"); !isPicture(w) {
		t.Errorf("request after the queue is empty: status %d", w.Code)
	}
	if st := s.Stats(); st.Busy != 1 {
		t.Errorf("Stats() = %+v", st)
	}
}

func TestProxy_FetchContinuesWithoutTheBrowser(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration
		ctx  func(*testing.T) context.Context
		want Stats
	}{
		{"the browser leaves", time.Minute, func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			t.Cleanup(cancel)
			return ctx
		}, Stats{Abandoned: 1}},
		{"Options.Wait is over", 20 * time.Millisecond, (*testing.T).Context, Stats{Slow: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := make(chan struct{})
			var gone atomic.Bool
			s := newTestProxy(t, Options{Wait: c.wait}, func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-open:
				case <-r.Context().Done():
					gone.Store(true)
				}
				w.Write(asPNG(t, quarters(20, 20)))
			})
			w := s.get(t, "http://pictures.example/a.png", func(r *http.Request) { *r = *r.WithContext(c.ctx(t)) })
			if !isTransparentPixel(w) || w.Header().Get("Cache-Control") != "private, max-age=5" {
				t.Errorf("GET: status %d, Cache-Control %q, want the transparent pixel for five seconds", w.Code, w.Header().Get("Cache-Control"))
			}
			if st := s.Stats(); st.Abandoned != c.want.Abandoned || st.Slow != c.want.Slow || st.Fetching != 1 {
				t.Errorf("Stats() = %+v", st)
			}
			close(open)
			waitFor(t, "the picture is fetched", func() bool { return s.Stats().Fetched == 1 })
			if w := s.get(t, "http://pictures.example/a.png"); !isPicture(w) || s.requests.Load() != 1 || gone.Load() {
				t.Errorf("second request: status %d, %d requests to the server", w.Code, s.requests.Load())
			}
		})
	}
}

func TestProxy_Close(t *testing.T) {
	s := newTestProxy(t, Options{Fetches: 1, Wait: time.Minute, Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cached" {
			w.Write(asPNG(t, quarters(20, 20)))
			return
		}
		<-r.Context().Done()
	})
	s.get(t, "http://pictures.example/cached")
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if w := s.get(t, fmt.Sprintf("http://pictures.example/%d", i)); !isTransparentPixel(w) {
				t.Errorf("GET of picture %d: status %d, want the transparent pixel", i, w.Code)
			}
		})
	}
	waitFor(t, "two wait", func() bool { return s.Stats().Waiting == 2 })
	s.Close()
	all.Wait()
	if w := s.get(t, "http://pictures.example/cached"); !isPicture(w) {
		t.Errorf("cached picture after Close: status %d", w.Code)
	}
	if w := s.get(t, "http://pictures.example/9"); !isTransparentPixel(w) {
		t.Errorf("another picture after Close: status %d", w.Code)
	}
	if st := s.Stats(); st.Fetching+st.Waiting != 0 || st.Unreachable != 0 {
		t.Errorf("Stats() after Close = %+v", st)
	}
}
