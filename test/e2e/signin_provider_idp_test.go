package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The client as which the server is known at the provider.
const (
	clientID     = "clientele"
	clientSecret = "the client's secret"
)

// An idp is a running test/idp: an identity provider with users.
type idp struct {
	t      *testing.T
	issuer string
}

// idpBinary builds the provider, once.
var idpBinary = sync.OnceValues(func() (string, error) {
	file := filepath.Join(filepath.Dir(binary), "idp")
	out, err := exec.Command("go", "build", "-C", "../idp", "-o", file, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return file, err
})

// startIDP starts the provider; it ends with the test.
func startIDP(t *testing.T) *idp {
	t.Helper()
	file, err := idpBinary()
	if err != nil {
		t.Log(err)
		skipMissing(t, "identity provider: test/idp cannot be built")
	}
	cmd := exec.Command(file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider prints nothing: %v", err)
	}
	p := &idp{t, strings.TrimSpace(line)}
	who := func(name, email string, verified bool, groups ...string) map[string]any {
		return map[string]any{"name": name, "subject": "sub-" + name,
			"claims": map[string]any{"email": email, "email_verified": verified, "groups": groups}}
	}
	p.put("users", []any{
		who("alice", worker, true), who("boss", "boss@example.com", true, "staff", "crm-admins"),
		who("mallory", "mallory@example.com", true), who("unverified", worker, false),
	})
	return p
}

// put sets a value at a control endpoint.
func (p *idp) put(what string, v any) {
	p.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPut, p.issuer+"/control/"+what, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("control %s: %s", what, resp.Status)
	}
}

// serve starts the server on an installation with this provider, and registers it
// there.
func (p *idp) serve(t *testing.T, in installation) *server {
	t.Helper()
	srv := start(t, "serve", "--database", in.database, "--auth-token", authToken,
		"--oidc-issuer", p.issuer, "--oidc-client-id", clientID, "--oidc-client-secret", clientSecret)
	p.put("client", map[string]any{"id": clientID, "secret": clientSecret, "in_token": true,
		"redirects": []string{srv.url + "/signin/provider/callback"}, "logouts": []string{srv.url + "/signin?bye=1"}})
	return srv
}
