package server

import (
	"testing"

	"github.com/clientele-project/clientele/internal/store"
)

// News that one process has for a worker reach the pages that wait at another.
func TestChanges_NewsReachAnotherProcess(t *testing.T) {
	here := newTestServer(t, nil)
	db, err := store.Open(t.Context(), here.file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	there := newTestServer(t, func(c *Config) { c.DB, c.Key = db, here.config.Key })
	here.start(t)
	there.start(t)
	shown, changed := there.notifier.News("ada@example.com")
	_, others := there.notifier.News("bob@example.com")
	here.changes.notify("Ada@example.com")
	<-changed
	now, _ := there.notifier.News("ada@example.com")
	select {
	case <-others:
		t.Error("news for ada are told to bob")
	default:
	}
	eventually(t, "both processes have the same version of the news", func() bool {
		own, _ := here.notifier.News("ada@example.com")
		return own == now && now > shown
	})
}
