package door

import "net/http"

// maxForm bounds a form: ours are short.
const maxForm = 16 << 10

// Form reads a posted form, or returns ErrForm.
func Form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return ErrForm
	}
	return nil
}
