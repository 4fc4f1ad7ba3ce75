package cli

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// auditor is the audit as the faces write it: what they know of customers and of
// people who are not signed in is put right on its way.
type auditor struct {
	*audit.Log
	// ownID answers the integration service's id of a customer whom worker knows by
	// id, which may be a handle while numbers are masked.
	ownID func(worker, id string) string
	// known tells whether somebody has this identity.
	known func(ctx context.Context, identity string) bool
}

// newAuditor opens the audit of the house.
func (h *house) newAuditor() auditor {
	return auditor{
		Log:   audit.Open(h.db.Audit(), audit.Options{Logger: h.journal.Logger, Rules: h.rules.rules}),
		ownID: func(worker, id string) string { return id },
		known: func(ctx context.Context, identity string) bool {
			_, err := h.people.Person(ctx, identity)
			return err == nil
		},
	}
}

// Viewed notes a view under the id by which the customer is found again.
func (a auditor) Viewed(actor, customerID, name, address string) {
	a.Log.Viewed(actor, a.ownID(actor, customerID), name, address)
}

// Record notes e. What was typed as an identity and is nobody's, nor looks like an
// e-mail address, is not kept: it may well be a password in the wrong place.
func (a auditor) Record(e audit.Entry) { a.Log.Record(a.fit(context.Background(), e)) }

// Write writes e; see Record.
func (a auditor) Write(ctx context.Context, e audit.Entry) error {
	return a.Log.Write(ctx, a.fit(ctx, e))
}

// lookWithin is how long an attempt to sign in waits to be known.
const lookWithin = time.Second

func (a auditor) fit(ctx context.Context, e audit.Entry) audit.Entry {
	switch e.Action {
	case audit.Denied:
		if e.Subject != "" {
			e.Subject = a.ownID(e.Actor, e.Subject)
		}
	case audit.SignInFailed:
		if e.Subject == "" || looksLikeAddress(e.Subject) {
			break
		}
		ctx, cancel := context.WithTimeout(ctx, lookWithin)
		defer cancel()
		if !a.known(ctx, e.Subject) {
			e.Subject, e.Name = "", ""
		}
	}
	return e
}

// looksLikeAddress tells that s has the form of an e-mail address.
func looksLikeAddress(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	last := domain[strings.LastIndexByte(domain, '.')+1:] // a country, or the like
	noLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	return ok && name != "" && len(last) > 1 && len(last) < len(domain)-1 && !strings.ContainsFunc(last, noLetter) &&
		!strings.ContainsFunc(s, unicode.IsSpace)
}

// auditRules are the rules of the audit, as the settings say they are.
type auditRules struct {
	settings *settings.Service
	now      atomic.Pointer[audit.Rules]
}

// rules answers what was read last. Until something was, nothing is dropped.
func (r *auditRules) rules() audit.Rules {
	if now := r.now.Load(); now != nil {
		return *now
	}
	usual := audit.DefaultRules()
	usual.KeepDays = 0
	return usual
}

// read makes what the settings say count. When they cannot be read, nothing is
// dropped until they can.
func (r *auditRules) read(ctx context.Context) error {
	kept, err := r.settings.AuditRules(ctx)
	if err != nil {
		r.now.Store(nil)
		return err
	}
	rules := audit.Rules(kept)
	r.now.Store(&rules)
	return nil
}

// follow reads the settings at once, and again and again until ctx ends.
func (r *auditRules) follow(ctx context.Context) {
	tick := time.NewTicker(settingsRefresh)
	defer tick.Stop()
	for {
		_ = r.read(ctx) // services.follow says what is wrong with them
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
