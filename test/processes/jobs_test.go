package processes

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// upload uploads a file of customers at a process, and returns the path of its import.
func upload(t *testing.T, b *browser, p *process, rows int) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(part, "customer_id,display_name,phone,worker")
	for n := range rows {
		fmt.Fprintf(part, "c%d,Customer %d,+1202%07d,%s\n", n, n, n, worker)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	got := b.do(p, "POST", "/console/customers/import", form.FormDataContentType(), &body)
	if got.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /console/customers/import: status %d, want 303\n%s", got.StatusCode, got.body)
	}
	return got.Header.Get("Location")
}

// ended reports whether a process shows that an import, or its check, has ended.
func ended(b *browser, p *process, path string) bool {
	p.t.Helper()
	page := b.get(p, path)
	if page.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: status %d, want 200", path, page.StatusCode)
	}
	return !strings.Contains(page.body, "data-live")
}

var chosen = regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)".*?</select>`)
var selected = regexp.MustCompile(`<option value="([^"]*)"[^>]* selected`)

// runImport starts an import at a process, with the settings that its page proposes.
func runImport(b *browser, p *process, path string) {
	p.t.Helper()
	_, id, _ := strings.Cut(path, "id=")
	form := []string{"id", id, "do", "run"}
	for _, field := range chosen.FindAllStringSubmatch(b.get(p, path).body, -1) {
		if option := selected.FindStringSubmatch(field[0]); option != nil {
			form = append(form, field[1], option[1])
		}
	}
	got := b.post(p, "/console/customers/import/one", form...)
	if got.StatusCode != http.StatusSeeOther || strings.Contains(got.Header.Get("Location"), "done=") {
		p.t.Fatalf("starting %s: status %d to %s, want 303\n%s", path, got.StatusCode, got.Header.Get("Location"), got.body)
	}
}

func TestJobs_ShowOnEveryProcess(t *testing.T) {
	i := install(t)
	a, b := i.serve(), i.serve()
	root := signedIn(a, admin)
	path := upload(t, root, a, 500)
	within(t, 30*time.Second, "the other process shows the preview", func() bool { return ended(root, b, path) })
	runImport(root, b, path) // not where it was uploaded
	for _, p := range []*process{a, b} {
		within(t, 30*time.Second, "the import is done", func() bool { return ended(root, p, path) })
	}
	if page := root.get(a, path).body; !strings.Contains(page, "500") {
		t.Errorf("GET %s at the process that did not import: no number of customers", path)
	}
}

func TestJobs_InterruptedWithTheirProcess(t *testing.T) {
	i := install(t)
	a, b := i.serve(), i.serve()
	root := signedIn(a, admin)
	path := upload(t, root, a, 10_000)
	within(t, 2*time.Minute, "the other process shows the preview", func() bool { return ended(root, b, path) })
	runImport(root, a, path)
	within(t, 2*time.Second, "the other process shows that it runs", func() bool { return !ended(root, b, path) })
	if got := root.post(b, "/console/customers/reassign", "from", worker, "to", "x@example.com"); got.StatusCode == http.StatusSeeOther {
		t.Error("a reassignment began while another process imports")
	}
	a.kill()
	within(t, 20*time.Second, "the other process says that it was interrupted", func() bool { return ended(root, b, path) })
	if page := root.get(b, path).body; !strings.Contains(page, "Interrupted") {
		t.Errorf("GET %s: the page does not say that the import was interrupted:\n%s", path, page)
	}
	runImport(root, b, path)
	within(t, 2*time.Minute, "the import was completed", func() bool { return ended(root, b, path) })
	if page := root.get(b, path).body; !strings.Contains(page, "Imported") {
		t.Errorf("GET %s: the import did not end well:\n%s", path, page)
	}
}
