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

// One worker whose list has very many pictures, of hosts that take their time, must
// not keep those of others away.
func TestOneWorkersPicturesDoNotKeepThoseOfOthersWaiting(t *testing.T) {
	one, rest := make(chan struct{}), make(chan struct{})
	s := newStage(t, Options{Fetches: 2, Queue: 4, Wait: 20 * time.Second, Timeout: 20 * time.Second}, func(w http.ResponseWriter, r *http.Request) {
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
	ask := func(group *sync.WaitGroup, worker, url string, good func(*httptest.ResponseRecorder) bool) {
		handle, _ := strings.CutPrefix(s.Path(worker, url), PathPrefix)
		group.Go(func() {
			if w := s.getAs(worker, handle); !good(w) {
				t.Errorf("%s for %s: %d, %q", url, worker, w.Code, w.Header().Get("Content-Type"))
			}
		})
	}
	waiting := func(n, gaveWay int) {
		t.Helper()
		until(t, fmt.Sprintf("%d wait, %d gave way", n, gaveWay), func() bool {
			st := s.Stats()
			return st.Fetching == 2 && st.Waiting == n && int(st.Busy) == gaveWay
		})
	}
	for i := range 6 {
		good := isPicture
		if i > 3 { // gives way
			good = isNothing
		}
		ask(&all, "alice@example.com", fmt.Sprintf("http://slow%d.example/", i), good)
		until(t, "it is taken", func() bool { st := s.Stats(); return st.Fetching+st.Waiting == i+1 })
	}
	ask(&all, "ALICE@example.com", "http://slow7.example/", isNothing) // the same person: no place
	waiting(4, 1)
	ask(&others, "Bob", "http://next.example/1", isPicture)
	waiting(4, 2)
	ask(&others, "bob", "http://next.example/2", isPicture)
	waiting(4, 3)
	ask(&all, "Bob", "http://next.example/3", isNothing) // no more than whoever waits for the most
	waiting(4, 4)
	close(one)
	others.Wait()
	if st := s.Stats(); st.Waiting+st.Fetching < 2 {
		t.Errorf("others went first, but then only %d fetches are left", st.Waiting+st.Fetching)
	}
	close(rest)
	all.Wait()
	until(t, "all is done", func() bool { st := s.Stats(); return st.Fetching+st.Waiting == 0 })
	if len(s.busyFor) != 0 {
		t.Errorf("left over: %v", s.busyFor)
	}
}
