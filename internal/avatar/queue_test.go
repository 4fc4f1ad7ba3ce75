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

// until waits for something that happens in another goroutine.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestAPictureIsFetchedOnceADay(t *testing.T) {
	s := newStage(t, Options{}, sends(asPNG(t, quarters(20, 20))))
	for _, c := range []struct {
		forward time.Duration
		asked   int32
	}{{0, 1}, {23 * time.Hour, 1}, {59 * time.Minute, 1}, {time.Minute, 2}, {0, 2}} {
		s.forward(c.forward)
		if w := s.get(t, "http://pictures.example/a.png"); !isPicture(w) || s.asked.Load() != c.asked {
			t.Errorf("%v later: status %d, asked %d times, want %d", c.forward, w.Code, s.asked.Load(), c.asked)
		}
	}
}

func TestAFailureIsRememberedForAWhile(t *testing.T) {
	s := newStage(t, Options{}, sends([]byte("<html>")))
	for _, c := range []struct {
		forward time.Duration
		asked   int32
	}{{0, 1}, {4*time.Minute + 59*time.Second, 1}, {5*time.Minute + time.Second, 2}} {
		s.forward(c.forward)
		if w := s.get(t, "http://pictures.example/a.png"); !isNothing(w) || s.asked.Load() != c.asked {
			t.Errorf("%v later: status %d, asked %d times, want %d", c.forward, w.Code, s.asked.Load(), c.asked)
		}
	}
	if st := s.Stats(); st.Remembered != 1 || st.NoPicture != 2 {
		t.Errorf("counted %+v", st)
	}
}

func TestAHostThatDoesNotAnswerIsLeftAlone(t *testing.T) {
	s := newStage(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "down.example" {
			panic(http.ErrAbortHandler)
		}
		w.Write(asPNG(t, quarters(20, 20)))
	})
	s.get(t, "http://down.example/0")
	asked := s.asked.Load()
	for i := 1; i < 5; i++ {
		if w := s.get(t, fmt.Sprintf("http://down.example/%d", i)); !isNothing(w) || w.Header().Get("Cache-Control") != "private, max-age=5" {
			t.Errorf("picture %d: %d, Cache-Control %q", i, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	if s.asked.Load() != asked {
		t.Errorf("asked %d times more", s.asked.Load()-asked)
	}
	if w := s.get(t, "http://up.example/1"); !isPicture(w) {
		t.Errorf("another host: %d", w.Code)
	}
	asked = s.asked.Load()
	s.forward(61 * time.Second)
	s.get(t, "http://down.example/1")
	if s.asked.Load() == asked {
		t.Error("it is left alone for ever")
	}
}

func TestOneAnswerThatBreaksOffSaysNothingOfItsHost(t *testing.T) {
	s := newStage(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		picture := asPNG(t, quarters(20, 20))
		if r.URL.Path == "/broken" {
			w.Header().Set("Content-Length", strconv.Itoa(len(picture)))
			w.Write(picture[:20])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Write(picture)
	})
	if w := s.get(t, "http://pictures.example/broken"); !isNothing(w) {
		t.Errorf("half a picture: %d", w.Code)
	}
	if w := s.get(t, "http://pictures.example/whole"); !isPicture(w) {
		t.Errorf("another picture of the same host: %d", w.Code)
	}
	if st := s.Stats(); st.Unreachable != 1 || st.Fetched != 1 {
		t.Errorf("counted %+v", st)
	}
}

func TestIdenticalFetchesAreOne(t *testing.T) {
	open := make(chan struct{})
	s := newStage(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		<-open
		w.Write(asPNG(t, quarters(20, 20)))
	})
	var all sync.WaitGroup
	for i := range 30 {
		worker := fmt.Sprintf("worker%d@example.com", i%3)
		handle := s.Path(worker, "http://pictures.example/a.png")[len(PathPrefix):]
		all.Go(func() {
			if w := s.getAs(worker, handle); !isPicture(w) {
				t.Errorf("status %d", w.Code)
			}
		})
	}
	until(t, "all ask", func() bool { return s.Stats().Requests == 30 })
	close(open)
	all.Wait()
	if n := s.asked.Load(); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

func TestFetchesAtOnceAreBounded(t *testing.T) {
	var mu sync.Mutex
	now, perHost, most, mostPerHost := 0, map[string]int{}, 0, 0
	full := make(chan struct{}) // closed when as many as may be are at once
	s := newStage(t, Options{Wait: 20 * time.Second, Timeout: 20 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		perHost[r.Host]++
		mostPerHost = max(mostPerHost, perHost[r.Host])
		if most = max(most, now); now == 8 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		select {
		case <-full:
			time.Sleep(5 * time.Millisecond) // for more to come than may
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
				t.Errorf("status %d", w.Code)
			}
		})
	}
	all.Wait()
	if most != 8 || mostPerHost != 2 {
		t.Errorf("%d at once, %d from one host; want 8 and 2", most, mostPerHost)
	}
	if st := s.Stats(); st.Fetched != 100 || st.Waiting+st.Fetching != 0 || len(s.perHost) != 0 || len(s.jobs) != 0 {
		t.Errorf("left over: %+v, %d hosts, %d jobs", st, len(s.perHost), len(s.jobs))
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	open := make(chan struct{})
	s := newStage(t, Options{Fetches: 1, Queue: 2}, func(w http.ResponseWriter, r *http.Request) {
		<-open
		w.Write(asPNG(t, quarters(20, 20)))
	})
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if w := s.get(t, fmt.Sprintf("http://pictures.example/%d", i)); !isPicture(w) {
				t.Errorf("picture %d: %d", i, w.Code)
			}
		})
	}
	until(t, "the queue is full", func() bool { return s.Stats().Waiting == 2 && s.Stats().Fetching == 1 })
	if w := s.get(t, "http://pictures.example/late"); !isNothing(w) || w.Header().Get("Cache-Control") != "private, max-age=5" {
		t.Errorf("beyond it: %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
	}
	close(open)
	all.Wait()
	if w := s.get(t, "http://pictures.example/late"); !isPicture(w) {
		t.Errorf("when there is place again: %d", w.Code)
	}
	if st := s.Stats(); st.Busy != 1 {
		t.Errorf("counted %+v", st)
	}
}

