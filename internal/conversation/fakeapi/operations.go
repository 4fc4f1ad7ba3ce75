package fakeapi

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
	// beforehand is the event that comes before the operation.
	beforehand string
	perform    func(*API, *request) response
}

type scope int

const (
	both scope = iota
	accountOnly
	serviceOnly
)

// A parameter is written as its name; "!" when it is required, "*" when it may be repeated;
// and after a colon its values: a kind of SID, a range, or words with | between them.
var parameter = regexp.MustCompile(`^([A-Za-z.]+)([!*]?)(?::(.+))?$`)

const (
	longPages  = "PageSize:1-100 Page:0-999999 PageToken"
	shortPages = "PageSize:1-50 Page:0-999999 PageToken"
	states     = "State:initializing|inactive|active|closed"
	dates      = " DateCreated DateUpdated "
	timers     = " Timers.Inactive Timers.Closed Bindings.Email.Address Bindings.Email.Name "

	conversationParams = "FriendlyName UniqueName MessagingServiceSid:MG Attributes " + states + dates + timers
	autoCreation       = "FriendlyName AutoCreation.Enabled:true|false AutoCreation.Type:webhook|studio|default AutoCreation.ConversationServiceSid:IS " +
		"AutoCreation.WebhookUrl AutoCreation.WebhookMethod:get|post AutoCreation.WebhookFilters* AutoCreation.StudioFlowSid:FW AutoCreation.StudioRetryCount:0-999"
	webhookParams = "Method:GET|POST Filters* PreWebhookUrl PostWebhookUrl"
)

var operations = []operation{
	{method: "GET", path: "Configuration", only: accountOnly, perform: (*API).configuration},
	{method: "GET", path: "Configuration/Webhooks", only: accountOnly, perform: (*API).accountWebhooks},
	{method: "POST", path: "Configuration/Webhooks", only: accountOnly, params: webhookParams + " Target:webhook|flex", perform: (*API).accountWebhooks},
	{method: "GET", path: "Configuration/Webhooks", only: serviceOnly, perform: (*API).serviceWebhooks},
	{method: "POST", path: "Configuration/Webhooks", only: serviceOnly, params: webhookParams, perform: (*API).serviceWebhooks},
	{method: "GET", path: "Configuration/Addresses", only: accountOnly, params: "Type " + shortPages, perform: (*API).listAddresses},
	{method: "POST", path: "Configuration/Addresses", only: accountOnly, perform: (*API).createAddress,
		params: "Type!:sms|whatsapp|messenger|gbm|email|rcs|apple|chat Address! AddressCountry " + autoCreation},
	{method: "GET", path: "Configuration/Addresses/{IG}", only: accountOnly, perform: (*API).updateAddress},
	{method: "POST", path: "Configuration/Addresses/{IG}", only: accountOnly, params: autoCreation, perform: (*API).updateAddress},

	{method: "POST", path: "ConversationWithParticipants", params: "Participant* " + conversationParams, notifies: true,
		beforehand: "onConversationAdd", perform: (*API).createWithParticipants},
	{method: "GET", path: "ParticipantConversations", params: "Identity Address " + shortPages, perform: (*API).participantConversations},
	{method: "GET", path: "Conversations", params: "StartDate EndDate State:initializing|inactive|active|closed " + longPages, perform: (*API).listConversations},
	{method: "GET", path: "Conversations/{CH}", perform: (*API).fetchConversation},
	{method: "POST", path: "Conversations/{CH}", params: conversationParams, notifies: true, perform: (*API).updateConversation},

	{method: "GET", path: "Conversations/{CH}/Participants", params: longPages, perform: (*API).listParticipants},
	{method: "POST", path: "Conversations/{CH}/Participants", notifies: true, perform: (*API).createParticipant,
		params: "Identity MessagingBinding.Address MessagingBinding.ProxyAddress MessagingBinding.ProjectedAddress Attributes RoleSid:RL" + dates},
	{method: "GET", path: "Conversations/{CH}/Participants/{MB}", perform: (*API).fetchParticipant},
	{method: "POST", path: "Conversations/{CH}/Participants/{MB}", notifies: true, perform: (*API).updateParticipant,
		params: "Identity MessagingBinding.ProxyAddress MessagingBinding.ProjectedAddress Attributes RoleSid:RL LastReadMessageIndex:0-999999999 LastReadTimestamp" + dates},
	{method: "DELETE", path: "Conversations/{CH}/Participants/{MB}", notifies: true, perform: (*API).deleteParticipant},

	{method: "GET", path: "Conversations/{CH}/Messages", params: "Order:asc|desc " + longPages, perform: (*API).listMessages},
	{method: "POST", path: "Conversations/{CH}/Messages", notifies: true, perform: (*API).createMessage,
		params: "Author Body Attributes MediaSid:ME ContentSid:HX ContentVariables Subject" + dates},
	{method: "GET", path: "Conversations/{CH}/Messages/{IM}", perform: (*API).fetchMessage},
	{method: "GET", path: "Conversations/{CH}/Messages/{IM}/Receipts", params: shortPages, perform: (*API).listReceipts},
}

