package external_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/oracle"
	"github.com/clientele-project/clientele/internal/secret"
)

// serviceFailures are failures that must keep the last good list and details.
func serviceFailures() map[string]error {
	failures := map[string]error{
		"invalid response": external.ErrBadAnswer,
		"timeout":          external.ErrTimeout,
		"unreachable":      &frontline.CallbackError{Code: frontline.CodeCallbackFailed},
	}
	for name, status := range map[string]int{"401": 401, "403": 403, "410": 410, "500": 500, "502": 502, "503": 503} {
		failures[name] = &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status}
	}
	return failures
}

func TestService_KeepsLastGoodListOnFailure(t *testing.T) {
	for name, failure := range serviceFailures() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(external.ByToken(0), 100)
				s := newUnlimited(f)
				defer closeService(t, s)
				want, err := walkIDs(t, s, alice)
				if err != nil {
					t.Fatal(err)
				}
				asOf := time.Now()
				time.Sleep(time.Hour)
				f.Fail(failure)
				for range 10 { // the breaker may open
					resp := mustOpen(t, s, alice)
					if resp.Meta.AsOf.IsZero() || resp.Meta.AsOf.After(asOf) {
						t.Fatalf("CustomersList: Meta = %+v, want AsOf of the last good list", resp.Meta)
					}
					time.Sleep(3 * time.Second)
				}
				stale := mustOpen(t, s, frontline.ListRequest{Worker: "alice", NewerThan: asOf})
				if !errors.Is(stale.Meta.Stale, failure) {
					t.Errorf("CustomersList with NewerThan: Meta.Stale = %v, want %v", stale.Meta.Stale, failure)
				}
				if got, err := walkIDs(t, s, alice); err != nil || !slices.Equal(got, want) {
					t.Errorf("walk of the last good list = %d customers, %v, want %d", len(got), err, len(want))
				}
				f.Fail(nil)
				f.Set("alice", external.People("new", 10))
				time.Sleep(time.Minute)
				fresh := mustOpen(t, s, frontline.ListRequest{Worker: "alice", NewerThan: asOf})
				if len(fresh.Customers) != 10 || fresh.Meta.Stale != nil {
					t.Errorf("CustomersList after the failure = %d customers, %+v, want the 10 of the fresh list", len(fresh.Customers), fresh.Meta)
				}
			})
		})
	}
}

func TestService_KeepsLastGoodDetailsOnFailure(t *testing.T) {
	for name, failure := range serviceFailures() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(external.ByToken(0), 10)
				s := newUnlimited(f)
				defer closeService(t, s)
				mustOpen(t, s, alice)
				if _, err := openDetails(t.Context(), s, "alice", "a1"); err != nil {
					t.Fatal(err)
				}
				asOf := time.Now()
				time.Sleep(time.Minute)
				f.Fail(failure)
				for range 3 {
					resp, err := openDetails(t.Context(), s, "alice", "a1")
					if err != nil || resp.Customer.ID != "a1" || !resp.Meta.AsOf.Equal(asOf) {
						t.Errorf("CustomerDetails = %+v, %v, want the last good details", resp, err)
					}
				}
				if _, err := openDetails(t.Context(), s, "alice", "a2"); !errors.Is(err, failure) {
					t.Errorf("CustomerDetails of a customer not viewed before: %v, want %v", err, failure)
				}
			})
		})
	}
}

func TestService_FailureWithoutCacheIsAnError(t *testing.T) {
	failures := serviceFailures()
	failures["404"] = external.ErrStatus404
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(external.ByToken(0), 40)
				f.Fail(failure)
				s := newUnlimited(f)
				defer closeService(t, s)
				if _, _, err := openList(t.Context(), s, alice); !errors.Is(err, failure) {
					t.Errorf("CustomersList: %v, want %v", err, failure)
				}
			})
		})
	}
}

func TestService_TokensAndCacheSurviveRestart(t *testing.T) {
	for name, page := range map[string]external.PageFunc{"by token": external.ByToken(0), "by anchor": external.ByAnchor(0)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := external.Options{Blobs: external.NewMemoryBlobs(), Sealer: secret.NewKey().Sealer("test"), Limits: noLimits}
				f := external.NewFake(page, 100)
				s := newService(f, o)
				first := mustOpen(t, s, alice)
				if _, err := openDetails(t.Context(), s, "alice", "a1"); err != nil {
					t.Fatal(err)
				}
				closeService(t, s)

				s = newService(f, o)
				rest, err := walkIDs(t, s, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if got := append(external.IDs(first.Customers), rest...); err != nil || !slices.Equal(got, external.IDs(external.People("a", 100))) {
					t.Errorf("walk continued after a restart to %d customers, %v, want 100", len(got), err)
				}
				closeService(t, s)

				f.Fail(external.ErrTimeout)
				s = newService(f, o)
				if got, err := walkIDs(t, s, alice); err != nil || len(got) != 100 {
					t.Errorf("walk with the service down after a restart = %d customers, %v, want 100", len(got), err)
				}
				if resp, err := openDetails(t.Context(), s, "alice", "a1"); err != nil || resp.Customer.ID != "a1" {
					t.Errorf("CustomerDetails with the service down after a restart = %+v, %v, want a1", resp, err)
				}
				closeService(t, s)

				o.Sealer = secret.NewKey().Sealer("test")
				s = newService(f, o)
				if _, _, err := openList(t.Context(), s, alice); !errors.Is(err, external.ErrTimeout) {
					t.Errorf("CustomersList with another key: %v, want %v", err, external.ErrTimeout)
				}
				closeService(t, s)
			})
		})
	}
}

