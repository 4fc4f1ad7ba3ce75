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

// externalBinary builds the fake integration service of test/externalservice once.
var externalBinary = sync.OnceValues(func() (string, error) {
	file := filepath.Join(filepath.Dir(binary), "externalservice")
	if out, err := exec.Command("go", "build", "-o", file, "../externalservice").CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the external service: %w\n%s", err, out)
	}
	return file, nil
})

// An externalService is a running process of the fake integration service.
type externalService struct {
	url  string // of its root; the callback is at callbackURL
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// A callbackEntry is a callback in the log of the service.
type callbackEntry struct {
	Time                                                                            time.Time
	Location, Worker, PageSize, Anchor, NextPageToken, Query, CustomerId, Signature string
	InFlight, Status                                                                int
}

// A callbackLog is the log of the service.
type callbackLog struct {
	Requests                           []callbackEntry
	MaxInFlight, MaxPerSecond, Avatars int
}

// startExternal starts the service with a behavior: "slow&delay=5s" is mode=slow and
// delay=5s.
func startExternal(t *testing.T, how string, args ...string) *externalService {
	t.Helper()
	f := &externalService{args: args}
	f.run(t, "127.0.0.1:0")
	t.Cleanup(func() { f.kill() })
	f.behave(t, how)
	return f
}

func (f *externalService) run(t *testing.T, addr string) {
	t.Helper()
	file, err := externalBinary()
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
		t.Fatalf("the external service prints %q, %v", line, err)
	}
	f.url, f.done = at, make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) { cmd.Wait(); close(done) }(f.cmd, f.done)
}

// kill ends the process at once.
func (f *externalService) kill() {
	f.cmd.Process.Kill()
	<-f.done
}

// restart starts the service again at the same address, with the default behavior.
func (f *externalService) restart(t *testing.T) {
	t.Helper()
	f.run(t, strings.TrimPrefix(f.url, "http://"))
}

func (f *externalService) callbackURL() string { return f.url + "/crm" }

// alive reports whether the process is running.
func (f *externalService) alive() bool {
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// behave sets the behavior.
func (f *externalService) behave(t *testing.T, how string) {
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

// log returns the callbacks since the log was last cleared.
func (f *externalService) log(t *testing.T) callbackLog {
	t.Helper()
	return fetchJSON[callbackLog](t, f.url+"/control/log")
}

func (f *externalService) clearLog(t *testing.T) {
	t.Helper()
	send(t, plainClient(), request(t, "DELETE", f.url+"/control/log", ""))
}

// A listedRow is a row of a worker's true list.
type listedRow struct{ ID, Name string }

func (f *externalService) rows(t *testing.T, worker string) []listedRow {
	t.Helper()
	return fetchJSON[[]listedRow](t, f.url+"/control/list?worker="+url.QueryEscape(worker))
}

// list returns the ids of a worker's true list, in order.
func (f *externalService) list(t *testing.T, worker string) (ids []string) {
	t.Helper()
	for _, row := range f.rows(t, worker) {
		ids = append(ids, row.ID)
	}
	return ids
}

func fetchJSON[T any](t *testing.T, at string) (v T) {
	t.Helper()
	resp, err := http.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(body, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v in %.200s", at, err, body)
	}
	return v
}

// serveExternal starts the program in front of the external service.
func (in installation) serveExternal(t *testing.T, f *externalService, args ...string) *server {
	t.Helper()
	return start(t, "serve", in.externalArgs(f, args...)...)
}

// externalArgs returns the arguments of the program in front of the external service.
func (in installation) externalArgs(f *externalService, args ...string) []string {
	return append([]string{"--database", in.database, "--auth-token", authToken,
		"--allow-private-callbacks", "--crm-callback-url", f.callbackURL()}, args...)
}
