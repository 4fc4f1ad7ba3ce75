package app

import (
	"encoding/json"
	"net/http"

	"github.com/clientele-project/clientele/internal/web"
)

func (a *app) redirectHome(w http.ResponseWriter, r *http.Request, _ *viewer) error {
	http.Redirect(w, r, "/customers", http.StatusSeeOther)
	return nil
}

func (a *app) favicon(w http.ResponseWriter, r *http.Request, _ *viewer) error {
	a.assets.ServeFile(w, r, "icon.svg")
	return nil
}

func (a *app) touchIcon(w http.ResponseWriter, r *http.Request, _ *viewer) error {
	a.assets.ServeFile(w, r, "icon-180.png")
	return nil
}

// manifest serves the web app manifest, with which phones install the app.
func (a *app) manifest(w http.ResponseWriter, r *http.Request, v *viewer) error {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	body, err := json.Marshal(struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		ShortName   string `json:"short_name"`
		Description string `json:"description"`
		Lang        string `json:"lang"`
		Dir         string `json:"dir"`
		StartURL    string `json:"start_url"`
		Scope       string `json:"scope"`
		Display     string `json:"display"`
		Background  string `json:"background_color"`
		Theme       string `json:"theme_color"`
		Icons       []icon `json:"icons"`
	}{
		ID: "/", Name: v.Locale.Text("app.name"), ShortName: v.Locale.Text("app.name"),
		Description: v.Locale.Text("app.description"), Lang: v.Locale.Tag(), Dir: v.Locale.Dir(),
		StartURL: "/customers", Scope: "/", Display: "standalone",
		Background: "#f5f6f8", Theme: "#f5f6f8",
		Icons: []icon{
			{a.assets.Path("icon.svg"), "any", "image/svg+xml", ""},
			{a.assets.Path("icon-192.png"), "192x192", "image/png", ""},
			{a.assets.Path("icon-512.png"), "512x512", "image/png", ""},
			{a.assets.Path("icon-maskable.png"), "512x512", "image/png", "maskable"},
		},
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Add("Vary", "Accept-Language")
	web.Send(w, r, http.StatusOK, body)
	return nil
}
