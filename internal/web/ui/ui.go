// Package ui provides what the pages of all sites share: the message catalog, the
// base stylesheet and scripts, the icons, the page layout and the error page. A site
// adds its own templates and assets.
package ui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"

	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/web"
)

//go:embed templates static icons.svg
var files embed.FS

// Resources is the message catalog, the assets and the pages of one site.
type Resources struct {
	Catalog *locale.Catalog
	Assets  *web.Assets
	Pages   *web.Renderer
}

// New loads the shared resources and those of site, a file system with the
// directories templates and static. assetsPath is the path below which the site
// serves its assets, like "/assets/". The site's templates must define "links", the
// part of every page's head with its own stylesheet and scripts. Templates may call
// {{asset "name"}}, {{icon "name"}} and funcs, in addition to those of web.Renderer.
func New(site fs.FS, assetsPath string, funcs template.FuncMap) (res *Resources, err error) {
	res = new(Resources)
	if res.Catalog, err = locale.Load(); err != nil {
		return nil, err
	}
	static, err := subDirs(site, "static")
	if err != nil {
		return nil, err
	}
	if res.Assets, err = web.NewAssets(assetsPath, static...); err != nil {
		return nil, err
	}
	icons, err := parseIcons(files)
	if err != nil {
		return nil, err
	}
	allFuncs := template.FuncMap{"asset": res.Assets.Path, "icon": icons.byName}
	for name, f := range funcs {
		allFuncs[name] = f
	}
	templates, err := subDirs(site, "templates")
	if err != nil {
		return nil, err
	}
	res.Pages, err = web.NewRenderer(res.Catalog, allFuncs, templates...)
	return res, err
}

// subDirs returns the shared directory dir and the one of site.
func subDirs(site fs.FS, dir string) ([]fs.FS, error) {
	sharedFiles, err := fs.Sub(files, dir)
	if err != nil {
		return nil, err
	}
	siteFiles, err := fs.Sub(site, dir)
	if err != nil {
		return nil, fmt.Errorf("site files: %w", err)
	}
	return []fs.FS{sharedFiles, siteFiles}, nil
}
