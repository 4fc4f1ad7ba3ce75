package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// foreignBinary builds somebody else's integration service, once.
var foreignBinary = sync.OnceValues(func() (string, error) {
	file := filepath.Join(filepath.Dir(binary), "foreign")
	if out, err := exec.Command("go", "build", "-o", file, "../foreign").CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the foreign service: %w\n%s", err, out)
	}
	return file, nil
})

// A foreign is somebody else's integration service at work, a process of its own.
type foreign struct {
	url  string // of its root; the callback is at callbackURL
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process is gone
}

// A heard is one callback as the foreign service saw it; see test/foreign.
type heard struct {
	Time                                                                            time.Time
	Location, Worker, PageSize, Anchor, NextPageToken, Query, CustomerId, Signature string
	InFlight, Status                                                                int
}

// A heardLog is all that it saw.
type heardLog struct {
	Requests                           []heard
	MaxInFlight, MaxPerSecond, Avatars int
}

// startForeign starts it with a way to behave: "slow&delay=5s" is mode=slow and
// delay=5s.
func startForeign(t *testing.T, how string, args ...string) *foreign {
	t.Helper()
	f := &foreign{args: args}
	f.run(t, "127.0.0.1:0")
	t.Cleanup(func() { f.kill() })
	f.behave(t, how)
	return f
}

func (f *foreign) run(t *testing.T, addr string) {
	t.Helper()
	file, err := foreignBinary()
	if err != nil {
		t.Fatal(err)
	}
	f.cmd = exec.Command(file, append([]string{"-addr", addr}, f.args...)...)
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at, ok := strings.CutPrefix(strings.TrimSpace(line), "Listening on ")
	if err != nil || !ok {
		f.cmd.Process.Kill()
		t.Fatalf("the foreign service says %q, %v", line, err)
	}
	f.url, f.done = at, make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) { cmd.Wait(); close(done) }(f.cmd, f.done)
}

// kill ends the process at once, as a power cut does.
func (f *foreign) kill() {
	f.cmd.Process.Kill()
	<-f.done
}

// again starts it anew at the same address, behaving as usual.
func (f *foreign) again(t *testing.T) {
	t.Helper()
	f.run(t, strings.TrimPrefix(f.url, "http://"))
}

func (f *foreign) callbackURL() string { return f.url + "/crm" }

// alive tells whether the process is still there.
func (f *foreign) alive() bool {
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// behave changes how it answers from now on.
func (f *foreign) behave(t *testing.T, how string) {
	t.Helper()
	form, err := url.ParseQuery("mode=" + how)
	if err != nil {
		t.Fatal(err)
	}
	got := send(t, plainClient(), request(t, "POST", f.url+"/control", form.Encode(), "Content-Type", formType))
	if got.status != http.StatusOK {
		t.Fatalf("behave %s: %d %s", how, got.status, got.body)
	}
}

// log answers what it was asked since the log was last cleared.
func (f *foreign) log(t *testing.T) heardLog {
	t.Helper()
	return fetchJSON[heardLog](t, f.url+"/control/log")
}

func (f *foreign) clearLog(t *testing.T) {
	t.Helper()
	send(t, plainClient(), request(t, "DELETE", f.url+"/control/log", ""))
}

// A listedRow is a row of a worker's list as it really is.
type listedRow struct{ ID, Name string }

func (f *foreign) rows(t *testing.T, worker string) []listedRow {
	t.Helper()
	return fetchJSON[[]listedRow](t, f.url+"/control/list?worker="+url.QueryEscape(worker))
}

// list answers what a worker's list really is: the ids, in order.
func (f *foreign) list(t *testing.T, worker string) (ids []string) {
	t.Helper()
	for _, row := range f.rows(t, worker) {
		ids = append(ids, row.ID)
	}
	return ids
}

func fetchJSON[T any](t *testing.T, at string) (v T) {
	t.Helper()
	answer, err := http.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v in %.200s", at, err, body)
	}
	return v
}

// serveForeign starts the program in front of the foreign service.
func (in installation) serveForeign(t *testing.T, f *foreign, args ...string) *server {
	t.Helper()
	return start(t, "serve", append([]string{"--database", in.database, "--auth-token", authToken,
		"--allow-private-callbacks", "--crm-callback-url", f.callbackURL()}, args...)...)
}
