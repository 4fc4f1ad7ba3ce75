package server

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
)

// auditor wraps audit.Log: before writing, it replaces handles of customers by their ids,
// and drops what may be a password typed as an identity.
type auditor struct {
	*audit.Log
	// ownID returns the integration service's id of a customer whom worker knows by
	// id, which may be a handle while numbers are masked.
	ownID func(worker, id string) string
	// known reports whether a person has this identity.
	known func(ctx context.Context, identity string) bool
}

// newAuditor opens the audit.
func (s *Server) newAuditor() auditor {
	return auditor{
		Log:   audit.Open(s.config.DB.Audit(), audit.Options{Logger: s.config.Logger, Rules: s.auditRules.rules}),
		ownID: func(worker, id string) string { return id },
		known: func(ctx context.Context, identity string) bool {
			_, err := s.accounts.Person(ctx, identity)
			return err == nil
		},
	}
}

// Viewed records a view under the id by which the customer is found again.
func (a auditor) Viewed(actor, customerID, name, address string) {
	a.Log.Viewed(actor, a.ownID(actor, customerID), name, address)
}

// Record records e. The subject of a failed sign-in is dropped unless it is someone's
// identity or looks like an email address: it may be a password in the wrong field.
func (a auditor) Record(e audit.Entry) { a.Log.Record(a.adjust(context.Background(), e)) }

// Act performs act and records its entries; see Record.
func (a auditor) Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error {
	return a.Log.Act(ctx, func(ctx context.Context) ([]audit.Entry, error) {
		entries, err := act(ctx)
		for i, e := range entries {
			entries[i] = a.adjust(ctx, e)
		}
		return entries, err
	})
}

// Write writes e; see Record.
func (a auditor) Write(ctx context.Context, e audit.Entry) error {
	return a.Log.Write(ctx, a.adjust(ctx, e))
}

// knownTimeout bounds the check whether an identity is known.
const knownTimeout = time.Second

func (a auditor) adjust(ctx context.Context, e audit.Entry) audit.Entry {
	switch e.Action {
	case audit.Denied:
		if e.Subject != "" {
			e.Subject = a.ownID(e.Actor, e.Subject)
		}
	case audit.SignInFailed:
		if e.Subject == "" || looksLikeEmail(e.Subject) {
			break
		}
		ctx, cancel := context.WithTimeout(ctx, knownTimeout)
		defer cancel()
		if !a.known(ctx, e.Subject) {
			e.Subject, e.Name = "", ""
		}
	}
	return e
}

// looksLikeEmail reports whether s has the form of an email address.
func looksLikeEmail(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	last := domain[strings.LastIndexByte(domain, '.')+1:] // the top-level domain
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	return ok && name != "" && len(last) > 1 && len(last) < len(domain)-1 && !strings.ContainsFunc(last, notLetter) &&
		!strings.ContainsFunc(s, unicode.IsSpace)
}

// auditRules are the audit settings as last read.
type auditRules struct {
	settings *settings.Service
	current  atomic.Pointer[audit.Rules]
}

// rules returns what was read last. Until something was, nothing is deleted.
func (r *auditRules) rules() audit.Rules {
	if current := r.current.Load(); current != nil {
		return *current
	}
	rules := audit.Rules(settings.DefaultAuditRules())
	rules.KeepDays = 0
	return rules
}

// read applies the settings. While they cannot be read, nothing is deleted.
func (r *auditRules) read(ctx context.Context) error {
	stored, err := r.settings.AuditRules(ctx)
	if err != nil {
		r.current.Store(nil)
		return err
	}
	rules := audit.Rules(stored)
	r.current.Store(&rules)
	return nil
}
