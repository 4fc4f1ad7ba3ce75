package cli

import (
	"context"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/crm/mask"
)

// readMasking hides numbers from now on, or shows them, as the settings say. When
// they cannot be read, what holds stays.
func (s *services) readMasking(ctx context.Context) error {
	on, err := s.settings.Masked(ctx)
	if err != nil {
		return err
	}
	if s.masked.Swap(on) != on && s.started {
		said := "customers' numbers are shown whole from now on"
		if on {
			said = "the last digits of customers' numbers are hidden from now on"
		}
		s.journal.Info(said)
	}
	if s.maskingIs != nil {
		s.maskingIs(on) // after it holds: see web.Notifier
	}
	return nil
}

// hideNumbersOf puts a Mask around a service.
func (s *services) hideNumbersOf(svc *service, builtIn bool) *service {
	svc.mask = mask.New(svc.crm, mask.Options{
		On: s.masked.Load, BuiltIn: builtIn, Handles: s.handles, Searched: s.numberSearched, Now: s.now,
	})
	svc.crm = svc.mask
	return svc
}

// CustomerID answers the id by which the service knows a customer whom a worker knows
// by this one: a handle, while numbers are hidden.
func (s *crmSwitch) CustomerID(worker, id string) string {
	if mask := s.now().mask; mask != nil {
		return mask.CustomerID(worker, id)
	}
	return id
}

// Channel answers the channel that a handle stands for; see upstream.Mask.
func (s *crmSwitch) Channel(ctx context.Context, worker, customerID, handle string) (frontline.Channel, error) {
	u := s.take()
	defer s.leave(u)
	if u.mask == nil {
		return frontline.Channel{}, frontline.ErrNotFound
	}
	return u.mask.Channel(ctx, worker, customerID, handle)
}

// The states that open pages are told of, with "-" and how often numbers were hidden or
// shown since the program began, unless never: a page that was asked for while they were
// hidden, and answered while they were not, is none of those asked for after.
const (
	stateFull   = "full"
	stateMasked = "masked"
)

// followMasking tells open pages and the audit what masking does.
func (h *house) followMasking() {
	is, changes := "", 0
	h.services.maskingIs = func(on bool) { // never twice at once: services.reading is held
		now := stateFull
		if on {
			now = stateMasked
		}
		if now == is {
			return
		}
		if is != "" {
			changes++
		}
		is = now
		if changes > 0 {
			now += "-" + strconv.Itoa(changes)
		}
		h.pulse.Set(now)
	}
	h.services.numberSearched = func(worker string) {
		h.audit.Record(audit.Entry{Actor: worker, Via: "app", Action: audit.NumberSearched})
	}
	h.audit.ownID = h.services.crm.CustomerID
}
