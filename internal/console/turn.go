package console

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
)

// secondPage is what came when a test turned the page: paging is what services get
// wrong most, and one page does not show it.
type secondPage struct {
	err  error
	rows int // customers that came
	more int // those of them that were not on the first page
	took time.Duration
}

// fetchSecondPage asks for the second page, as the app would: by the token, or by the last
// customer's id where a full page came without one.
func (t *serviceTest) fetchSecondPage(ctx context.Context) {
	if len(t.customers) == 0 || t.next == "" && len(t.customers) < frontline.DefaultPageSize {
		return // there is no second page
	}
	req := t.listRequest()
	if req.NextPageToken = t.next; t.next == "" {
		req.Anchor = t.customers[len(t.customers)-1].ID
	}
	client, err := t.client(t.base)
	if err != nil {
		return // not after the first page
	}
	began := t.now()
	resp, err := client.CustomersList(ctx, req)
	if ctx.Err() != nil {
		return
	}
	t.second = &secondPage{err: err, rows: len(resp.Customers), took: t.now().Sub(began)}
	seen := make(map[string]bool, len(t.customers))
	for _, c := range t.customers {
		seen[c.ID] = true
	}
	for _, c := range resp.Customers {
		if !seen[c.ID] {
			t.second.more++
		}
	}
}

// fact says what came, "" when no second page was asked for.
func (s *secondPage) fact(w *locale.Locale) string {
	switch {
	case s == nil || s.err != nil:
		return ""
	case s.more == 0:
		return w.Text("console.fact.second.none")
	}
	return w.Text("console.fact.second.more", "customers", w.Count("list.count", s.more), "time", Duration(s.took, w))
}

// note adds what is wrong with it.
func (s *secondPage) note(n *notes) {
	if s == nil {
		return
	}
	var failed *frontline.CallbackError
	switch {
	case errors.As(s.err, &failed):
		n.add("console.note.second", "code", strconv.Itoa(int(failed.Code)))
	case s.err == nil && s.rows > 0 && s.more == 0:
		n.add("console.note.again")
	}
}
