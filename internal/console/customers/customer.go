package customers

import (
	"errors"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// customerPage is the form of one customer.
type customerPage struct {
	pageBase
	// New reports whether the customer is being added.
	New      bool
	ID, Name string
	// Self is the address of this page. AuditHref is the address of who viewed and changed
	// the customer.
	Self, AuditHref string
	Form            customerForm
	// Differences are the fields that someone else changed meanwhile.
	Differences []difference
	// Reason is why the customer is invalid, in English.
	Reason string
	// People are suggested owners.
	People []string
	// CannotSignIn describes the owners who cannot sign in.
	CannotSignIn []template.HTML
}

// difference is a field in which two versions of a customer differ, with the current
// lines.
type difference struct {
	Label string
	Lines []string
}

// customerID returns id, or "" when no customer can have it.
func customerID(id string) string {
	if len(id) > customer.MaxIDBytes || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return ""
	}
	return id
}

// ShowCustomer shows one customer's form.
func (h *Handlers) ShowCustomer(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	id := customerID(r.URL.Query().Get("id"))
	if id == "" {
		return customer.ErrNotFound
	}
	stored, err := h.Reader.Get(r.Context(), id)
	if err != nil {
		return err
	}
	page := customerPage{Form: formOf(h.Show(r, v, stored))}
	switch r.URL.Query().Get("done") {
	case "saved":
		page.Done = v.Locale.Text("console.customer.saved")
	case "added":
		page.Done = v.Locale.Text("console.customer.added")
	case "merged":
		page.Done = v.Locale.Text("console.duplicates.merged")
	}
	return h.renderCustomer(w, r, v, http.StatusOK, stored, page)
}

// ShowAdd shows the form that adds a customer.
func (h *Handlers) ShowAdd(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	page := customerPage{New: true, Form: customerForm{isNew: true}}
	if worker := r.URL.Query().Get("worker"); worker != "" {
		page.Form.Workers = []string{worker}
	}
	return h.renderCustomer(w, r, v, http.StatusOK, customer.Customer{}, page)
}

// renderCustomer writes the form. stored is the customer as it is, the zero value for a
// new one.
func (h *Handlers) renderCustomer(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, stored customer.Customer, page customerPage) error {
	known, err := h.accountStatuses(r.Context(), stored.Workers...)
	if err != nil {
		return err
	}
	if page.People, err = h.activePeople(r.Context(), view.MaxSuggestions); err != nil {
		return err
	}
	title := v.Locale.Text("console.customer.add")
	if !page.New {
		page.ID, page.Name = stored.ID, displayName(stored.Name, v)
		page.Self = view.CustomerHref(stored.ID)
		page.AuditHref = view.AuditOfSubjectHref(stored.ID)
		title = page.Name
		page.CannotSignIn = cannotSignIn(stored.Workers, known, v)
	}
	page.pageBase = h.base(r, v, title, page.pageBase)
	page.Form.addEmptyLines()
	return h.Render(w, r, v, status, "customer", page)
}

// cannotSignIn describes the workers who cannot sign in.
func cannotSignIn(workers []string, known map[string]accountStatus, v *auth.Viewer) (out []template.HTML) {
	for _, identity := range workers {
		switch statusOf(known, identity) {
		case accountDeactivated:
			out = append(out, v.Locale.HTML("console.customer.deactivated", "worker", view.Line(identity, view.MaxCell)))
		case accountUnknown:
			out = append(out, v.Locale.HTML("console.customer.no_account", "worker", view.Line(identity, view.MaxCell)))
		}
	}
	return out
}

// SaveCustomer saves the form, or shows it again with errors.
func (h *Handlers) SaveCustomer(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	return h.save(w, r, v, false)
}

// Add adds a customer.
func (h *Handlers) Add(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	return h.save(w, r, v, true)
}

func (h *Handlers) save(w http.ResponseWriter, r *http.Request, v *auth.Viewer, isNew bool) error {
	form, err := readCustomerForm(w, r, isNew)
	if err != nil {
		return err
	}
	if customerID(form.ID) == "" && !isNew {
		return customer.ErrNotFound
	}
	page := customerPage{New: isNew, Form: form}
	stored := customer.Customer{}
	if !isNew {
		stored, err = h.Reader.Get(r.Context(), form.ID)
		switch {
		case errors.Is(err, customer.ErrNotFound) && form.Was != "":
			// Someone else deleted the customer: keep the posted form.
			page.Form.Was, stored = "", form.customer()
			page.Problem = v.Locale.Text("console.customer.gone")
			return h.renderCustomer(w, r, v, http.StatusConflict, stored, page)
		case err != nil && !errors.Is(err, customer.ErrNotFound):
			return err
		case err != nil:
			stored = form.customer()
		default:
			h.Show(r, v, stored) // the posted form repeats the customer
		}
	}
	known, err := h.accountStatuses(r.Context(), form.Workers...)
	if err != nil {
		return err
	}
	if page.Form.check(stored, known, v); page.Form.invalid() {
		return h.renderCustomer(w, r, v, http.StatusUnprocessableEntity, stored, page)
	}
	next := page.Form.customer()
	if isNew {
		next.ID, err = h.Admin.Add(h.auditContext(r), v.Person.Identity, next)
	} else {
		err = h.Admin.Save(h.auditContext(r), v.Person.Identity, next, form.Was)
	}
	var fieldErr *admin.FieldError
	var invalid *customer.InvalidError
	switch {
	case isNew && errors.As(err, &fieldErr) && fieldErr.Field == "id":
		page.Form.setError("id", v.Locale.Text("console.customer.taken"))
		return h.renderCustomer(w, r, v, http.StatusConflict, stored, page)
	case errors.As(err, &invalid):
		page.Reason = invalid.Reason
		return h.renderCustomer(w, r, v, http.StatusUnprocessableEntity, stored, page)
	case errors.Is(err, admin.ErrConflict), errors.Is(err, customer.ErrNotFound):
		return h.renderConflict(w, r, v, next, page)
	case err != nil:
		return err
	case isNew:
		return view.Redirect(w, r, view.CustomerHref(next.ID)+"&done=added")
	}
	return view.Redirect(w, r, view.CustomerHref(next.ID)+"&done=saved")
}

// renderConflict shows the form with what someone else changed meanwhile. Saving again
// replaces that.
func (h *Handlers) renderConflict(w http.ResponseWriter, r *http.Request, v *auth.Viewer, submitted customer.Customer, page customerPage) error {
	current, err := h.Reader.Get(r.Context(), submitted.ID)
	switch {
	case errors.Is(err, customer.ErrNotFound):
		page.Form.Was, current = "", submitted
		page.Problem = v.Locale.Text("console.customer.gone")
		return h.renderCustomer(w, r, v, http.StatusConflict, current, page)
	case err != nil:
		return err
	default:
		page.Form.Was = admin.Revision(current)
		page.Differences = differences(submitted, h.Show(r, v, current), v)
		page.Problem = v.Locale.Text("console.customer.conflict")
	}
	return h.renderCustomer(w, r, v, http.StatusConflict, current, page)
}
