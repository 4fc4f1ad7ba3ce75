package integration

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The requests that a test of the CRM callback can make. The first is the default.
const (
	requestList    = "list"
	requestSearch  = "search"
	requestDetails = "details"
)

var requestTypes = []string{requestList, requestSearch, requestDetails}

// errNoService is the error of a test without a callback URL.
var errNoService = errors.New("the callback URL is not set")

// serviceTest is one test of a callback: the request, and its outcome.
type serviceTest struct {
	callback string // crm, outgoing or templates
	testForm
	url          string
	builtIn      bool
	token        string // signs the request
	unsavedToken bool   // token was posted with the form and is not saved
	transport    http.RoundTripper
	timeout      time.Duration
	now          func() time.Time

	capture
	err        error
	customers  []frontline.Customer
	searchable frontline.Searchable
	nextToken  string // the token of the next page
	details    frontline.Customer
	address    string
	categories []frontline.TemplateCategory
	second     *secondPage // nil when no second page was requested
}

// TestService sends a signed request, as the app would, and shows the outcome.
func (h *Handlers) TestService(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	form, err := readCallbacksForm(w, r, v)
	if err != nil {
		return err
	}
	callback := view.Field(r, "which")
	if !slices.Contains(callbacks, callback) {
		return auth.ErrForm
	}
	problems := missingFields(callback, form.test, v)
	test, err := h.newServiceTest(r.Context(), callback, form)
	if err != nil {
		return err
	}
	if u, ok := form.urls[callback]; ok && u.value != "" && h.flag(callback) == "" {
		if cerr := h.CheckURL(u.value); cerr != nil || !settable(u.value) {
			problems[fieldName(callback)] = urlProblem(u.value, cerr, v.Locale)
		}
	}
	status := http.StatusOK
	var result *testResult
	var page callbacksPage
	switch wait := h.takeTest(r, len(problems) == 0, v); {
	case len(problems) > 0:
		status = http.StatusUnprocessableEntity
		result = describeRefusal(test, problems, v)
	case wait > 0:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds()+1)))
		result = &testResult{Title: testTitle(test, v), Problem: v.Locale.Text("console.test.limited")}
	default:
		// Before the call: its address is the administrator's choice.
		if err := h.Audit.Write(r.Context(), h.Entry(r, v, audit.Entry{Action: audit.ServiceTested, Subject: callback, Params: audit.As(test.Worker)})); err != nil {
			return err
		}
		test.run(r.Context())
		if auth.ClientGone(r, test.err) {
			return test.err
		}
		// The page shows the body of any response, also of one that cannot be used.
		if callback == crm && test.Request == requestDetails && test.responded && !errors.Is(test.err, frontline.ErrNotFound) {
			h.RecordView(r, v, test.Customer, test.details.DisplayName)
		}
		result = describeTest(test, v)
	}
	if auth.Fragment(r) == "result" {
		return h.Render(w, r, v, status, "result", result)
	}
	page.Result = result
	return h.renderCallbacks(w, r, v, status, &form, page, problems)
}

// takeTest counts a test against the administrator's limit, unless the form is invalid.
func (h *Handlers) takeTest(r *http.Request, valid bool, v *auth.Viewer) time.Duration {
	if !valid {
		return 0
	}
	wait, _ := h.tests.Take(r.Context(), web.Bucket{Key: v.Person.Identity, Rate: testRate})
	return wait
}

// missingFields returns the errors of fields that the test needs and are empty, by field.
func missingFields(callback string, f testForm, v *auth.Viewer) map[string]string {
	problems := make(map[string]string)
	if f.Worker == "" {
		problems["worker"] = v.Locale.Text("console.test.worker.missing")
	}
	if callback == crm && f.Request == requestSearch && f.Query == "" {
		problems["query"] = v.Locale.Text("console.test.query.missing")
	}
	if (callback != crm || f.Request == requestDetails) && f.Customer == "" {
		problems["customer"] = v.Locale.Text("console.test.customer.missing")
	}
	if callback == outgoing && f.Address == "" {
		problems["address"] = v.Locale.Text("console.test.address.missing")
	}
	return problems
}

// newServiceTest returns a test of the posted URL, unless a flag overrides it, or of the
// stored URL when none was posted. Without a CRM callback URL it tests the built-in
// service.
func (h *Handlers) newServiceTest(ctx context.Context, callback string, form callbacksForm) (*serviceTest, error) {
	test := &serviceTest{callback: callback, testForm: form.test, token: h.AuthToken(), transport: h.Transport, timeout: h.TestTimeout, now: time.Now}
	if form.token != "" && h.Fixed.TokenFlag == "" {
		test.token, test.unsavedToken = form.token, true
	}
	u, sent := form.urls[callback]
	switch {
	case h.flag(callback) != "":
		test.url = h.Fixed.CRM
	case sent:
		test.url = u.value
	default:
		stored, err := h.Settings.Callbacks(ctx)
		if err != nil {
			return nil, err
		}
		test.url = *callbackURL(&stored, callback)
	}
	if test.url == "" && callback == crm {
		test.url, test.builtIn = h.builtInURL(), true
		test.transport = h.builtInTransport(test.token)
	}
	return test, nil
}

// run makes the call with the client that the app uses.
func (t *serviceTest) run(ctx context.Context) {
	if t.url == "" {
		t.err = &frontline.CallbackError{Code: frontline.CodeNoCallbackURL, Err: errNoService}
		return
	}
	transport := &captureTransport{next: t.transport, now: t.now}
	client, err := t.client(transport)
	if err != nil {
		t.err = err
		return
	}
	t.call(ctx, client)
	t.capture = transport.captured()
	if t.err == nil && t.callback == crm && t.Request != requestDetails && t.took < slow {
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
	case t.callback == outgoing:
		t.address, t.err = client.ProxyAddress(ctx, frontline.ProxyAddressRequest{
			Worker: t.Worker, CustomerID: t.Customer, ChannelType: t.Channel, ChannelValue: t.Address})
	case t.callback == templates:
		t.categories, t.err = client.Templates(ctx, frontline.TemplatesRequest{Worker: t.Worker, CustomerID: t.Customer, ConversationSID: t.Conversation})
	case t.Request == requestDetails:
		var resp frontline.DetailsResponse
		resp, t.err = client.CustomerDetails(ctx, frontline.DetailsRequest{Worker: t.Worker, CustomerID: t.Customer})
		t.details = resp.Customer
	default:
		req := t.listRequest()
		var resp frontline.ListResponse
		resp, t.err = client.CustomersList(ctx, req)
		t.customers, t.searchable, t.nextToken = resp.Customers, resp.Searchable, resp.NextPageToken
	}
}

// listRequest returns the request for the first page.
func (t *serviceTest) listRequest() frontline.ListRequest {
	req := frontline.ListRequest{Worker: t.Worker, PageSize: frontline.DefaultPageSize}
	if t.Request == requestSearch {
		req.Query = t.Query
	}
	return req
}

// code returns the published code of the failure, 0 for none.
func (t *serviceTest) code() frontline.Code {
	var failed *frontline.CallbackError
	if errors.As(t.err, &failed) {
		return failed.Code
	}
	return 0
}
