package server

import (
	"context"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/crm/mask"
)

// readMasking hides or shows numbers as the settings say. If they cannot be read,
// nothing changes.
func (s *liveSettings) readMasking(ctx context.Context) error {
	on, version, err := s.settings.Masking(ctx)
	if err != nil {
		return err
	}
	if s.masked.Swap(on) != on && s.started {
		if on {
			s.logger.Info("masking is on: the last digits of customers' numbers are hidden")
		} else {
			s.logger.Info("masking is off: customers' numbers are shown in full")
		}
	}
	if s.onMaskingRead != nil {
		s.onMaskingRead(on, version) // after the change: see web.Notifier
	}
	return nil
}

// withMasking puts masking around a service.
func (s *liveSettings) withMasking(svc *service, builtIn bool) *service {
	svc.mask = mask.New(svc.crm, mask.Options{
		On: s.masked.Load, BuiltIn: builtIn, Sealer: s.handles, Histories: s.histories, OnNumberSearch: s.onNumberSearch, Now: s.now,
	})
	svc.crm = svc.mask
	return svc
}

// The states that open pages are told of. After the first change, "-" and the version of the
// setting follow: a page requested while numbers were hidden and rendered while they were not
// then belongs to neither state.
const (
	stateFull   = "full"
	stateMasked = "masked"
)

// followMasking tells open pages and the audit about masking.
func (s *Server) followMasking() {
	s.live.onMaskingRead = func(on bool, version string) {
		state := stateFull
		if on {
			state = stateMasked
		}
		if version != "" {
			state += "-" + version
		}
		s.notifier.Set(state)
	}
	s.live.onNumberSearch = func(worker string) {
		s.audit.Record(audit.Entry{Actor: worker, Via: "app", Action: audit.NumberSearched})
	}
	s.audit.ownID = s.live.crm.CustomerID
}
