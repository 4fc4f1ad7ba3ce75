package app

import "github.com/clientele-project/clientele/internal/web/auth"

func (a *app) routes() []auth.Route {
	return []auth.Route{
		{Path: "/{$}", Permission: auth.Anyone, Get: a.redirectHome},
		{Path: "/signin", Permission: auth.Anyone, Get: a.showSignIn, Post: a.signIn},
		{Path: providerPath, Permission: auth.Anyone, Get: a.beginProviderSignIn},
		{Path: auth.ProviderCallbackPath, Permission: auth.Anyone, Get: a.finishProviderSignIn},
		{Path: auth.ProviderLogoutPath, Permission: auth.Anyone, Post: a.endProviderSessions},
		{Path: auth.ProviderConfirmPath, Permission: auth.SignedIn, Get: a.beginConfirmation},
		{Path: "/signout", Permission: auth.Anyone, Post: a.signOut},

		{Path: "/customers", Permission: auth.SignedIn, Get: a.showCustomers},
		{Path: "/customers/{$}", Permission: auth.SignedIn, Get: a.redirectHome},
		{Path: "/customers/{id}", Permission: auth.SignedIn, Get: a.showCustomer}, // {id} as encodeID writes it

		{Path: "/conversations", Permission: auth.SignedIn, Get: a.ofConversation(a.showConversations), Post: a.conversationForm(a.startConversation)},
		{Path: "/conversations/{sid}", Permission: auth.SignedIn, Get: a.ofConversation(a.showThread)},
		{Path: "/conversations/{sid}/messages", Permission: auth.SignedIn, Get: a.ofConversation(redirectToThread), Post: a.ofConversation(a.sendMessage)},
		{Path: "/conversations/{sid}/customer", Permission: auth.SignedIn, Get: a.choiceFor(a.chooseCustomer), Post: a.conversationForm(a.linkCustomer)},
		{Path: "/conversations/{sid}/transfer", Permission: auth.SignedIn, Get: a.choiceFor(a.chooseWorker), Post: a.conversationForm(a.transferConversation)},
		{Path: "/conversations/{sid}/close", Permission: auth.SignedIn, Get: a.ofConversation(redirectToThread), Post: a.conversationForm(a.closeConversation)},
		{Path: "/conversations/{sid}/mute", Permission: auth.SignedIn, Get: a.ofConversation(redirectToThread), Post: a.conversationForm(a.muteConversation)},
		{Path: "/conversations/{sid}/templates", Permission: auth.SignedIn, Get: a.choiceFor(a.chooseTemplate)},
		{Path: "/conversations/{sid}/media/{message}/{media}", Permission: auth.SignedIn, Get: a.ofConversation(a.serveMedia)},

		{Path: avatarPrefix + "{handle}", Permission: auth.SignedIn, Get: a.serveAvatar},

		{Path: "/pulse", Permission: auth.AnyPassword, Get: a.pollState},

		{Path: "/account", Permission: auth.AnyPassword, Get: a.showAccount},
		{Path: "/account/preferences", Permission: auth.SignedIn, Get: a.redirectToAccount, Post: a.savePreferences},
		{Path: "/account/available", Permission: auth.SignedIn, Get: a.redirectToAccount, Post: a.setAvailable},
		{Path: "/account/password", Permission: auth.AnyPassword, Get: a.redirectToAccount, Post: a.changePassword},
		{Path: "/account/sessions/revoke", Permission: auth.SignedIn, Get: a.redirectToAccount, Post: a.revokeSession},
		{Path: "/account/sessions/revoke-others", Permission: auth.SignedIn, Get: a.redirectToAccount, Post: a.revokeOthers},

		{Path: "/assets/{name}", Permission: auth.Anyone, Get: auth.Asset(a.assets)},
		{Path: "/manifest.webmanifest", Permission: auth.Anyone, Get: a.manifest},
		{Path: "/favicon.ico", Permission: auth.Anyone, Get: a.favicon},
		{Path: "/apple-touch-icon.png", Permission: auth.Anyone, Get: a.touchIcon},
	}
}

// handler returns the handler of the routes, with ids encoded for them.
func (a *app) handler() (*auth.Handler, error) {
	h, err := a.Handler(a.routes())
	if err != nil {
		return nil, err
	}
	h.Handler = encodeID(h.Handler)
	return h, nil
}
