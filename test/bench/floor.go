package main

import (
	"encoding/gob"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
)

// floorCommand is how this program starts itself as the floor.
const floorCommand = "floor"

const (
	callbackPath    = "/callbacks/crm"
	signatureHeader = "X-Twilio-Signature"
	authToken       = "the token of the benchmark"
)

// floorMain serves the baseline: what any service in Go has to do. It parses the form and
// checks the signature of a callback, and writes the bytes that the program wrote for that
// request. It logs nothing.
func floorMain() error {
	responses := map[string][]byte{} // by key
	if err := gob.NewDecoder(os.Stdin).Decode(&responses); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("Open http://%s/\n", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Path + r.Header.Get("Cookie")
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			key = r.Header.Get(signatureHeader)
			if !frontline.Verify(authToken, "http://"+r.Host+r.URL.RequestURI(), r.PostForm, key) {
				w.WriteHeader(http.StatusForbidden)
				return
			}
		}
		body, ok := responses[key]
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(body)
	}))
}
