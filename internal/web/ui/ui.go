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
func New(face fs.FS, assets string, funcs template.FuncMap) (l *Resources, err error) {
	l = new(Resources)
	if l.Catalogue, err = locale.Load(); err != nil {
		return nil, err
	}
	static, err := both(face, "static")
	if err != nil {
		return nil, err
	}
	if l.Assets, err = web.NewAssets(assets, static...); err != nil {
		return nil, err
	}
	icons, err := parseIcons(files)
	if err != nil {
		return nil, err
	}
	all := template.FuncMap{"asset": l.Assets.Path, "icon": icons.named}
	for name, f := range funcs {
		all[name] = f
	}
	templates, err := both(face, "templates")
	if err != nil {
		return nil, err
	}
	l.Pages, err = web.NewRenderer(l.Catalogue, all, templates...)
	return l, err
}

// both answers a directory here, and the one of the same name in face.
func both(face fs.FS, dir string) ([]fs.FS, error) {
	ours, err := fs.Sub(files, dir)
	if err != nil {
		return nil, err
	}
	theirs, err := fs.Sub(face, dir)
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	return []fs.FS{ours, theirs}, nil
}