// A request is one that the published API has.
type request struct {
	*http.Request
	// base is the address of URLs, with /v1, and root the one of the service's resources:
	// the same, unless the request is scoped.
	base, root string
	scoped     bool
	// c, p and m are what the path names.
	c      *conversation
	p      *participant
	m      *message
	values url.Values
	// notify reports whether webhooks are to be called.
	notify bool
}

// routes serves the operations.
func (a *API) routes() {
	for _, op := range operations {
		for _, prefix := range []string{"", "/Services/" + a.options.ServiceSID} {
			if prefix == "" && op.only == serviceOnly || prefix != "" && op.only == accountOnly {
				continue
			}
			a.handle(op.method+" /v1"+prefix+"/"+op.path, func(r *http.Request, base string) response {
				return a.perform(&request{Request: r, base: base + "/v1", root: base + "/v1" + prefix, scoped: prefix != ""}, op)
			})
		}
	}
	a.handle("GET /v1/Services/"+a.options.ServiceSID+"/Media/{ME}", a.mediaDetails)
	a.handle("/", func(r *http.Request, _ string) response { return notFound(r) })
}

// perform performs an operation.
func (a *API) perform(r *request, op operation) response {
	if problem := r.check(op); problem != "" {
		return invalid(problem)
	}
	if op.beforehand != "" && r.notify && !a.askBefore(r, op.beforehand) {
		return refuse(http.StatusForbidden, codeRefused, "The webhook refused the request")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if refused := a.resolve(r); refused != nil {
		return *refused
	}
	return op.perform(a, r)
}

var sidPattern = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)

func isSID(kind, s string) bool { return strings.HasPrefix(s, kind) && sidPattern.MatchString(s) }

// check reads the parameters and returns what is wrong with them, "" if nothing is.
func (r *request) check(op operation) string {
	if r.ParseForm() != nil {
		return "encoding"
	}
	r.values = r.URL.Query()
	if r.Method == http.MethodPost {
		if len(r.values) > 0 {
			return "in the query"
		}
		r.values = r.PostForm
	}
	webhook := r.Header.Get("X-Twilio-Webhook-Enabled")
	r.notify = strings.EqualFold(webhook, "true")
	if webhook != "" && (!op.notifies || !r.notify && !strings.EqualFold(webhook, "false")) {
		return "X-Twilio-Webhook-Enabled"
	}
	var known []string
	for _, written := range strings.Fields(op.params) {
		p := parameter.FindStringSubmatch(written)
		name, mark, kind := p[1], p[2], p[3]
		known = append(known, name)
		values := r.values[name]
		if mark == "!" && len(values) == 0 || mark != "*" && len(values) > 1 {
			return name
		}
		for _, v := range values {
			if !hasKind(kind, v) {
				return name
			}
		}
	}
	for name := range r.values {
		if !slices.Contains(known, name) {
			return name
		}
	}
	return ""
}

// set sets the fields for which the request has a parameter.
func (r *request) set(fields map[string]*string) {
	for name, field := range fields {
		if r.values.Has(name) {
			*field = r.values.Get(name)
		}
	}
}

// scopedTo adds the service to an object that has it only in a scoped request.
func (r *request) scopedTo(service string, o object) object {
	if r.scoped {
		o["chat_service_sid"] = service
	}
	return o
}

// hasKind reports whether a parameter may have a value.
func hasKind(kind, value string) bool {
	if kind == "" || strings.Contains(kind, "|") {
		return kind == "" || slices.Contains(strings.Split(kind, "|"), value)
	}
	low, high, isRange := strings.Cut(kind, "-")
	if !isRange {
		return isSID(kind, value)
	}
	least, _ := strconv.Atoi(low)
	most, _ := strconv.Atoi(high)
	n, err := strconv.Atoi(value)
	return err == nil && least <= n && n <= most
}
