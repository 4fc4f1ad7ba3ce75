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

// uploadRequest returns the request that a browser sends with a file.
func uploadRequest(t testing.TB, name, content string) *http.Request {
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

// waitForImport requests an import's page until the import waits or has ended.
func (f *customersFixture) waitForImport(who, href string) response {
	f.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		a := f.get(who, href).check(f.t, http.StatusOK, nil)
		if !strings.Contains(a.body, "data-live") {
			return a
		}
		if !strings.Contains(a.body, `<noscript><meta http-equiv="refresh"`) {
			f.t.Fatal("the page has no refresh for browsers without scripts")
		}
	}
	f.t.Fatal("the import did not end")
	return response{}
}

// upload uploads a file and returns the address of its page, and the page after the
// check.
func (f *customersFixture) upload(who, name, content string) (href string, page response) {
	f.t.Helper()
	a := f.do(who, uploadRequest(f.t, name, content))
	href = a.Header.Get("Location")
	if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(href, "/console/customers/import/one?id=") {
		f.t.Fatalf("upload: status %d, Location %q\n%.3000s", a.StatusCode, href, a.body)
	}
	return href, f.waitForImport(who, href)
}

func idOf(href string) string { return href[strings.Index(href, "id=")+3:] }

const threeRows = "customer_id,display_name,email,owner,shoe\n1,Ada Lovelace,ada@example.com,alice,38\n2,Grace Hopper,grace@example.com,bob,39\n3,,nobody,,\n"

