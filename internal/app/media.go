package app

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Limits of a file in a message, in bytes. A larger picture is served as a file.
const (
	maxPictureBytes = 8 << 20
	maxFileBytes    = 128 << 20
)

// serveMedia serves a file of a message from our own origin: a picture drawn again, anything
// else as a download. Browsers keep pictures as they keep avatars.
func (a *app) serveMedia(w http.ResponseWriter, r *http.Request, v *viewer, sid string) error {
	content, err := a.Conversations.Media(r.Context(), v.Person.Identity, sid, r.PathValue("message"), r.PathValue("media"))
	if err != nil {
		return err
	}
	defer content.Close()
	if content.Bytes > maxFileBytes {
		return errTooLarge
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	var body io.Reader = content
	if a.Redraw != nil && pictureTypes.MatchString(content.ContentType) && content.Bytes <= maxPictureBytes {
		original, err := io.ReadAll(io.LimitReader(content, maxPictureBytes))
		if err != nil {
			return conversation.ErrUnavailable
		}
		if redrawn, contentType, err := a.Redraw(r.Context(), original); err == nil {
			h.Set("Cache-Control", "private, max-age=86400")
			h.Set("Content-Type", contentType)
			h.Set("Content-Disposition", "inline")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(redrawn))
			return nil
		}
		body = io.MultiReader(bytes.NewReader(original), content)
	}
	auth.SetPrivate(w)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.visibleName(content.Filename)}))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(w, io.LimitReader(body, maxFileBytes)); err != nil && !auth.ClientGone(r, err) {
		a.LogError(r, conversation.ErrUnavailable) // the status is sent already
	}
	return nil
}
