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
	CustomerPath    = "/console/customers/one"
	AddCustomerPath = "/console/customers/add"
)

// customerPage2 is one customer, to see and to change.
type customerPage2 struct {
	pageBase
	// New tells that the customer is being added.
	New bool
	// ID is theirs; Name is how they are called.
	ID, Name string
	// Self is this screen's own address; AuditHref leads to who saw and changed them.
	Self, AuditHref string
	Form            customerForm
	// Differences is how somebody else left the customer meanwhile, where that differs from
	// what was typed.
	Differences []difference
	// Reason is why the customer cannot be kept, in the English of the rules.
	Reason string
	// People are those whose customer this can be, to choose from.
	People []string
	// CannotSignIn are workers of this customer who cannot sign in, in words.
	CannotSignIn []template.HTML
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

func (c *console) ShowCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := customerID(r.URL.Query().Get("id"))
	if id == "" {
		return customer.ErrNotFound
	}
	stored, err := c.Reader.Get(r.Context(), id)
	if err != nil {
		return err
	}
	page := customerPage2{Form: formOf(stored)}
	switch r.URL.Query().Get("done") {
	case "saved":
		page.Done = v.Locale.Text("console.customer.saved")
	case "added":
		page.Done = v.Locale.Text("console.customer.added")
	case "merged":
		page.Done = v.Locale.Text("console.duplicates.merged")
	}
	return c.renderCustomer(w, r, v, http.StatusOK, stored, page)
}

func (c *console) ShowAddCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := customerPage2{New: true, Form: customerForm{isNew: true}}
	if worker := r.URL.Query().Get("worker"); worker != "" {
		page.Form.Workers = []string{worker}
	}
	return c.renderCustomer(w, r, v, http.StatusOK, customer.Customer{}, page)
}

// renderCustomer answers with the form; kept is the customer as it is, the zero
// value for a new one.
func (c *console) renderCustomer(w http.ResponseWriter, r *http.Request, v *visit, status int, stored customer.Customer, page customerPage2) error {
	known, people, err := c.accountStatuses(r.Context())
	if err != nil {
		return err
	}
	page.People = suggestions(people)
	title := v.Locale.Text("console.customer.add")
	if !page.New {
		page.ID, page.Name = stored.ID, displayName(stored, v)
		page.Self = CustomerHref(stored.ID)
		page.AuditHref = "/console/audit?subject=" + escapeQuery(stored.ID)
		title = page.Name
		page.CannotSignIn = cannotSignIn(stored.Workers, known, v)
	}
	top := c.base(r, v, title)
	top.Done, top.Problem = page.Done, page.Problem
	page.pageBase = top
	page.Form.addEmptyLines()
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "customer", page)
}

// cannotSignIn says of whom among workers nobody can sign in.
func cannotSignIn(workers []string, known map[string]accountStatus, v *visit) (out []template.HTML) {
	for _, identity := range workers {
		switch statusOf(known, identity) {
		case accountDeactivated:
			out = append(out, v.Locale.HTML("console.customer.deactivated", "worker", Line(identity, MaxCell)))
		case accountUnknown:
			out = append(out, v.Locale.HTML("console.customer.stranger", "worker", Line(identity, MaxCell)))
		}
	}
	return out
}

// SaveCustomer keeps what was typed, or shows the form again with what is wrong.
func (c *console) SaveCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	return c.storeCustomer(w, r, v, false)
}

func (c *console) AddCustomer(w http.ResponseWriter, r *http.Request, v *visit) error {
	return c.storeCustomer(w, r, v, true)
}

func (c *console) storeCustomer(w http.ResponseWriter, r *http.Request, v *visit, fresh bool) error {
	form, err := readCustomerForm(w, r, fresh)
	if err != nil {
		return err
	}
	if customerID(form.ID) == "" && !fresh {
		return customer.ErrNotFound
	}
	page := customerPage2{New: fresh, Form: form}
	stored := customer.Customer{}
	if !fresh {
		stored, err = c.Reader.Get(r.Context(), form.ID)
		switch {
		case errors.Is(err, customer.ErrNotFound) && form.Was != "":
			// Somebody deleted them meanwhile; what was typed is not lost for it.
			page.Form.Was, stored = "", form.customer()
			page.Problem = v.Locale.Text("console.customer.gone")
			return c.renderCustomer(w, r, v, http.StatusConflict, stored, page)
		case err != nil && !errors.Is(err, customer.ErrNotFound):
			return err
		case err != nil:
			stored = form.customer()
		}
	}
	known, _, err := c.accountStatuses(r.Context())
	if err != nil {
		return err
	}
	if page.Form.check(stored, known, v); page.Form.invalid() {
		return c.renderCustomer(w, r, v, http.StatusUnprocessableEntity, stored, page)
	}
	next := page.Form.customer()
	if fresh {
		next.ID, err = c.Admin.Add(c.actingContext(r), v.Person.Identity, next)
	} else {
		err = c.Admin.Save(c.actingContext(r), v.Person.Identity, next, form.Was)
	}
	var wrong *admin.FieldError
	var invalid *customer.InvalidError
	switch {
	case fresh && errors.As(err, &wrong) && wrong.Field == "id":
		page.Form.setError("id", v.Locale.Text("console.customer.taken"))
		return c.renderCustomer(w, r, v, http.StatusConflict, stored, page)
	case errors.As(err, &invalid):
		page.Reason = invalid.Reason
		return c.renderCustomer(w, r, v, http.StatusUnprocessableEntity, stored, page)
	case errors.Is(err, admin.ErrConflict), errors.Is(err, customer.ErrNotFound):
		return c.renderConflict2(w, r, v, next, page)
	case err != nil:
		return err
	case fresh:
		http.Redirect(w, r, CustomerHref(next.ID)+"&done=added", http.StatusSeeOther)
	default:
		http.Redirect(w, r, CustomerHref(next.ID)+"&done=saved", http.StatusSeeOther)
	}
	return nil
}

// renderConflict2 shows what was typed beside what somebody else made of the
// customer meanwhile; saving again replaces that knowingly.
func (c *console) renderConflict2(w http.ResponseWriter, r *http.Request, v *visit, typed customer.Customer, page customerPage2) error {
	now, err := c.Reader.Get(r.Context(), typed.ID)
	switch {
	case errors.Is(err, customer.ErrNotFound):
		page.Form.Was, now = "", typed
		page.Problem = v.Locale.Text("console.customer.gone")
		return c.renderCustomer(w, r, v, http.StatusConflict, now, page)
	case err != nil:
		return err
	default:
		page.Form.Was = admin.Revision(now)
		page.Differences = differences(typed, now, v)
		page.Problem = v.Locale.Text("console.customer.conflict")
	}
	return c.renderCustomer(w, r, v, http.StatusConflict, now, page)
}
