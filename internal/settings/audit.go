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

// The bounds of AuditRules. A time shorter than a minute would take one look for two.
const (
	MinKeepDays, MaxKeepDays = 30, 3650
	MinViews, MaxViews       = 5, 500
	MinWithin, MaxWithin     = time.Minute, 24 * time.Hour
)

// AuditRules are what an administrator decides about the audit.
type AuditRules struct {
	// KeepDays is for how many days entries are kept: MinKeepDays to MaxKeepDays.
	KeepDays int
	// More than Views different customers that somebody looks at Within such a time
	// is unusual: MinViews to MaxViews, and whole minutes, MinWithin to MaxWithin.
	Views  int
	Within time.Duration
}

// DefaultAuditRules hold until an administrator decides otherwise.
func DefaultAuditRules() AuditRules {
	return AuditRules{KeepDays: 365, Views: 60, Within: 15 * time.Minute}
}

// keptAuditRules is how they are written.
type keptAuditRules struct {
	KeepDays int `json:"keep_days"`
	Views    int `json:"views"`
	Minutes  int `json:"within_minutes"`
}

// AuditRules answers the rules of the audit. ErrSealed: some were decided, and the
// secret file that they were sealed with is lost. Nothing may be dropped then.
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

// SaveAuditRules keeps the rules of the audit, or answers an *InvalidError that says
// what is wrong with them.
func (s *Service) SaveAuditRules(ctx context.Context, rules AuditRules) error {
	if err := rules.check(); err != nil {
		return err
	}
	return s.revise(ctx, auditRules, func(plain []byte, kept error) ([]byte, error) {
		if kept == nil {
			// What cannot be read is written over.
			if before, err := parseAuditRules(plain); err == nil && before == rules {
				return nil, nil
			}
		}
		return json.Marshal(keptAuditRules{rules.KeepDays, rules.Views, int(rules.Within / time.Minute)})
	})
}

func parseAuditRules(plain []byte) (AuditRules, error) {
	var k keptAuditRules
	if err := json.Unmarshal(plain, &k); err != nil {
		return AuditRules{}, fmt.Errorf("read setting %s: %w", auditRules, err)
	}
	return AuditRules{k.KeepDays, k.Views, time.Duration(k.Minutes) * time.Minute}, nil
}

// check tells what cannot be kept.
func (r AuditRules) check() error {
	switch {
	case r.KeepDays < MinKeepDays || r.KeepDays > MaxKeepDays:
		return &InvalidError{fmt.Sprintf("The audit is kept for %d to %d days.", MinKeepDays, MaxKeepDays)}
	case r.Views < MinViews || r.Views > MaxViews:
		return &InvalidError{fmt.Sprintf("From %d to %d different customers can be called usual.", MinViews, MaxViews)}
	case r.Within < MinWithin || r.Within > MaxWithin || r.Within%time.Minute != 0:
		return &InvalidError{fmt.Sprintf("The time in which they are counted is from %d minute to %d minutes, in whole minutes.",
			MinWithin/time.Minute, MaxWithin/time.Minute)}
	}
	return nil
}
