package console_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// uploaded is the request with which a browser sends a file.
func uploaded(t testing.TB, name, content string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, content)
	form.Close()
	r := httptest.NewRequest("POST", "/console/customers/import", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

// settled asks for an import until nothing goes on with it.
func (s *shop) settled(who, href string) answer {
	s.t.Helper()
	for range 400 {
		a := s.get(who, href).must(s.t, http.StatusOK, nil)
		if !strings.Contains(a.body, "data-live") {
			return a
		}
		if !strings.Contains(a.body, `<noscript><meta http-equiv="refresh"`) {
			s.t.Fatal("without scripts, the page would not follow")
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("the import does not end")
	return answer{}
}

// bring uploads a file and answers where its page is, with the page once it is settled.
func (s *shop) bring(who, name, content string) (href string, page answer) {
	s.t.Helper()
	a := s.do(who, uploaded(s.t, name, content))
	href = a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(href, "/console/customers/import/one?id=") {
		s.t.Fatalf("status %d to %q\n%.3000s", a.StatusCode, href, a.body)
	}
	return href, s.settled(who, href)
}

func idOf(href string) string { return href[strings.Index(href, "id=")+3:] }

const threeRows = "customer_id,display_name,email,owner,shoe\n1,Ada Lovelace,ada@example.com,alice,38\n2,Grace Hopper,grace@example.com,bob,39\n3,,nobody@example.com,,\n"

func TestAFileIsUploadedLookedAtAndImported(t *testing.T) {
	s := newShop(t, nil, customer.Customer{ID: "2", Name: "G. Hopper", Workers: []string{"bob"}})
	s.get("root", "/console/customers/import").must(t, http.StatusOK, []string{`enctype="multipart/form-data"`, "up to 512 MiB"}, "Recent imports")
	href, page := s.bring("root", `C:\fake\my "list".csv`, threeRows)
	page.must(t, http.StatusOK, []string{"Ready to import", "CSV", "ASCII", "Nothing has changed yet", "<dt>New</dt><dd>1</dd>", "<dt>Updated</dt><dd>1</dd>", "Rejected", "Line 4", `lang="en"`,
		"Ignored columns:", "shoe", "Owners come from the file.", `<option value="email" selected>Email</option>`, "grace@example.com"}, `name="insist"`)
	if _, ok := s.keptCustomer("1"); ok {
		t.Fatal("the check has imported")
	}
	a := s.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	if a.Header.Get("Location") != href {
		t.Fatalf("status %d to %q:\n%.2000s", a.StatusCode, a.Header.Get("Location"), a.body)
	}
	s.settled("root", href).must(t, http.StatusOK, []string{"Imported", "<dt>New</dt><dd>1</dd>", "Download these rows"}, "Nothing has changed yet", `value="run"`)
	if c, ok := s.keptCustomer("1"); !ok || c.Name != "Ada Lovelace" {
		t.Errorf("imported was %+v", c)
	}
	s.get("root", "/console/customers/import").must(t, http.StatusOK, []string{"Recent imports", "Imported", idOf(href)})
	rejects := s.get("root", "/console/customers/import/rejects?id="+idOf(href)).must(t, http.StatusOK, []string{"nobody@example.com"}, "ada@example.com")
	if d := rejects.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=") || strings.Count(d, `"`) != 2 {
		t.Errorf("the rows come as %q", d)
	}
	told := false
	for _, e := range s.trail.entries {
		told = told || e.Action == audit.Imported && e.Actor == "root"
	}
	if !told {
		t.Error("the audit does not tell of the import")
	}
	// A second tap on Import changes nothing.
	s.follow("root", s.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")).must(t, http.StatusOK, []string{"Imported"})
}

func TestAFileThatDoesNotSayWhoseTheyAreIsAskedAbout(t *testing.T) {
	s := newShop(t, nil)
	href, page := s.bring("root", "list.csv", "Kontakt,Mobil,Mail\nAda Lovelace,030 12345678,ada@example.com\n")
	page.must(t, http.StatusOK, []string{"Needs your input", "Column mapping", `value="choose"`}, `value="run"`)
	choose := func(do string, fields ...string) answer {
		s.follow("root", s.post("root", "/console/customers/import/one", append([]string{"id", idOf(href), "do", do, "columns", "3"}, fields...)...))
		return s.settled("root", href)
	}
	page = choose("choose", "field0", "display_name", "field1", "phone", "field2", "email")
	page.must(t, http.StatusOK, []string{"Needs your input", "The file doesn’t name the owners. Enter a worker, or select Everyone."})
	page = choose("choose", "field0", "display_name", "field1", "phone", "field2", "email", "worker", "alice", "region", "de")
	page.must(t, http.StatusOK, []string{"Ready to import", `value="alice"`, `value="DE"`, "<dt>New</dt><dd>1</dd>"})
	// Import after another change checks anew first, and says so.
	a := s.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run", "columns", "3", "field0", "display_name", "field1", "phone", "field2", "", "worker", "alice", "region", "de")
	if !strings.HasSuffix(a.Header.Get("Location"), "&done=checked") {
		t.Fatalf("status %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	s.follow("root", a).must(t, http.StatusOK, []string{"checked again"})
	s.settled("root", href)
	choose("run", "field0", "display_name", "field1", "phone", "field2", "", "worker", "alice", "region", "DE")
	s.settled("root", href).must(t, http.StatusOK, []string{"Imported"})
	found := s.get("root", "/console/customers?worker=alice").values("id")
	if len(found) != 1 {
		t.Fatalf("alice has %q", found)
	}
	if c, _ := s.keptCustomer(found[0]); c.Name != "Ada Lovelace" || len(c.Channels) != 1 || c.Channels[0].Value != "+493012345678" {
		t.Errorf("imported was %+v", c)
	}
	for name, fields := range map[string][]string{
		"columns of another file": {"do", "choose", "columns", "7"}, "a field that there is none of": {"do", "choose", "columns", "3", "field0", "shoe size"}, "an act that is none": {"do", "sell"},
	} {
		if a := s.post("root", "/console/customers/import/one", append([]string{"id", idOf(href)}, fields...)...); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, a.StatusCode)
		}
	}
}

func TestPruningIsCountedAndRefusedUnlessInsistedOn(t *testing.T) {
	s := newShop(t, nil, some(10)...)
	content := "customer_id,display_name,owner\nc0009,Customer 0009,alice\n"
	for i := range 6 {
		content += fmt.Sprintf("c%04d,Customer %04d,alice\n", i, i)
	}
	href, page := s.bring("root", "list.csv", content)
	page.must(t, http.StatusOK, nil, "aren’t in this file")
	choose := func(do string, fields ...string) answer {
		a := s.post("root", "/console/customers/import/one", append([]string{"id", idOf(href), "do", do}, fields...)...)
		if a.StatusCode == http.StatusSeeOther {
			return s.settled("root", href)
		}
		return a
	}
	choose("choose", "prune", "on").must(t, http.StatusOK, []string{"3 customers of 10 aren’t in this file.", "Customer 0006", `name="insist"`})
	choose("run", "prune", "on")
	if _, ok := s.keptCustomer("c0007"); !ok {
		t.Fatal("a third of all was deleted without insisting")
	}
	choose("choose", "prune", "on", "insist", "on").must(t, http.StatusOK, []string{"Deleted by this import"})
	choose("run", "prune", "on", "insist", "on").must(t, http.StatusOK, []string{"Imported"})
	if _, ok := s.keptCustomer("c0007"); ok {
		t.Error("insisted on, they are there still")
	}
}

func TestUploadsThatAreNoFile(t *testing.T) {
	s := newShop(t, nil)
	s.do("root", uploaded(t, "", threeRows)).must(t, http.StatusUnprocessableEntity, []string{"Choose a file first."})
	s.do("root", uploaded(t, "empty.csv", "")).must(t, http.StatusUnprocessableEntity, []string{`id="file-error"`, `lang="en"`})
	s.post("root", "/console/customers/import", "file", "x").must(t, http.StatusBadRequest, nil)
	part := uploaded(t, "", "")
	part.Header.Set("Clientele-Part", "upload")
	s.do("root", part).must(t, http.StatusUnprocessableEntity, []string{`id="file-error"`}, "<html")

	cut := uploaded(t, "list.csv", threeRows)
	whole, _ := io.ReadAll(cut.Body)
	cut.Body = io.NopCloser(bytes.NewReader(whole[:len(whole)/2]))
	s.do("root", cut).must(t, http.StatusBadRequest, []string{"The upload was interrupted."})
	big := uploaded(t, "list.csv", threeRows)
	big.ContentLength = 600 << 20
	s.do("root", big).must(t, http.StatusRequestEntityTooLarge, []string{"The file is too large. The limit is 512 MiB."})
	if all := s.office.Imports(); len(all) != 0 {
		t.Errorf("%d imports came of it", len(all))
	}
	for _, path := range []string{"/console/customers/import/one", "/console/customers/import/rejects"} {
		s.get("root", path+"?id=none").must(t, http.StatusNotFound, []string{"This is no longer available"})
	}
	s.post("root", "/console/customers/import/one", "id", "none", "do", "run").must(t, http.StatusNotFound, nil)
}

func TestAnImportIsCancelled(t *testing.T) {
	s := newShop(t, nil)
	href, _ := s.bring("root", "list.csv", threeRows)
	for range 2 {
		s.follow("rita", s.post("rita", "/console/customers/import/one", "id", idOf(href), "do", "cancel")).must(t, http.StatusOK, []string{"Canceled", "Import another file"}, `value="run"`)
	}
	if _, ok := s.keptCustomer("1"); ok {
		t.Error("it was imported")
	}
}

// occupied is an office in which somebody else is at work.
type occupied struct {
	console.Admin
	err error
}

func (o occupied) Run(context.Context, string, string) (admin.Import, error) {
	return admin.Import{}, o.err
}
func (o occupied) Stage(context.Context, string, string, io.Reader) (admin.Import, error) {
	return admin.Import{}, o.err
}
func (o occupied) Reassign(context.Context, string, string, string) (admin.Job, error) {
	return admin.Job{}, o.err
}
func (o occupied) Import(id string) (admin.Import, error) {
	return admin.Import{ID: id, File: "list.csv", State: admin.Ready, Preview: &importer.Report{}}, nil
}

func TestWhoIsAtWorkIsNamed(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		says   string
	}{
		{&admin.BusyError{By: "rita", What: "autumn.csv"}, http.StatusConflict, "rita is importing autumn.csv."},
		{&admin.BusyError{By: "rita"}, http.StatusConflict, "rita is transferring customers."},
		{admin.ErrBusy, http.StatusConflict, "Another task is running."},
	} {
		s := newShop(t, func(o console.Admin) console.Admin { return occupied{o, test.err} }, some(3)...)
		s.post("root", "/console/customers/import/one", "id", "1", "do", "run").must(t, test.status, []string{test.says, `value="run"`})
		s.do("root", uploaded(t, "list.csv", threeRows)).must(t, test.status, []string{test.says})
		s.post("root", "/console/customers/reassign", "from", "of:alice", "to", "of:bob", "count", "1").must(t, test.status, []string{test.says, "Transfer 1 customer"})
	}
	for err, says := range map[error]string{admin.ErrTooMany: "Too many uploads are waiting", admin.ErrDiskFull: "disk is full", admin.ErrTooBig: "too large"} {
		s := newShop(t, func(o console.Admin) console.Admin { return occupied{o, err} })
		if a := s.do("root", uploaded(t, "list.csv", threeRows)); a.StatusCode < 400 || !strings.Contains(a.body, says) {
			t.Errorf("%v: status %d", err, a.StatusCode)
		}
	}
	s := newShop(t, func(o console.Admin) console.Admin {
		return occupied{o, &admin.ErrTooManyRemoved{Removed: 30, Total: 1234}}
	})
	s.post("root", "/console/customers/import/one", "id", "1", "do", "run").must(t, http.StatusConflict, []string{"30 of 1,234 customers are no longer in the file"})
}

func TestWhoWasDeletedStaysDeletedAtTheNextImport(t *testing.T) {
	s := newShop(t, nil, some(10)...)
	s.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0009")
	content := "customer_id,display_name,owner\nc0009,Back Again,alice\nc0008,Customer 0008,alice\n"
	href, page := s.bring("root", "list.csv", content)
	page.must(t, http.StatusOK, []string{"Previously deleted"})
	s.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	s.settled("root", href).must(t, http.StatusOK, []string{"Imported", "Previously deleted"})
	if _, ok := s.keptCustomer("c0009"); ok {
		t.Error("who was deleted came back with the import")
	}
	s.post("root", "/console/customers/deleted", "id", "c0009")
	href, _ = s.bring("root", "list.csv", content)
	s.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	s.settled("root", href)
	if _, ok := s.keptCustomer("c0009"); !ok {
		t.Error("let back, they did not come with the import")
	}
}
