package main

import (
	"html/template"
	"net/http"
	"net/url"
	"time"
)

// remembered is the cookie of a session at the provider.
const remembered = "idp"

var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Invented identity provider</title>
<main><h1>Who are you?</h1>
<form method="post" action="/login">
<input type="hidden" name="id" value="{{.ID}}">
{{range .Users}}<p><button name="user" value="{{.Name}}">{{.Name}}</button></p>
{{end}}<p><button name="cancel" value="yes">Cancel</button></p>
</form></main></html>
`))

// showLogin shows the users to choose from, unless there is a session.
func (s *storage) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	if c, err := r.Cookie(remembered); err == nil {
		if s.enter(w, r, id, c.Value) {
			return
		}
	}
	s.mu.Lock()
	users := append([]user(nil), s.users...)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := loginPage.Execute(w, struct {
		ID    string
		Users []user
	}{id, users}); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (s *storage) login(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("id")
	if r.PostFormValue("cancel") != "" {
		s.cancel(w, r, id)
		return
	}
	name := r.PostFormValue("user")
	http.SetCookie(w, &http.Cookie{Name: remembered, Value: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if !s.enter(w, r, id, name) {
		http.Error(w, "unknown user, or the sign-in has ended", http.StatusForbidden)
	}
}

// enter signs in the user with this name, and reports whether it could.
func (s *storage) enter(w http.ResponseWriter, r *http.Request, id, name string) bool {
	u, ok := s.user(func(u user) bool { return u.Name == name })
	if !ok {
		return false
	}
	s.mu.Lock()
	under, ok := s.requests[id]
	if ok {
		under.subject, under.at = u.Subject, time.Now()
	}
	s.mu.Unlock()
	if ok {
		http.Redirect(w, r, "/authorize/callback?id="+url.QueryEscape(id), http.StatusFound)
	}
	return ok
}

// cancel ends a sign-in and sends the browser back.
func (s *storage) cancel(w http.ResponseWriter, r *http.Request, id string) {
	s.mu.Lock()
	under, ok := s.requests[id]
	delete(s.requests, id)
	s.mu.Unlock()
	if !ok {
		http.Error(w, "this sign-in is over", http.StatusForbidden)
		return
	}
	back := url.Values{"error": {"access_denied"}, "state": {under.auth.State}}
	http.Redirect(w, r, under.auth.RedirectURI+"?"+back.Encode(), http.StatusFound)
}

// forgetting signs people out at the provider itself.
func forgetting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: remembered, Path: "/", MaxAge: -1})
		next.ServeHTTP(w, r)
	})
}
