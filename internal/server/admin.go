package server

import (
	"context"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/admin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/records"
)

// newAdmin returns the administrators' use cases for the built-in service.
func (s *Server) newAdmin() *admin.Service {
	customers := s.config.DB.Customers()
	var jobs admin.JobStore
	if s.config.DB.IsServer() {
		jobs = sharedJobs{s.config.DB.Jobs()}
	}
	return admin.New(admin.Options{
		Jobs: jobs, Process: s.processes.id, Alive: s.processes.isAlive,
		Store: customers, Reader: customers, Bulk: s.openBulk, Dir: s.config.UploadsDir,
		HasAccount: s.hasAccount, Audit: s.audit, Logger: s.config.Logger,
	})
}

// hasAccount implements admin.Options.HasAccount.
func (s *Server) hasAccount(ctx context.Context, identities ...string) (func(identity string) bool, error) {
	if len(identities) > 0 {
		return s.accounts.HaveAccounts(ctx, identities)
	}
	people, err := s.accounts.People(ctx)
	if err != nil {
		return nil, err
	}
	return account.Contains(people), nil
}

// openBulk opens the customers for one import, apart from those that serve workers.
func (s *Server) openBulk(ctx context.Context) (customer.Store, func(context.Context) error, func() error, error) {
	if err := s.config.DB.Condition(); err != nil { // another file may have the name
		return nil, nil, nil, err
	}
	db, err := s.config.DB.OpenAgain(ctx, store.Options{Bulk: true, Readers: 1, Scale: s.config.Memory.Scale})
	if err != nil {
		return nil, nil, nil, err
	}
	return db.Customers(), db.Customers().Compact, db.Close, nil
}

// sharedJobs is the admin.JobStore of all processes.
type sharedJobs struct{ records.Jobs }

// AllJobs implements admin.JobStore.
func (j sharedJobs) AllJobs(ctx context.Context) (all []admin.Job, err error) {
	stored, err := j.Jobs.AllJobs(ctx)
	for _, job := range stored {
		all = append(all, admin.Job(job))
	}
	return all, err
}

// PutJob implements admin.JobStore.
func (j sharedJobs) PutJob(ctx context.Context, job admin.Job, from string) (bool, error) {
	return j.Jobs.PutJob(ctx, records.Job(job), from)
}
