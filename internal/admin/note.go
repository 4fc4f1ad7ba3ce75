package admin

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/clientele-project/clientele/internal/audit"
)

type addressKey struct{}

// WithAddress answers a context that says from which IP address somebody asks, for the audit.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// note keeps what was done, also when whoever asked no longer waits. When it cannot,
// the error is ErrAuditFailed: what was done stays done.
func (o *Service) note(ctx context.Context, e audit.Entry) error {
	e.Via = "console"
	e.Address, _ = ctx.Value(addressKey{}).(string)
	if err := o.Audit.Write(context.WithoutCancel(ctx), e); err != nil {
		o.Logger.LogAttrs(ctx, slog.LevelError, "what an administrator did could not be written to the audit", slog.Any("error", err))
		return fmt.Errorf("%w: %w", ErrAuditFailed, err)
	}
	return nil
}
