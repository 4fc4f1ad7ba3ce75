package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// auditRules is the name of the setting.
const auditRules = "audit"

// Limits of AuditRules. Within a shorter time, one view would count as two.
const (
	MinKeepDays, MaxKeepDays = 30, 3650
	MinViews, MaxViews       = 5, 500
	MinWithin, MaxWithin     = time.Minute, 24 * time.Hour
)

// AuditRules configure the audit.
type AuditRules struct {
	// KeepDays is the number of days that entries are kept: MinKeepDays to MaxKeepDays.
	KeepDays int
	// More than Views different customers (MinViews to MaxViews) viewed by one person
	// Within whole minutes (MinWithin to MaxWithin) are unusual.
	Views  int
	Within time.Duration
}

// DefaultAuditRules returns the rules that apply until an administrator changes them.
func DefaultAuditRules() AuditRules {
	return AuditRules{KeepDays: 365, Views: 60, Within: 15 * time.Minute}
}

// storedAuditRules is the stored form.
type storedAuditRules struct {
	KeepDays int `json:"keep_days"`
	Views    int `json:"views"`
	Minutes  int `json:"within_minutes"`
}

// AuditRules returns the audit rules, or ErrWrongKey when the secret file that sealed them is
// lost: no entries may be dropped then.
func (s *Service) AuditRules(ctx context.Context) (AuditRules, error) {
	plain, _, err := s.read(ctx, auditRules)
	if errors.Is(err, ErrNotSet) {
		return DefaultAuditRules(), nil
	}
	if err != nil {
		return AuditRules{}, err
	}
	return parseAuditRules(plain)
}

// SaveAuditRules stores the audit rules, or returns an *InvalidError.
func (s *Service) SaveAuditRules(ctx context.Context, rules AuditRules) error {
	if err := rules.validate(); err != nil {
		return err
	}
	return s.update(ctx, auditRules, func(plain []byte, stored error) ([]byte, error) {
		if stored == nil {
			// Unreadable rules are overwritten.
			if before, err := parseAuditRules(plain); err == nil && before == rules {
				return nil, nil
			}
		}
		return json.Marshal(storedAuditRules{rules.KeepDays, rules.Views, int(rules.Within / time.Minute)})
	})
}

func parseAuditRules(plain []byte) (AuditRules, error) {
	var k storedAuditRules
	if err := json.Unmarshal(plain, &k); err != nil {
		return AuditRules{}, fmt.Errorf("read setting %s: %w", auditRules, err)
	}
	rules := AuditRules{k.KeepDays, k.Views, time.Duration(k.Minutes) * time.Minute}
	if err := rules.validate(); err != nil { // %v: an *InvalidError is for a person who typed it
		return AuditRules{}, fmt.Errorf("read setting %s: %v", auditRules, err)
	}
	return rules, nil
}

// validate returns an *InvalidError when r cannot be stored.
func (r AuditRules) validate() error {
	switch {
	case r.KeepDays < MinKeepDays || r.KeepDays > MaxKeepDays:
		return &InvalidError{Reason: fmt.Sprintf("Keep the audit log for %d to %d days.", MinKeepDays, MaxKeepDays)}
	case r.Views < MinViews || r.Views > MaxViews:
		return &InvalidError{Reason: fmt.Sprintf("Set the number of customers viewed from %d to %d.", MinViews, MaxViews)}
	case r.Within < MinWithin || r.Within > MaxWithin || r.Within%time.Minute != 0:
		return &InvalidError{Reason: fmt.Sprintf("Set the time from %d to %d minutes.",
			MinWithin/time.Minute, MaxWithin/time.Minute)}
	}
	return nil
}
