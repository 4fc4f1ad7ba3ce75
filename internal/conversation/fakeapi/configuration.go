package fakeapi

import (
	"maps"
	"net/http"

	"github.com/clientele-project/clientele/frontline"
)

func (a *API) configuration(*request) (int, any) {
	address := root + "/Configuration"
	return http.StatusOK, object{
		"account_sid": a.options.AccountSID, "default_chat_service_sid": a.options.ServiceSID, "default_messaging_service_sid": nil,
		"default_inactive_timer": nil, "default_closed_timer": nil, "url": address,
		"links": object{"service": root + "/Services/" + a.options.ServiceSID + "/Configuration", "webhooks": address + "/Webhooks"},
	}
}

// allEvents are the events that the fake sends to WebhookURL.
var allEvents = []string{
	frontline.EventConversationAdd, frontline.EventConversationAdded, frontline.EventConversationRemoved, frontline.EventConversationStateUpdated,
	frontline.EventParticipantAdded, frontline.EventParticipantRemoved,
	frontline.EventMessageAdded, frontline.EventMessageUpdated, frontline.EventMessageRemoved, frontline.EventDeliveryUpdated,
}

// newWebhooks returns the configuration of webhooks with a URL that gets all events, or
// without any if it is "".
func (a *API) newWebhooks(service, address string) object {
	events, method := allEvents, "POST"
	if address == "" {
		events, method = []string{}, ""
	}
	return object{
		"account_sid": a.options.AccountSID, "chat_service_sid": orNull(service), "pre_webhook_url": orNull(address), "post_webhook_url": orNull(address),
		"method": orNull(method), "target": nil, "url": root + "/Configuration/Webhooks", "filters": events,
	}
}

// configureWebhooks returns the webhooks of the account or of a service, changed by the
// form of the request if it has one.
func (a *API) configureWebhooks(r *request) (int, any) {
	w := a.webhooks[r.sids["IS"]]
	r.set(w)
	return http.StatusOK, w
}

// addAddress adds an address of the company with some fields.
func (a *API) addAddress(fields object) object {
	o := a.newObject("IG", root+"/Configuration/Addresses", object{"friendly_name": nil, "address_country": nil})
	maps.Copy(o, fields)
	o["type"] = channelOf(o["address"].(string))
	a.addresses = append(a.addresses, o)
	return o
}

func (a *API) listAddresses(r *request) (int, any) {
	return r.page("address_configurations", a.addresses)
}

func (a *API) createAddress(r *request) (int, any) {
	fields := object{"auto_creation": object{"enabled": false, "type": nil, "conversation_service_sid": nil}}
	r.set(fields)
	return http.StatusCreated, a.addAddress(fields)
}
