package fakeapi

import (
	"net/http"
	"time"
)

// Media is a file that a customer sends.
type Media struct {
	Filename, ContentType string
	Content               []byte
}

type media struct {
	Media
	sid     string
	created time.Time
}

// contentPath is where files are read without credentials.
const contentPath = "/media-content/"

func (a *API) addMedia(files []Media) []*media {
	var all []*media
	for _, f := range files {
		m := &media{Media: f, sid: newSID("ME"), created: a.now()}
		a.media[m.sid] = m
		all = append(all, m)
	}
	return all
}

// renderMedia returns the files of a message, nil for none.
func (m *message) renderMedia() any {
	if len(m.media) == 0 {
		return nil
	}
	var all []object
	for _, f := range m.media {
		all = append(all, object{"sid": f.sid, "size": len(f.Content), "content_type": f.ContentType, "filename": orNull(f.Filename)})
	}
	return all
}

func (a *API) mediaDetails(r *http.Request, base string) response {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.media[r.PathValue("ME")]
	if m == nil {
		return notFound(r)
	}
	return respond(http.StatusOK, object{
		"sid": m.sid, "service_sid": a.options.ServiceSID, "account_sid": a.options.AccountSID, "category": "media", "filename": orNull(m.Filename),
		"content_type": m.ContentType, "size": len(m.Content), "date_created": date(m.created), "date_upload_updated": date(m.created),
		"url": base + r.URL.Path, "links": object{"content": r.URL.Path + "/Content", "content_direct_temporary": base + contentPath + m.sid},
	})
}

// content responds with a file. Its address takes no credentials, as real ones do.
func (a *API) content(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	m := a.media[r.PathValue("ME")]
	a.mu.Unlock()
	switch {
	case m == nil:
		notFound(r).write(w)
	case r.Header.Get("Authorization") != "":
		invalid("Authorization").write(w)
	default:
		response{status: http.StatusOK, contentType: m.ContentType, body: m.Content}.write(w)
	}
}
