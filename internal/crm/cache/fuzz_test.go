package cache_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

// plainSealer seals nothing, so that a fuzzer comes behind it.
type plainSealer struct{}

func (plainSealer) Seal(plain []byte, _ string) string    { return string(plain) }
func (plainSealer) Open(sealed, _ string) ([]byte, error) { return []byte(sealed), nil }

// copyOf returns the stored form of JSON.
func copyOf(json []byte) []byte {
	out := bytes.NewBuffer([]byte{3})
	w, _ := flate.NewWriter(out, flate.BestSpeed)
	w.Write(json)
	w.Close()
	return out.Bytes()
}

// FuzzStore_Copies stores data under every name. Whatever it is, a list has no customer
// twice and an end, and the service's own list comes when it is asked for.
func FuzzStore_Copies(f *testing.F) {
	began := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	list := `{"worker":"alice","list":{"id":"x","as_of":"2026-11-28T11:00:00Z","rows":[{"i":"a1","n":"Ann"},{"i":"a2"}],"token":"after-2"},"found":{"a9":"2026-11-28T11:00:00Z"}}`
	for _, json := range []string{list, strings.Replace(list, `"rows"`, `"complete":true,"rows"`, 1), strings.Replace(list, "2026", "2062", 1),
		strings.Replace(list, "a2", "a1", 1), strings.Replace(list, `"x"`, `""`, 1), `{"worker":"alice"}`, `{"worker":"alice","list":null,"found":null}`,
		`{"at":"2026-11-28T11:00:00Z","customer":{"customer_id":"a1","display_name":"Ann"}}`, `{"Searchable":1,"IgnoresAnchors":true}`, `null`, `[]`, ``, list[:90]} {
		f.Add([]byte(json), true, true)
		f.Add(copyOf([]byte(json))[:len(json)/3], false, true)
	}
	f.Add([]byte{2, 1, 0}, false, false)
	f.Fuzz(func(t *testing.T, data []byte, packed, down bool) {
		if packed {
			data = copyOf(data)
		}
		synctest.Test(t, func(t *testing.T) { readCopies(t, data, down, began) })
	})
}

func readCopies(t *testing.T, data []byte, down bool, now time.Time) {
	blobs := crmfake.NewBlobs()
	for _, name := range []string{"list", "best", "d:9V_xb2b0M2Ama5Xbb4_sAd", "service"} { // details of a1
		worker := "alice"
		if name == "service" {
			worker = ""
		}
		blobs.PutBlob(t.Context(), "service", worker, name, data, now.Add(time.Hour))
	}
	service := crmfake.New(crmfake.ByToken(0), 40)
	s := newStack(t, service, cache.Options{Blobs: blobs, Sealer: plainSealer{}, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	defer s.close()
	if down {
		service.Fail(crmfake.ErrTimeout)
	}
	if _, err := s.walk(alice); err != nil && !(down && errors.Is(err, crmfake.ErrTimeout)) {
		t.Errorf("walk: %v", err)
	}
	s.details("alice", "a1", time.Time{})
	service.Fail(nil)
	now = now.Add(time.Minute)
	resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NewerThan: now})
	if err != nil || len(resp.Customers) != 30 || resp.Customers[0].ID != "a1" || resp.Meta != (frontline.Meta{}) {
		t.Errorf("CustomersList of the service = %d customers, %+v, %v, want its list", len(resp.Customers), resp.Meta, err)
	}
}
