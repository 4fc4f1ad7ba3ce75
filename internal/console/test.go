package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The questions that a test of the CRM callback can ask, the first one unless
// another is chosen.
const (
	questionList    = "list"
	questionSearch  = "search"
	questionDetails = "details"
)

var questions = []string{questionList, questionSearch, questionDetails}

// A serviceTest is one test: what is asked, of whom, and what came of it.
type serviceTest struct {
	which    string // crm, outgoing or templates
	question string // of the CRM callback
	testForm
	url          string
	builtIn      bool
	token        string // what it is signed with
	unsavedToken bool   // that token was typed and is not saved
	base         http.RoundTripper
	timeout      time.Duration
	now          func() time.Time

	capture
	err        error
	customers  []frontline.Customer
	searchable frontline.Searchable
	next       string // the token of the next page
	customer   frontline.Customer
	address    string
	categories []frontline.TemplateCategory
	second     *secondPage // nil when none was asked for
}

// TestService sends a real signed request, as the app would, and shows what came of it.
func (c *console) TestService(w http.ResponseWriter, r *http.Request, v *visit) error {
	t, err := readCallbacksForm(w, r)
	if err != nil {
		return err
	}
	which := Field(r, "which")
	if !slices.Contains(callbacks, which) {
		return auth.ErrForm
	}
	wrong := missingFields(which, t.test, v)
	tr, err := c.newServiceTest(r.Context(), which, t)
	if err != nil {
		return err
	}
	if u, ok := t.urls[which]; ok && u.value != "" && c.flag(which) == "" {
		if cerr := c.CheckURL(u.value); cerr != nil || !settable(u.value) {
			wrong[fieldName(which)] = urlProblem(u.value, cerr, v.Locale)
		}
	}
	status := http.StatusOK
	var result *testResult
	var page callbacksPage
	switch ok, wait := c.allowTest(len(wrong) == 0, v); {
	case len(wrong) > 0:
		status = http.StatusUnprocessableEntity
		result = describeRefusal(tr, wrong, v)
	case !ok:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds()+1)))
		result = &testResult{Title: testTitle(tr, v), Problem: v.Locale.Text("console.test.limited")}
	default:
		// Before it is made: a call to an address of somebody's choice.
		if !c.Record(r, v, audit.Entry{Action: audit.ServiceTested, Subject: which}) {
			page.Problem = v.Locale.Text("console.audit.unwritten")
		}
		tr.run(r.Context())
		if auth.ClientGone(r, tr.err) {
			return tr.err
		}
		if which == crm && tr.question == questionDetails && tr.err == nil {
			c.RecordView(r, v, tr.Customer, tr.customer.DisplayName)
		}
		result = describeTest(tr, v)
	}
	if auth.Fragment(r) == "result" {
		auth.SetPrivate(w)
		w.Header().Set("Cache-Control", "no-store")
		return c.pages.Render(w, r, status, v.Locale, "result", result)
	}
	page.Result = result
	return c.renderCallbacks(w, r, v, status, &t, page, wrong)
}

// allowTest counts a test that is about to be made.
func (c *console) allowTest(really bool, v *visit) (ok bool, wait time.Duration) {
	if !really {
		return true, 0
	}
	return c.tests.Allow(v.Person.Identity)
}

// missingFields answers what a test lacks, by field.
func missingFields(which string, f testForm, v *visit) map[string]string {
	wrong := make(map[string]string)
	if f.Worker == "" {
		wrong["worker"] = v.Locale.Text("console.test.worker.missing")
	}
	if which == crm && f.Question == questionSearch && f.Query == "" {
		wrong["query"] = v.Locale.Text("console.test.query.missing")
	}
	if (which != crm || f.Question == questionDetails) && f.Customer == "" {
		wrong["customer"] = v.Locale.Text("console.test.customer.missing")
	}
	if which == outgoing && f.Address == "" {
		wrong["address"] = v.Locale.Text("console.test.address.missing")
	}
	return wrong
}

// newServiceTest finds out where a test goes: what was typed, unless a flag fixes it; what
// is kept, where nothing was sent. With no CRM callback URL it is the built-in
// service.
func (c *console) newServiceTest(ctx context.Context, which string, t callbacksForm) (*serviceTest, error) {
	tr := &serviceTest{which: which, question: t.test.Question, testForm: t.test, token: c.AuthToken(), base: c.Transport, timeout: c.TestTimeout, now: time.Now}
	if t.token != "" && c.Fixed.TokenFlag == "" {
		tr.token, tr.unsavedToken = t.token, true
	}
	u, sent := t.urls[which]
	switch {
	case c.flag(which) != "":
		tr.url = c.Fixed.CRM
	case sent:
		tr.url = u.value
	default:
		stored, err := c.Settings.Callbacks(ctx)
		if err != nil {
			return nil, err
		}
		tr.url = *callbackURL(&stored, which)
	}
	if tr.url == "" && which == crm {
		tr.url, tr.builtIn = c.builtInURL(), true
		tr.base = c.builtInTransport(tr.token)
	}
	return tr, nil
}

// run makes the call, by the very client that the app's calls are made by.
func (t *serviceTest) run(ctx context.Context) {
	if t.url == "" {
		t.err = &frontline.CallbackError{Code: frontline.CodeNoCallbackURL, Err: errNoService}
		return
	}
	through := &captureTransport{next: t.base, now: t.now}
	client, err := t.client(through)
	if err != nil {
		t.err = err
		return
	}
	t.call(ctx, client)
	t.capture = through.captured()
	if t.err == nil && t.which == crm && t.question != questionDetails && t.took < slow {
		t.fetchSecondPage(ctx)
	}
}

func (t *serviceTest) client(transport http.RoundTripper) (*frontline.Client, error) {
	return frontline.NewClient(t.url, frontline.ClientOptions{
		AuthToken: func() string { return t.token }, Transport: transport, Timeout: t.timeout,
	})
}

func (t *serviceTest) call(ctx context.Context, client *frontline.Client) {
	switch {
	case t.which == outgoing:
		t.address, t.err = client.ProxyAddress(ctx, frontline.ProxyAddressRequest{
			Worker: t.Worker, CustomerID: t.Customer, ChannelType: t.Channel, ChannelValue: t.Address})
	case t.which == templates:
		t.categories, t.err = client.Templates(ctx, frontline.TemplatesRequest{Worker: t.Worker, CustomerID: t.Customer, ConversationSID: t.Conversation})
	case t.question == questionDetails:
		var resp frontline.DetailsResponse
		resp, t.err = client.CustomerDetails(ctx, frontline.DetailsRequest{Worker: t.Worker, CustomerID: t.Customer})
		t.customer = resp.Customer
	default:
		req := t.listRequest()
		var resp frontline.ListResponse
		resp, t.err = client.CustomersList(ctx, req)
		t.customers, t.searchable, t.next = resp.Customers, resp.Searchable, resp.NextPageToken
	}
}

// listRequest asks for the first page.
func (t *serviceTest) listRequest() frontline.ListRequest {
	req := frontline.ListRequest{Worker: t.Worker, PageSize: frontline.DefaultPageSize}
	if t.question == questionSearch {
		req.Query = t.Query
	}
	return req
}

// code is the published code of the failure, 0 for none.
func (t *serviceTest) code() frontline.Code {
	var failed *frontline.CallbackError
	if errors.As(t.err, &failed) {
		return failed.Code
	}
	return 0
}
