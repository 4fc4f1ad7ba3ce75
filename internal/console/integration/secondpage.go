package integration

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/locale"
)

// secondPage is the result of a request for the second page of a list. Paging is what
// services get wrong most often, and one page does not show it.
type secondPage struct {
	err     error
	rows    int  // customers in the response
	more    bool // the response has a token
	newRows int  // of these, customers that were not on the first page
	took    time.Duration
}

// fetchSecondPage requests the second page as the app would: by the token, or by the last
// customer's id when a full page came without one.
func (t *serviceTest) fetchSecondPage(ctx context.Context) {
	if len(t.customers) == 0 || t.nextToken == "" && len(t.customers) < frontline.DefaultPageSize {
		return // there is no second page
	}
	req := t.listRequest()
	if req.NextPageToken = t.nextToken; t.nextToken == "" {
		req.Anchor = t.customers[len(t.customers)-1].ID
	}
	client, err := t.client(t.transport)
	if err != nil {
		return // cannot happen after the first page
	}
	start := t.now()
	resp, err := client.CustomersList(ctx, req)
	if ctx.Err() != nil {
		return
	}
	t.second = &secondPage{err: err, rows: len(resp.Customers), more: resp.NextPageToken != "", took: t.now().Sub(start)}
	seen := make(map[string]bool, len(t.customers))
	for _, c := range t.customers {
		seen[c.ID] = true
	}
	for _, c := range resp.Customers {
		if !seen[c.ID] {
			t.second.newRows++
		}
	}
}

// fact describes the page, "" when none was requested.
func (s *secondPage) fact(loc *locale.Locale) string {
	switch {
	case s == nil, s.err != nil, s.rows == 0 && s.more:
		return ""
	case s.newRows == 0:
		return loc.Text("console.fact.second.none")
	}
	return loc.Text("console.fact.second.more", "customers", loc.Count("list.count", s.newRows), "time", view.Duration(s.took, loc))
}

// note adds what is wrong with the page.
func (s *secondPage) note(n *notes) {
	if s == nil {
		return
	}
	var failed *frontline.CallbackError
	switch {
	case errors.As(s.err, &failed):
		n.add("console.note.second", "code", strconv.Itoa(int(failed.Code)))
	case s.err == nil && s.rows > 0 && s.newRows == 0:
		n.add("console.note.again")
	}
}
