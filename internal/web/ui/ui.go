// Package look is what every face of the program has in common to the eye: the
// words, the base stylesheet and script, the icons, the frame of a page and the
// page that holds nothing but a failure. A face adds its own templates and assets.
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

// Resources is the words, assets and pages of one face.
type Resources struct {
	Catalogue *locale.Catalogue
	Assets    *web.Assets
	Pages     *web.Renderer
}

// New reads what is embedded here and in face, a file system with the directories
// templates and static. assets is the path below which the face serves its assets,
// like "/assets/". The face's templates must define "links", which is put into the
// head of every page: its own stylesheet and scripts. Beside "t" and "th" (see
// web.Renderer), templates may call {{asset "name"}}, {{icon "name"}}, and funcs.
func New(site fs.FS, assetsPath string, funcs template.FuncMap) (res *Resources, err error) {
	res = new(Resources)
	if res.Catalogue, err = locale.Load(); err != nil {
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
	res.Pages, err = web.NewRenderer(res.Catalogue, allFuncs, templates...)
	return res, err
}

// subDirs answers a directory here, and the one of the same name in face.
func subDirs(site fs.FS, dir string) ([]fs.FS, error) {
	sharedFiles, err := fs.Sub(files, dir)
	if err != nil {
		return nil, err
	}
	siteFiles, err := fs.Sub(site, dir)
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	return []fs.FS{sharedFiles, siteFiles}, nil
}
