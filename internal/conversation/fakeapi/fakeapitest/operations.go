package fakeapitest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
)

// An operation is one that the published API has and the fake performs.
type operation struct {
	method string
	// path is below /v1, and below the service too, unless only says otherwise. {CH} is a
	// SID of that kind.
	path string
	only scope
	// params are the parameters of the query, or of the form of a POST. See parameter.
	params string
	// notifies reports whether the header X-Twilio-Webhook-Enabled is one of them.
	notifies bool
	// oneOf are parameters of which one is required.
	oneOf string
}

type scope int

const (
	both scope = iota
	accountOnly
	serviceOnly
)

// A parameter is written as its name; "!" when it is required, "*" when it may be repeated;
// and after a colon its values: a kind of SID, a range, words with | between them,
// json or participant.
var parameter = regexp.MustCompile(`^([A-Za-z.]+)([!*]?)(?::(.+))?$`)

const (
	longPages  = "PageSize:1-100 Page:0-999999 PageToken"
	shortPages = "PageSize:1-50 Page:0-999999 PageToken"
	states     = " State:initializing|inactive|active|closed"
	dates      = " DateCreated DateUpdated "
	timers     = " Timers.Inactive Timers.Closed Bindings.Email.Address Bindings.Email.Name "

	conversationParams = "FriendlyName UniqueName MessagingServiceSid:MG Attributes:json " + states + dates + timers
	autoCreation       = "FriendlyName AutoCreation.Enabled:true|false AutoCreation.Type:webhook|studio|default AutoCreation.ConversationServiceSid:IS " +
		"AutoCreation.WebhookUrl AutoCreation.WebhookMethod:get|post AutoCreation.WebhookFilters* AutoCreation.StudioFlowSid:FW AutoCreation.StudioRetryCount:0-999"
	webhookParams = "Method:GET|POST Filters* PreWebhookUrl PostWebhookUrl"
)

var operations = []operation{
	{method: "GET", path: "Configuration", only: accountOnly},
	{method: "GET", path: "Configuration/Webhooks", only: accountOnly},
	{method: "POST", path: "Configuration/Webhooks", only: accountOnly, params: webhookParams + " Target:webhook|flex"},
	{method: "GET", path: "Configuration/Webhooks", only: serviceOnly},
	{method: "POST", path: "Configuration/Webhooks", only: serviceOnly, params: webhookParams},
	{method: "GET", path: "Configuration/Addresses", only: accountOnly, params: "Type " + shortPages},
	{method: "POST", path: "Configuration/Addresses", only: accountOnly,
		params: "Type!:sms|whatsapp|messenger|gbm|email|rcs|apple|chat Address! AddressCountry " + autoCreation},
	{method: "GET", path: "Configuration/Addresses/{IG}", only: accountOnly},
	{method: "POST", path: "Configuration/Addresses/{IG}", only: accountOnly, params: autoCreation},

	{method: "POST", path: "ConversationWithParticipants", params: "Participant*:participant " + conversationParams, notifies: true},
	{method: "GET", path: "ParticipantConversations", params: "Identity Address " + shortPages, oneOf: "Identity Address"},
	{method: "GET", path: "Conversations", params: "StartDate EndDate " + longPages + states},
	{method: "GET", path: "Conversations/{CH}"},
	{method: "POST", path: "Conversations/{CH}", params: conversationParams, notifies: true},

	{method: "GET", path: "Conversations/{CH}/Participants", params: longPages},
	{method: "POST", path: "Conversations/{CH}/Participants", notifies: true,
		params: "Identity! Attributes:json RoleSid:RL" + dates},
	{method: "GET", path: "Conversations/{CH}/Participants/{MB}"},
	{method: "POST", path: "Conversations/{CH}/Participants/{MB}", notifies: true,
		params: "Identity MessagingBinding.ProxyAddress MessagingBinding.ProjectedAddress Attributes:json RoleSid:RL LastReadMessageIndex:0-999999999 LastReadTimestamp" + dates},
	{method: "DELETE", path: "Conversations/{CH}/Participants/{MB}", notifies: true},

	{method: "GET", path: "Conversations/{CH}/Messages", params: "Order:asc|desc " + longPages},
	{method: "POST", path: "Conversations/{CH}/Messages", notifies: true, oneOf: "Body ContentSid",
		params: "Author Body Attributes:json ContentSid:HX ContentVariables Subject" + dates},
	{method: "GET", path: "Conversations/{CH}/Messages/{IM}"},
	{method: "GET", path: "Conversations/{CH}/Messages/{IM}/Receipts", params: shortPages},
	{method: "GET", path: "Media/{ME}", only: serviceOnly},
}

// patterns returns the operations by their patterns for a mux.
func patterns(service string) map[string]operation {
	all := map[string]operation{}
	for _, op := range operations {
		if op.only != serviceOnly {
			all[op.method+" /v1/"+op.path] = op
		}
		if op.only != accountOnly {
			all[op.method+" /v1/Services/"+service+"/"+op.path] = op
		}
	}
	return all
}

// check returns what is wrong with the parameters of a request, "" if nothing is.
func (op operation) check(r *http.Request, body string) string {
	values := r.URL.Query()
	if r.Method == http.MethodPost {
		if len(values) > 0 {
			return "in the query"
		}
		var err error
		if values, err = url.ParseQuery(body); err != nil {
			return "encoding"
		}
	}
	if webhook := r.Header.Get("X-Twilio-Webhook-Enabled"); webhook != "" && (!op.notifies || webhook != "true" && webhook != "false") {
		return "X-Twilio-Webhook-Enabled"
	}
	var known []string
	for _, written := range strings.Fields(op.params) {
		p := parameter.FindStringSubmatch(written)
		name, mark, kind := p[1], p[2], p[3]
		known = append(known, name)
		if mark == "!" && !values.Has(name) || mark != "*" && len(values[name]) > 1 {
			return name
		}
		for _, v := range values[name] {
			if !hasKind(kind, v) {
				return name
			}
		}
	}
	given := 0
	for name := range values {
		if !slices.Contains(known, name) {
			return name
		}
		if slices.Contains(strings.Fields(op.oneOf), name) {
			given++
		}
	}
	if op.oneOf != "" && given != 1 {
		return op.oneOf
	}
	return ""
}

var sidPattern = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)

// hasKind reports whether a parameter may have a value.
func hasKind(kind, value string) bool {
	low, high, isRange := strings.Cut(kind, "-")
	switch {
	case kind == "":
		return true
	case kind == "json":
		return len(value) <= conversation.MaxAttributes && json.Valid([]byte(value))
	case kind == "participant":
		return isParticipant(value)
	case strings.Contains(kind, "|"):
		return slices.Contains(strings.Split(kind, "|"), value)
	case !isRange:
		return strings.HasPrefix(value, kind) && sidPattern.MatchString(value)
	}
	least, _ := strconv.Atoi(low)
	most, _ := strconv.Atoi(high)
	n, err := strconv.Atoi(value)
	return err == nil && least <= n && n <= most
}

// isParticipant reports whether a value is a participant of ConversationWithParticipants.
func isParticipant(value string) bool {
	var p struct {
		Identity   string `json:"identity"`
		Attributes string `json:"attributes"`
		RoleSID    string `json:"role_sid"`
		Binding    struct {
			Address   string `json:"address"`
			Proxy     string `json:"proxy_address"`
			Projected string `json:"projected_address"`
		} `json:"messaging_binding"`
	}
	decoder := json.NewDecoder(strings.NewReader(value))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&p) == nil && (p.Identity == "") != (p.Binding.Address == "") && (p.Attributes == "" || hasKind("json", p.Attributes))
}