func TestImport_PreviewsAndRuns(t *testing.T) {
	f := newCustomersFixture(t, nil, customer.Customer{ID: "2", Name: "G. Hopper", Workers: []string{"bob"}})
	f.get("root", "/console/customers/import").check(t, http.StatusOK, []string{`enctype="multipart/form-data"`, "up to 512 MiB"}, "Recent imports")
	href, page := f.upload("root", `C:\fake\my "list".csv`, threeRows)
	page.check(t, http.StatusOK, []string{"Ready to import", "CSV", "ASCII", "Nothing has changed yet", "<dt>New</dt><dd>1</dd>", "<dt>Updated</dt><dd>1</dd>", "Rejected", "Line 4", `lang="en"`,
		"Ignored</span>", "shoe", "Owners come from the file.", `<option value="email" selected>Email</option>`, "grace@example.com"}, `name="insist"`)
	if _, ok := f.storedCustomer("1"); ok {
		t.Fatal("the preview has imported")
	}
	a := f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	if a.Header.Get("Location") != href {
		t.Fatalf("run: status %d, Location %q:\n%.2000s", a.StatusCode, a.Header.Get("Location"), a.body)
	}
	f.waitForImport("root", href).check(t, http.StatusOK, []string{"Imported", "<dt>New</dt><dd>1</dd>", "Ignored columns:", "Download rows not imported", "Download report"}, "Nothing has changed yet", `value="run"`)
	if c, ok := f.storedCustomer("1"); !ok || c.Name != "Ada Lovelace" {
		t.Errorf("imported customer = %+v", c)
	}
	f.get("root", "/console/customers/import").check(t, http.StatusOK, []string{"Recent imports", "Imported", idOf(href)})
	rejects := f.get("root", "/console/customers/import/rejects?id="+idOf(href)).check(t, http.StatusOK, []string{"nobody"}, "ada@example.com")
	if d := rejects.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=") || strings.Count(d, `"`) != 2 {
		t.Errorf("rejected rows: Content-Disposition = %q", d)
	}
	told := false
	for _, e := range f.audit.entries {
		told = told || e.Action == audit.Imported && e.Actor == "root"
	}
	if !told {
		t.Error("the audit lacks the import")
	}
	// A double click on Import changes nothing.
	f.follow("root", f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")).check(t, http.StatusOK, []string{"Imported"})
}

func TestImport_AsksForOwner(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, page := f.upload("root", "list.csv", "Kontakt,Mobil,Mail\nAda Lovelace,030 12345678,ada@example.com\n")
	page.check(t, http.StatusOK, []string{"Needs your input", "Column mapping", `value="choose"`}, `value="run"`)
	choose := func(do string, fields ...string) response {
		f.follow("root", f.post("root", "/console/customers/import/one", append([]string{"id", idOf(href), "do", do, "columns", "3"}, fields...)...))
		return f.waitForImport("root", href)
	}
	page = choose("choose", "field0", "display_name", "field1", "phone", "field2", "email")
	page.check(t, http.StatusOK, []string{"Needs your input", "The file doesn’t name the owners. Choose an owner, or select Everyone."})
	page = choose("choose", "field0", "display_name", "field1", "phone", "field2", "email", "worker", "alice", "region", "de")
	page.check(t, http.StatusOK, []string{"Ready to import", `value="alice"`, `value="DE"`, "<dt>New</dt><dd>1</dd>"})
	// Import after another change checks again first, and says so.
	a := f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run", "columns", "3", "field0", "display_name", "field1", "phone", "field2", "", "worker", "alice", "region", "de")
	if !strings.HasSuffix(a.Header.Get("Location"), "&done=checked") {
		t.Fatalf("POST: status %d, Location %q", a.StatusCode, a.Header.Get("Location"))
	}
	f.follow("root", a).check(t, http.StatusOK, []string{"checked again"})
	f.waitForImport("root", href)
	choose("run", "field0", "display_name", "field1", "phone", "field2", "", "worker", "alice", "region", "DE")
	f.waitForImport("root", href).check(t, http.StatusOK, []string{"Imported"})
	found := f.get("root", "/console/customers?worker=alice").values("id")
	if len(found) != 1 {
		t.Fatalf("alice's customers = %q", found)
	}
	if c, _ := f.storedCustomer(found[0]); c.Name != "Ada Lovelace" || len(c.Channels) != 1 || c.Channels[0].Value != "+493012345678" {
		t.Errorf("imported customer = %+v", c)
	}
	for name, fields := range map[string][]string{
		"columns of another file": {"do", "choose", "columns", "7"}, "an unknown field": {"do", "choose", "columns", "3", "field0", "shoe size"}, "an unknown action": {"do", "sell"},
	} {
		if a := f.post("root", "/console/customers/import/one", append([]string{"id", idOf(href)}, fields...)...); a.StatusCode != http.StatusBadRequest {
			t.Errorf("POST /console/customers/import/one, %s: status %d, want 400", name, a.StatusCode)
		}
	}
}

func TestImport_PruneOfManyNeedsPruneAnyway(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(10)...)
	content := "customer_id,display_name,owner\nc0009,Customer 0009,alice\n"
	for i := range 6 {
		content += fmt.Sprintf("c%04d,Customer %04d,alice\n", i, i)
	}
	href, page := f.upload("root", "list.csv", content)
	page.check(t, http.StatusOK, nil, "aren’t in this file")
	choose := func(do string, fields ...string) response {
		a := f.post("root", "/console/customers/import/one", append([]string{"id", idOf(href), "do", do}, fields...)...)
		if a.StatusCode == http.StatusSeeOther {
			return f.waitForImport("root", href)
		}
		return a
	}
	choose("choose", "prune", "on").check(t, http.StatusOK, []string{"3 customers of 10 aren’t in this file.", "Customer 0006", `name="insist"`, "Needs your input"}, `value="run"`)
	choose("run", "prune", "on")
	if _, ok := f.storedCustomer("c0007"); !ok {
		t.Fatal("pruning deleted a third of all customers without confirmation")
	}
	choose("choose", "prune", "on", "insist", "on").check(t, http.StatusOK, []string{"Deleted by this import", "Import and delete 3 customers"})
	choose("run", "prune", "on", "insist", "on").check(t, http.StatusOK, []string{"Imported"})
	if _, ok := f.storedCustomer("c0007"); ok {
		t.Error("the customers were not deleted")
	}
}

func TestImport_RefusesInvalidUploads(t *testing.T) {
	f := newCustomersFixture(t, nil)
	f.do("root", uploadRequest(t, "", threeRows)).check(t, http.StatusUnprocessableEntity, []string{"Choose a file first."})
	f.do("root", uploadRequest(t, "empty.csv", "")).check(t, http.StatusUnprocessableEntity, []string{`id="file-error"`, `lang="en"`})
	f.post("root", "/console/customers/import", "file", "x").check(t, http.StatusBadRequest, nil)
	part := uploadRequest(t, "", "")
	part.Header.Set("Clientele-Part", "upload")
	f.do("root", part).check(t, http.StatusUnprocessableEntity, []string{`id="file-error"`}, "<html")

	cut := uploadRequest(t, "list.csv", threeRows)
	whole, _ := io.ReadAll(cut.Body)
	cut.Body = io.NopCloser(bytes.NewReader(whole[:len(whole)/2]))
	f.do("root", cut).check(t, http.StatusBadRequest, []string{"The upload was interrupted."})
	big := uploadRequest(t, "list.csv", threeRows)
	big.ContentLength = 600 << 20
	f.do("root", big).check(t, http.StatusRequestEntityTooLarge, []string{"The file is too large. The limit is 512 MiB."})
	if all := f.admin.Imports(); len(all) != 0 {
		t.Errorf("invalid uploads made %d imports", len(all))
	}
	for _, path := range []string{"/console/customers/import/one", "/console/customers/import/rejects"} {
		f.get("root", path+"?id=none").check(t, http.StatusNotFound, []string{"This is no longer available"})
	}
	f.post("root", "/console/customers/import/one", "id", "none", "do", "run").check(t, http.StatusNotFound, nil)
}

func TestImport_Cancel(t *testing.T) {
	f := newCustomersFixture(t, nil)
	href, _ := f.upload("root", "list.csv", threeRows)
	for range 2 {
		f.follow("rita", f.post("rita", "/console/customers/import/one", "id", idOf(href), "do", "cancel")).check(t, http.StatusOK, []string{"Canceled", "Import another file"}, `value="run"`)
	}
	if _, ok := f.storedCustomer("1"); ok {
		t.Error("a canceled import was run")
	}
}

// busyAdmin is an Admin with another administrator's job running.
type busyAdmin struct {
	console.Admin
	err error
}

func (o busyAdmin) Run(context.Context, string, string) (admin.Import, error) {
	return admin.Import{}, o.err
}
func (o busyAdmin) Upload(context.Context, string, string, io.Reader) (admin.Import, error) {
	return admin.Import{}, o.err
}
func (o busyAdmin) Reassign(context.Context, string, string, string) (admin.Reassignment, error) {
	return admin.Reassignment{}, o.err
}
func (o busyAdmin) Import(id string) (admin.Import, error) {
	return admin.Import{ID: id, File: "list.csv", State: admin.Ready, Preview: &importer.Report{Created: 1}}, nil
}

func TestImport_NamesWhoIsBusy(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		says   string
	}{
		{&admin.BusyError{By: "rita", What: "autumn.csv"}, http.StatusConflict, "rita is importing autumn.csv."},
		{&admin.BusyError{By: "rita", What: "autumn.csv", Checking: true}, http.StatusConflict, "rita is checking autumn.csv."},
		{&admin.BusyError{By: "rita"}, http.StatusConflict, "rita is reassigning customers."},
		{admin.ErrBusy, http.StatusConflict, "Another task is running."},
	} {
		f := newCustomersFixture(t, func(o console.Admin) console.Admin { return busyAdmin{o, test.err} }, customersNamed(3)...)
		f.post("root", "/console/customers/import/one", "id", "1", "do", "run").check(t, test.status, []string{test.says, `value="run"`})
		f.do("root", uploadRequest(t, "list.csv", threeRows)).check(t, test.status, []string{test.says})
		f.post("root", "/console/customers/reassign", "from", "of:alice", "to", "of:bob", "count", "1").check(t, test.status, []string{test.says, "Reassign 1 customer"})
	}
	for err, says := range map[error]string{admin.ErrTooMany: "Too many uploads are waiting", admin.ErrDiskFull: "disk is full", admin.ErrTooBig: "too large"} {
		f := newCustomersFixture(t, func(o console.Admin) console.Admin { return busyAdmin{o, err} })
		if a := f.do("root", uploadRequest(t, "list.csv", threeRows)); a.StatusCode < 400 || !strings.Contains(a.body, says) {
			t.Errorf("upload that fails with %v: status %d, want an error with %q", err, a.StatusCode, says)
		}
	}
	f := newCustomersFixture(t, func(o console.Admin) console.Admin {
		return busyAdmin{o, &admin.TooManyPrunedError{Absent: 30, Total: 1234}}
	})
	f.post("root", "/console/customers/import/one", "id", "1", "do", "run").check(t, http.StatusConflict, []string{"30 of 1,234 customers are no longer in the file"})
}

func TestImport_SkipsDeletedCustomers(t *testing.T) {
	f := newCustomersFixture(t, nil, customersNamed(10)...)
	f.post("root", "/console/customers/chosen", "do", "delete-now", "id", "c0009")
	content := "customer_id,display_name,owner\nc0009,Back Again,alice\nc0008,Customer 0008,alice\n"
	href, page := f.upload("root", "list.csv", content)
	page.check(t, http.StatusOK, []string{"Previously deleted"})
	f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	f.waitForImport("root", href).check(t, http.StatusOK, []string{"Imported", "Previously deleted"})
	if _, ok := f.storedCustomer("c0009"); ok {
		t.Error("the import added a deleted customer again")
	}
	f.post("root", "/console/customers/deleted", "id", "c0009")
	href, _ = f.upload("root", "list.csv", content)
	f.post("root", "/console/customers/import/one", "id", idOf(href), "do", "run")
	f.waitForImport("root", href)
	if _, ok := f.storedCustomer("c0009"); !ok {
		t.Error("the import did not add a restored customer")
	}
}

func TestImport_RetryOrCancelAfterFailure(t *testing.T) {
	f := newCustomersFixture(t, nil)
	const one = "/console/customers/import/one"
	var failed []string
	f.diskFull.Store(true)
	for range 2 {
		href, _ := f.upload("root", "crm.csv", "id,name\n1,Ada\n")
		for _, do := range []string{"choose", "run"} {
			f.post("root", one, "id", idOf(href), "do", do, "worker", "alice").check(t, http.StatusSeeOther, nil)
			f.waitForImport("root", href)
		}
		f.get("root", href).check(t, http.StatusOK, []string{"disk is full", `name="worker" value="alice"`, `value="run"`, `value="cancel"`, `value="choose"`})
		failed = append(failed, href)
	}
	f.diskFull.Store(false)
	f.post("root", one, "id", idOf(failed[0]), "do", "run", "worker", "alice").check(t, http.StatusSeeOther, nil)
	f.waitForImport("root", failed[0]).check(t, http.StatusOK, []string{"Imported"}, `value="run"`)
	if c, ok := f.storedCustomer("1"); !ok || c.Name != "Ada" {
		t.Errorf("customer after the retry = %+v", c)
	}
	f.post("root", one, "id", idOf(failed[1]), "do", "cancel").check(t, http.StatusSeeOther, nil)
	f.get("root", failed[1]).check(t, http.StatusOK, []string{"Canceled"}, `value="cancel"`, `value="run"`, "disk is full")
}
