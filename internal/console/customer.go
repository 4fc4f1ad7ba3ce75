package console

import (
	"errors"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// The addresses of a customer's screens. An id may be anything at all, which no path
// carries unharmed: it is a query parameter.
const (
	customerPath = "/console/customers/one"
	addPath      = "/console/customers/add"
)

// onePage is one customer, to see and to change.
type onePage struct {
	customersTop
	// New tells that the customer is being added.
	New bool
	// ID is theirs; Name is how they are called.
	ID, Name string
	// Self is this screen's own address; AuditHref leads to who saw and changed them.
	Self, AuditHref string
	Form            customerForm
	// Now is how somebody else left the customer meanwhile, where that differs from
	// what was typed.
	Now []difference
	// Reason is why the customer cannot be kept, in the English of the rules.
	Reason string
	// People are those whose customer this can be, to choose from.
	People []string
	// Strangers are workers of this customer who cannot sign in, in words.
	Strangers []template.HTML
}

// difference is a field in which two versions of a customer differ.
type difference struct {
	Label string
	Lines []string
}

// customerID is the id that a request names, or "" when it cannot be anybody's.
func customerID(id string) string {
	if len(id) > customer.MaxIDBytes || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return ""
	}
	return id
}

func (c *console) showCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := customerID(r.URL.Query().Get("id"))
	if id == "" {
		return customer.ErrNotFound
	}
	kept, err := c.Reader.Get(r.Context(), id)
	if err != nil {
		return err
	}
	page := onePage{Form: formOf(kept)}
	switch r.URL.Query().Get("done") {
	case "saved":
		page.Done = v.Locale.Text("console.customer.saved")
	case "added":
		page.Done = v.Locale.Text("console.customer.added")
	case "merged":
		page.Done = v.Locale.Text("console.duplicates.merged")
	}
	return c.customerScreen(w, r, v, http.StatusOK, kept, page)
}

func (c *console) showAdd(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := onePage{New: true, Form: customerForm{fresh: true}}
	if worker := r.URL.Query().Get("worker"); worker != "" {
		page.Form.Workers = []string{worker}
	}
	return c.customerScreen(w, r, v, http.StatusOK, customer.Customer{}, page)
}

// customerScreen answers with the form; kept is the customer as it is, the zero
// value for a new one.
func (c *console) customerScreen(w http.ResponseWriter, r *http.Request, v *visit, status int, kept customer.Customer, page onePage) error {
	known, people, err := c.standings(r.Context())
	if err != nil {
		return err
	}
	page.People = suggestions(people)
	title := v.Locale.Text("console.customer.add")
	if !page.New {
		page.ID, page.Name = kept.ID, nameOf(kept, v)
		page.Self = customerOneHref(kept.ID)
		page.AuditHref = "/console/audit?subject=" + escapeQuery(kept.ID)
		title = page.Name
		page.Strangers = strangers(kept.Workers, known, v)
	}
	top := c.top(r, v, title)
	top.Done, top.Problem = page.Done, page.Problem
	page.customersTop = top
	page.Form.roomForMore()
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "customer", page)
}

// strangers says of whom among workers nobody can sign in.
func strangers(workers []string, known map[string]standing, v *visit) (out []template.HTML) {
	for _, identity := range workers {
		switch standingOf(known, identity) {
		case isDeactivated:
			out = append(out, v.Locale.HTML("console.customer.deactivated", "worker", line(identity, maxCell)))
		case isNobody:
			out = append(out, v.Locale.HTML("console.customer.stranger", "worker", line(identity, maxCell)))
		}
	}
	return out
}

// saveCustomer keeps what was typed, or shows the form again with what is wrong.
func (c *console) saveCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	return c.keepCustomer(w, r, v, false)
}

func (c *console) addCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	return c.keepCustomer(w, r, v, true)
}

func (c *console) keepCustomer(w http.ResponseWriter, r *http.Request, v *visit, fresh bool) error {
	form, err := readCustomerForm(w, r, fresh)
	if err != nil {
		return err
	}
	if customerID(form.ID) == "" && !fresh {
		return customer.ErrNotFound
	}
	page := onePage{New: fresh, Form: form}
	kept := customer.Customer{}
	if !fresh {
		kept, err = c.Reader.Get(r.Context(), form.ID)
		switch {
		case errors.Is(err, customer.ErrNotFound) && form.Was != "":
			// Somebody deleted them meanwhile; what was typed is not lost for it.
			page.Form.Was, kept = "", form.customer()
			page.Problem = v.Locale.Text("console.customer.gone")
			return c.customerScreen(w, r, v, http.StatusConflict, kept, page)
		case err != nil && !errors.Is(err, customer.ErrNotFound):
			return err
		case err != nil:
			kept = form.customer()
		}
	}
	known, _, err := c.standings(r.Context())
	if err != nil {
		return err
	}
	if page.Form.check(kept, known, v); page.Form.bad() {
		return c.customerScreen(w, r, v, http.StatusUnprocessableEntity, kept, page)
	}
	next := page.Form.customer()
	if fresh {
		next.ID, err = c.Admin.Add(c.acting(r), v.Person.Identity, next)
	} else {
		err = c.Admin.Save(c.acting(r), v.Person.Identity, next, form.Was)
	}
	var wrong *admin.FieldError
	var invalid *customer.InvalidError
	switch {
	case fresh && errors.As(err, &wrong) && wrong.Field == "id":
		page.Form.wrong("id", v.Locale.Text("console.customer.taken"))
		return c.customerScreen(w, r, v, http.StatusConflict, kept, page)
	case errors.As(err, &invalid):
		page.Reason = invalid.Reason
		return c.customerScreen(w, r, v, http.StatusUnprocessableEntity, kept, page)
	case errors.Is(err, admin.ErrConflict), errors.Is(err, customer.ErrNotFound):
		return c.customerConflict(w, r, v, next, page)
	case err != nil:
		return err
	case fresh:
		http.Redirect(w, r, customerOneHref(next.ID)+"&done=added", http.StatusSeeOther)
	default:
		http.Redirect(w, r, customerOneHref(next.ID)+"&done=saved", http.StatusSeeOther)
	}
	return nil
}

// customerConflict shows what was typed beside what somebody else made of the
// customer meanwhile; saving again replaces that knowingly.
func (c *console) customerConflict(w http.ResponseWriter, r *http.Request, v *visit, typed customer.Customer, page onePage) error {
	now, err := c.Reader.Get(r.Context(), typed.ID)
	switch {
	case errors.Is(err, customer.ErrNotFound):
		page.Form.Was, now = "", typed
		page.Problem = v.Locale.Text("console.customer.gone")
		return c.customerScreen(w, r, v, http.StatusConflict, now, page)
	case err != nil:
		return err
	default:
		page.Form.Was = admin.Revision(now)
		page.Now = differences(typed, now, v)
		page.Problem = v.Locale.Text("console.customer.conflict")
	}
	return c.customerScreen(w, r, v, http.StatusConflict, now, page)
}
