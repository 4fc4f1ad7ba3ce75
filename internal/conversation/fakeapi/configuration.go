package fakeapi

import (
	"net/http"
	"slices"
	"time"
)

// webhooks is where events go.
type webhooks struct {
	pre, post, method, target string
	filters                   []string
}

// An addressConfig is one of the company's addresses.
type addressConfig struct {
	sid, kind, address, name, country string
	enabled                           bool
	creation, service                 string
	created                           time.Time
}

func (a *API) configuration(r *request) response {
	return respond(http.StatusOK, object{
		"account_sid": a.options.AccountSID, "default_chat_service_sid": a.options.ServiceSID, "default_messaging_service_sid": nil,
		"default_inactive_timer": nil, "default_closed_timer": nil, "url": r.base + "/Configuration",
		"links": object{"service": r.base + "/Services/" + a.options.ServiceSID + "/Configuration", "webhooks": r.base + "/Configuration/Webhooks"},
	})
}

// update sets what a request has, and returns the webhooks as the API does.
func (w *webhooks) update(r *request) object {
	r.set(map[string]*string{"PreWebhookUrl": &w.pre, "PostWebhookUrl": &w.post, "Method": &w.method, "Target": &w.target})
	if r.values.Has("Filters") {
		w.filters = r.values["Filters"]
	}
	return object{
		"pre_webhook_url": orNull(w.pre), "post_webhook_url": orNull(w.post), "method": orNull(w.method), "filters": w.filters,
		"url": r.root + "/Configuration/Webhooks",
	}
}

func (a *API) accountWebhooks(r *request) response {
	o := a.account.update(r)
	o["account_sid"], o["target"] = a.options.AccountSID, orNull(a.account.target)
	return respond(http.StatusOK, o)
}

func (a *API) serviceWebhooks(r *request) response {
	o := a.service.update(r)
	o["account_sid"], o["chat_service_sid"] = a.options.AccountSID, a.options.ServiceSID
	return respond(http.StatusOK, o)
}

func (a *API) renderAddress(r *request, x *addressConfig) object {
	return object{
		"sid": x.sid, "account_sid": a.options.AccountSID, "type": x.kind, "address": x.address, "friendly_name": orNull(x.name),
		"address_country": orNull(x.country), "date_created": date(x.created), "date_updated": date(x.created), "url": r.base + "/Configuration/Addresses/" + x.sid,
		"auto_creation": object{"enabled": x.enabled, "type": orNull(x.creation), "conversation_service_sid": orNull(x.service)},
	}
}

func (x *addressConfig) update(r *request) {
	r.set(map[string]*string{"FriendlyName": &x.name, "AutoCreation.Type": &x.creation, "AutoCreation.ConversationServiceSid": &x.service})
	if r.values.Has("AutoCreation.Enabled") {
		x.enabled = r.values.Get("AutoCreation.Enabled") == "true"
	}
}

func (a *API) listAddresses(r *request) response {
	all := slices.DeleteFunc(slices.Clone(a.addresses), func(x *addressConfig) bool {
		return r.values.Has("Type") && r.values.Get("Type") != x.kind
	})
	return page(r, "address_configurations", all, func(x *addressConfig) string { return x.sid }, func(x *addressConfig) object {
		return a.renderAddress(r, x)
	})
}

func (a *API) createAddress(r *request) response {
	x := &addressConfig{sid: newSID("IG"), kind: r.values.Get("Type"), address: r.values.Get("Address"), country: r.values.Get("AddressCountry"), created: a.now()}
	if slices.ContainsFunc(a.addresses, func(other *addressConfig) bool { return other.address == x.address }) {
		return refuse(http.StatusConflict, 50353, "An address configuration for this address already exists")
	}
	x.update(r)
	a.addresses = append(a.addresses, x)
	return respond(http.StatusCreated, a.renderAddress(r, x))
}

// updateAddress also fetches: then the request has nothing to update.
func (a *API) updateAddress(r *request) response {
	x := find(a.addresses, func(x *addressConfig) bool { return x.sid == r.PathValue("IG") })
	if x == nil {
		return notFound(r.Request)
	}
	x.update(r)
	return respond(http.StatusOK, a.renderAddress(r, x))
}