func TestAFetchGoesOnWhenTheBrowserLeavesOrHasWaitedEnough(t *testing.T) {
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
		}, Stats{Left: 1}},
		{"it has waited enough", 20 * time.Millisecond, (*testing.T).Context, Stats{Slow: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := make(chan struct{})
			var gone atomic.Bool
			s := newStage(t, Options{Wait: c.wait}, func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-open:
				case <-r.Context().Done():
					gone.Store(true)
				}
				w.Write(asPNG(t, quarters(20, 20)))
			})
			w := s.get(t, "http://pictures.example/a.png", func(r *http.Request) { *r = *r.WithContext(c.ctx(t)) })
			if !isNothing(w) || w.Header().Get("Cache-Control") != "private, max-age=5" {
				t.Errorf("status %d, Cache-Control %q", w.Code, w.Header().Get("Cache-Control"))
			}
			if st := s.Stats(); st.Left != c.want.Left || st.Slow != c.want.Slow || st.Fetching != 1 {
				t.Errorf("counted %+v", st)
			}
			close(open)
			until(t, "it is fetched", func() bool { return s.Stats().Fetched == 1 })
			if w := s.get(t, "http://pictures.example/a.png"); !isPicture(w) || s.asked.Load() != 1 || gone.Load() {
				t.Errorf("the next time: status %d, asked %d times", w.Code, s.asked.Load())
			}
		})
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s := newStage(t, Options{Fetches: 1, Wait: time.Minute, Timeout: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kept" {
			w.Write(asPNG(t, quarters(20, 20)))
			return
		}
		<-r.Context().Done()
	})
	s.get(t, "http://pictures.example/kept")
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if w := s.get(t, fmt.Sprintf("http://pictures.example/%d", i)); !isNothing(w) {
				t.Errorf("status %d", w.Code)
			}
		})
	}
	until(t, "two wait", func() bool { return s.Stats().Waiting == 2 })
	s.Close()
	all.Wait()
	if w := s.get(t, "http://pictures.example/kept"); !isPicture(w) {
		t.Errorf("what is kept: %d", w.Code)
	}
	if w := s.get(t, "http://pictures.example/9"); !isNothing(w) {
		t.Errorf("after the end: %d", w.Code)
	}
	if st := s.Stats(); st.Fetching+st.Waiting != 0 || st.Unreachable != 0 {
		t.Errorf("left over: %+v", st)
	}
}
