package avatar

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestProxy_SharesFetchesAmongWorkers has one worker request many pictures of slow hosts,
// which must not delay those of others.
func TestProxy_SharesFetchesAmongWorkers(t *testing.T) {
	one, rest := make(chan struct{}), make(chan struct{})
	s := newTestProxy(t, Options{Fetches: 2, Queue: 4, Wait: 20 * time.Second, Timeout: 20 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
		switch r.Host {
		case "slow0.example":
			<-one
		case "next.example":
		default:
			<-rest
		}
		w.Write(asPNG(t, quarters(20, 20)))
	})
	var all, others sync.WaitGroup
	request := func(group *sync.WaitGroup, worker, url string, want func(*httptest.ResponseRecorder) bool) {
		handle, _ := strings.CutPrefix(s.Path(worker, url), PathPrefix)
		group.Go(func() {
			if w := s.getAs(worker, handle); !want(w) {
				t.Errorf("GET %s by %s: status %d, type %q", url, worker, w.Code, w.Header().Get("Content-Type"))
			}
		})
	}
	waiting := func(n, evicted int) {
		t.Helper()
		waitFor(t, fmt.Sprintf("%d wait, %d evicted", n, evicted), func() bool {
			st := s.Stats()
			return st.Fetching == 2 && st.Waiting == n && int(st.Busy) == evicted
		})
	}
	for i := range 6 {
		want := isPicture
		if i > 3 { // evicted
			want = isTransparentPixel
		}
		request(&all, "alice@example.com", fmt.Sprintf("http://slow%d.example/", i), want)
		waitFor(t, "it is in the queue", func() bool { st := s.Stats(); return st.Fetching+st.Waiting == i+1 })
	}
	request(&all, "ALICE@example.com", "http://slow7.example/", isTransparentPixel) // the same worker: the queue is full
	waiting(4, 1)
	request(&others, "Bob", "http://next.example/1", isPicture)
	waiting(4, 2)
	request(&others, "bob", "http://next.example/2", isPicture)
	waiting(4, 3)
	request(&all, "Bob", "http://next.example/3", isTransparentPixel) // as many waiting as the others
	waiting(4, 4)
	close(one)
	others.Wait()
	if st := s.Stats(); st.Waiting+st.Fetching < 2 {
		t.Errorf("Stats() = %d fetches left, want 2 at least: the first worker's continue", st.Waiting+st.Fetching)
	}
	close(rest)
	all.Wait()
	waitFor(t, "all is done", func() bool { st := s.Stats(); return st.Fetching+st.Waiting == 0 })
	if len(s.perWorker) != 0 {
		t.Errorf("perWorker = %v, want it empty", s.perWorker)
	}
}
