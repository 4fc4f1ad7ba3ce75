package auth

import "net/http"

// maxForm bounds a form: ours are short.
const maxForm = 16 << 10

// Form reads a posted form, or returns ErrForm.
func Form(w http.ResponseWriter, r *http.Request) error { return LargeForm(w, r, maxForm) }

// LargeForm is Form where more is typed, of at most so many bytes.
func LargeForm(w http.ResponseWriter, r *http.Request, most int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if err := r.ParseForm(); err != nil {
		return ErrForm
	}
	return nil
}