// A refresh that fails in the middle must not end a list that an older copy completes.
func TestService_KeepsCopyThatReachesFurthest(t *testing.T) {
	for name, page := range map[string]external.PageFunc{"by token": external.ByToken(0), "by anchor": external.ByAnchor(0)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(page, 100)
				s := newUnlimited(f)
				defer closeService(t, s)
				want, err := walkIDs(t, s, alice)
				if err != nil {
					t.Fatal(err)
				}
				asOf := time.Now()
				time.Sleep(time.Hour)
				first := mustOpen(t, s, frontline.ListRequest{Worker: "alice", NewerThan: asOf})
				if first.Meta.Stale != nil || !first.Meta.AsOf.IsZero() && !first.Meta.AsOf.After(asOf) {
					t.Fatalf("first page: Meta = %+v, want a fresh one", first.Meta)
				}
				f.Fail(external.ErrStatus500)
				rest, err := walkIDs(t, s, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if got := append(external.IDs(first.Customers), rest...); err != nil || !slices.Equal(got, want) {
					t.Errorf("walk continued to %d customers, %v, want the %d of the older copy", len(got), err, len(want))
				}
			})
		})
	}
}

func TestService_CacheBelongsToOneCallbackURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := external.Options{Blobs: external.NewMemoryBlobs(), Sealer: secret.NewKey().Sealer("test"), Limits: noLimits}
		f := external.NewFake(external.ByToken(0), 100)
		s := newService(f, o)
		first := mustOpen(t, s, alice)
		closeService(t, s)
		f.Fail(external.ErrTimeout)
		o.Service = "another service"
		s = newService(f, o)
		defer closeService(t, s)
		if resp, _, err := openList(t.Context(), s, alice); !errors.Is(err, external.ErrTimeout) {
			t.Errorf("CustomersList of another service = %d customers, %v, want %v", len(resp.Customers), err, external.ErrTimeout)
		}
		invalid := (*frontline.InvalidRequestError)(nil)
		if resp, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken}); !errors.As(err, &invalid) {
			t.Errorf("CustomersList of another service by token = %d customers, %v, want an InvalidRequestError", len(resp.Customers), err)
		}
	})
}

func TestService_CacheIsBoundedAndExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 256 << 10
		o := external.Options{Blobs: external.NewMemoryBlobs(), Sealer: secret.NewKey().Sealer("test"), Limits: noLimits, Bytes: bound}
		f := external.NewFake(external.ByToken(0), 0)
		s := newService(f, o)
		for i := range 50 {
			worker := fmt.Sprint("worker", i)
			f.Set(worker, external.People(fmt.Sprint("w", i, "-"), 200))
			if got, err := walkIDs(t, s, frontline.ListRequest{Worker: worker}); err != nil || len(got) != 200 {
				t.Errorf("walk of %s = %d customers, %v, want 200", worker, len(got), err)
			}
			time.Sleep(time.Minute) // lists are stored before they leave memory
			if held := s.Stats().HeldBytes; held > bound {
				t.Errorf("Stats().HeldBytes = %d, want at most %d", held, bound)
			}
		}
		f.Fail(external.ErrTimeout)
		for i := range 50 {
			if got, err := walkIDs(t, s, frontline.ListRequest{Worker: fmt.Sprint("worker", i)}); err != nil || len(got) != 200 {
				t.Errorf("walk of worker%d with the service down = %d customers, %v, want 200 from the BlobStore", i, len(got), err)
			}
		}
		closeService(t, s)
		time.Sleep(60 * 24 * time.Hour)
		s = newService(f, o)
		if _, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: "worker1"}); !errors.Is(err, external.ErrTimeout) {
			t.Errorf("CustomersList after 60 days: %v, want %v", err, external.ErrTimeout)
		}
		closeService(t, s)
	})
}

// A removed worker's calls in flight must not bring anything back.
func TestService_ForgetAndRetainBeatCallsInFlight(t *testing.T) {
	for name, remove := range map[string]func(*testing.T, *external.Service, external.BlobStore){
		"Forget": func(t *testing.T, s *external.Service, _ external.BlobStore) {
			if err := s.Forget(t.Context(), "alice"); err != nil {
				t.Errorf("Forget: %v", err)
			}
		},
		"Retain": func(t *testing.T, s *external.Service, blobs external.BlobStore) {
			if err := blobs.DeleteOtherServices(t.Context(), "none"); err != nil {
				t.Fatal(err)
			}
			s.Retain(t.Context(), func(worker string) bool { return worker != "alice" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				blobs, sealer := external.NewMemoryBlobs(), secret.NewKey().Sealer("test")
				f := external.NewFake(external.ByToken(0), 100)
				s := newService(f, external.Options{Blobs: blobs, Sealer: sealer, Limits: noLimits})
				first := mustOpen(t, s, alice)
				openDetails(t.Context(), s, "alice", "a1")
				time.Sleep(time.Hour)
				f.SetDelay(2 * time.Second)
				if name == "Forget" {
					go openDetails(t.Context(), s, "alice", "a2")
				}
				go openOnce(t.Context(), s, "alice") // refreshes
				go s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				time.Sleep(500 * time.Millisecond)
				remove(t, s, blobs)
				f.Fail(external.ErrTimeout)
				time.Sleep(time.Minute)
				if n := s.Stats().Workers; n != 0 {
					t.Errorf("Stats().Workers = %d, want 0", n)
				}
				if resp, _, err := openList(t.Context(), s, alice); err == nil {
					t.Errorf("CustomersList = %d customers, want an error", len(resp.Customers))
				}
				if resp, err := openDetails(t.Context(), s, "alice", "a2"); err == nil {
					t.Errorf("CustomerDetails = %+v, want an error", resp)
				}
				closeService(t, s)
				for key := range blobs.All() {
					if key[1] == "alice" {
						t.Errorf("blob %q of the removed worker is stored", key[2])
					}
				}
			})
		})
	}
}
