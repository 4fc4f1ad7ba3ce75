package frontline

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readEvent reads an event from sorted parameters; encoded says that their encoding is
// intact. A number or time that cannot be read counts as missing.
func readEvent(sorted []param, encoded bool) (ConversationEvent, error) {
	if err := checkText(sorted, encoded); err != nil {
		return ConversationEvent{}, err
	}
	params := make(url.Values, len(sorted))
	for _, p := range sorted {
		params.Add(p.name, p.value)
	}
	var repeated string
	get := func(name string) string {
		if len(params[name]) > 1 {
			repeated = name
		}
		return params.Get(name)
	}
	addresses := slices.DeleteFunc(slices.Clone(params["MessagingBinding.Address"]), func(a string) bool { return a == "" })
	e := ConversationEvent{
		Type:            get("EventType"),
		ConversationSID: get("ConversationSid"),
		ServiceSID:      cmp.Or(get("ChatServiceSid"), get("ConversationServiceSid")),
		MessageSID:      get("MessageSid"),
		ParticipantSID:  get("ParticipantSid"),
		Index:           number(get("Index"), -1),
		Author:          get("Author"),
		Body:            cmp.Or(get("Body"), get("MessageBody")),
		Identity:        get("Identity"),
		Addresses:       slices.Compact(addresses), // sorted
		ProxyAddress:    get("MessagingBinding.ProxyAddress"),
		Attributes:      get("Attributes"),
		State:           cmp.Or(get("State"), get("StateTo")),
		Status:          get("Status"),
		ErrorCode:       number(get("ErrorCode"), 0),
		HasMedia:        !slices.Contains([]string{"", "[]", "null"}, strings.TrimSpace(get("Media"))),
		Params:          params,
	}
	e.DateCreated, _ = time.Parse(time.RFC3339, get("DateCreated"))
	if repeated != "" {
		return e, invalid(repeated + " must not be given twice")
	}
	return e, nil
}

// number returns the whole number that s is, or missing if it is none.
func number(s string, missing int) int {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return missing
	}
	return int(n)
}
