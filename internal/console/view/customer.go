package view

import (
	"net/http"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Shown is a stored customer whose view is recorded. What pages show of a whole customer,
// with all numbers and notes, is made from it alone, and only Show returns one: a page
// cannot show a customer unrecorded.
type Shown struct{ customer customer.Customer }

// Show records that the viewer is shown a customer.
func (s *Site) Show(r *http.Request, v *auth.Viewer, c customer.Customer) Shown {
	s.RecordView(r, v, c.ID, c.Name)
	return Shown{c}
}

// Customer returns the customer.
func (s Shown) Customer() customer.Customer { return s.customer }
