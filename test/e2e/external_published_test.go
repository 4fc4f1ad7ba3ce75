package e2e

import (
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// A shape is how a service behaves, and what a worker sees who has no list of it yet. One
// who has a list keeps it while the service fails.
type shape struct {
	how     string
	token   string        // that the service knows, "" for the right one
	list    string        // "" for all customers, or a code
	details string        // "" for a customer's details, or a code; that of the list if it has one
	within  time.Duration // after which this shows on an idle machine, as far as the service takes time
	rows    int           // of the list, if not all
	emptied bool          // the list is empty, and who had one keeps it
	says    string        // in the list
	never   string        // in the details
}

// published are the shapes of published services, by section of the protocol.
var published = []shape{
	// 3 and 4: pages.
	{how: "anchor"},
	{how: "token"},
	{how: "token-number"},
	{how: "token-null"},
	{how: "token-empty"},
	{how: "token-end-null"},
	{how: "token-end-empty"},
	{how: "token-repeated"},
	{how: "token-loop"},
	{how: "token-changing"},
	{how: "token-late"},
	{how: "token-cursor"},
	{how: "same-page", rows: 30},
	{how: "same-page,rows-short", rows: 10},
	{how: "whole"},
	{how: "filtered"},
	{how: "restarts"},
	{how: "rows-more"},
	{how: "rows-short"},
	{how: "token,rows-more"},
	{how: "token,rows-short"},
	{how: "normal&customers=0"},
	{how: "null&customers=0"},
	{how: "normal&customers=1"},
	{how: "normal&customers=30"},
	{how: "token&customers=60"},

	// 4: rows and details.
	{how: "numbers"},
	{how: "numbers,token-number"},
	{how: "salesforce"},
	{how: "bom"},
	{how: "comma,token"},
	{how: "dirty"},
	{how: "dirty,token"},
	{how: "null"},
	{how: "nameless", says: "No name"},
	{how: "undefined", never: "undefined"},
	{how: "others", details: "48003"},

	// 4: searches.
	{how: "wants-percent"},
	{how: "refuses-queries"},
	{how: "unsearchable"},
	{how: "searchable-late"},

	// 3: time.
	{how: "slow&delay=3s", within: 3 * time.Second},
	{how: "slow&delay=8s", list: "48005", within: frontline.CallTimeout},
	{how: "trickle", list: "48005", within: frontline.CallTimeout},
	{how: "flaps", within: 4 * time.Second},

	// 3 and 4: failures.
	{how: "down", list: "48004"},
	{how: "html404", list: "48004"},
	{how: "html500", list: "48004"},
	{how: "normal&status=401", list: "48004"}, // callbacks v1
	{how: "normal&status=403", list: "48004"},
	{how: "normal&status=404", list: "48004"},
	{how: "normal&status=410", list: "48004"},
	{how: "normal&status=422", list: "48004"},
	{how: "redirect", list: "48004"},
	{how: "redirect&redirect=301", list: "48004"},
	{how: "redirect&redirect=302&location=/control/log", list: "48004"},
	{how: "normal", token: "another", list: "48004"}, // 403
	{how: "truncated", list: "48003"},
	{how: "oversize", list: "48003"},
	{how: "endless", list: "48003"},
	{how: "emptied", emptied: true},
}
