package rest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi"
	"github.com/clientele-project/clientele/internal/conversation/fakeapi/fakeapitest"
)

func TestClient_Faults(t *testing.T) {
	refused := errors.New("a RefusedError")
	tests := []struct {
		name  string
		fault fakeapitest.Fault
		// read is the error of reading and tries its requests; write is that of sending,
		// which is never repeated.
		read, write error
		tries       int
	}{
		{"429", fakeapitest.Fault{Status: 429, RetryAfter: 2 * time.Second}, nil, conversation.ErrUnavailable, 2},
		{"429 for too long", fakeapitest.Fault{Status: 429, RetryAfter: time.Hour}, conversation.ErrUnavailable, conversation.ErrUnavailable, 1},
		{"503 once", fakeapitest.Fault{Status: 503}, nil, conversation.ErrOutcomeUnknown, 2},
		{"500 again and again", fakeapitest.Fault{Status: 500, Times: 9}, conversation.ErrUnavailable, conversation.ErrOutcomeUnknown, 4},
		{"409", fakeapitest.Fault{Status: 409}, refused, refused, 1},
		{"404", fakeapitest.Fault{Status: 404}, conversation.ErrNotFound, conversation.ErrNotFound, 1},
		{"a cut before", fakeapitest.Fault{}, nil, conversation.ErrOutcomeUnknown, 2},
		{"a cut after", fakeapitest.Fault{Performed: true}, nil, conversation.ErrOutcomeUnknown, 2},
		{"no response", fakeapitest.Fault{Performed: true, Hang: true}, nil, conversation.ErrOutcomeUnknown, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				is := func(err, want error) bool {
					if want == refused {
						_, ok := errors.AsType[*conversation.RefusedError](err)
						return ok
					}
					return errors.Is(err, want)
				}
				api, c, r := newClient("")
				sid := seed(api)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()

				began := time.Now()
				api.Fail(tt.fault)
				if _, err := c.Message(ctx, sid, "IM00000000000000000000000000000001"); tt.read != nil && !is(err, tt.read) ||
					tt.read == nil && !errors.Is(err, conversation.ErrNotFound) {
					t.Errorf("Message() = %v, want %v", err, tt.read)
				}
				if len(r.requests) != tt.tries {
					t.Errorf("Message() made %d requests, want %d", len(r.requests), tt.tries)
				}
				if took := time.Since(began); tt.tries > 1 && took < tt.fault.RetryAfter {
					t.Errorf("Message() took %v, want at least Retry-After", took)
				}

				api, c, r = newClient("")
				sid = seed(api)
				api.Fail(tt.fault)
				if _, err := c.Send(ctx, sid, conversation.NewMessage{Author: "alice", Body: "Hello"}); !is(err, tt.write) {
					t.Errorf("Send() = %v, want %v", err, tt.write)
				}
				if len(r.requests) != 1 {
					t.Errorf("Send() made %d requests, want 1", len(r.requests))
				}
			})
		})
	}
}

func TestClient_Context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, c, r := newClient("")
		sid := seed(api)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		api.Fail(fakeapitest.Fault{Status: 429, RetryAfter: 5 * time.Second})
		began := time.Now()
		if _, err := c.Conversation(ctx, sid); !errors.Is(err, conversation.ErrUnavailable) || time.Since(began) != 0 {
			t.Errorf("Conversation() = %v after %v, want ErrUnavailable at once: the context ends before the time to wait", err, time.Since(began))
		}
		api.Fail(fakeapitest.Fault{Hang: true})
		if _, err := c.Conversation(ctx, sid); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Conversation() = %v, want the context's error", err)
		}
		requests := len(r.requests)
		if err := c.Close(ctx, sid); !errors.Is(err, context.DeadlineExceeded) || len(r.requests) != requests {
			t.Errorf("Close() = %v with %d requests, want the context's error and none", err, len(r.requests)-requests)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		api.Fail(fakeapitest.Fault{Performed: true, Hang: true})
		if err := c.Close(ctx, sid); !errors.Is(err, conversation.ErrOutcomeUnknown) {
			t.Errorf("Close() = %v, want ErrOutcomeUnknown", err)
		}
	})
}

// Over real connections.
func TestClient_Network(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nothing listens there
	c := dial("http://" + listener.Addr().String())
	sid := "CH00000000000000000000000000000001"
	if err := c.Close(t.Context(), sid); !errors.Is(err, conversation.ErrUnavailable) {
		t.Errorf("Close() without a connection = %v, want ErrUnavailable", err)
	}

	api := fakeapitest.New(fakeapi.Options{AccountSID: account, AuthToken: "token", ServiceSID: service})
	server := httptest.NewServer(api)
	defer server.Close()
	c = dial(server.URL)
	sid = seed(api, fakeapi.SeedMessage{Files: []fakeapi.Media{{ContentType: "image/png", Content: []byte("pixels")}}})
	page, err := c.Messages(t.Context(), sid, 10, "")
	if err != nil {
		t.Fatal(err)
	}
	content, err := c.Media(t.Context(), page.Messages[0].Media[0].SID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if b, err := io.ReadAll(content); err != nil || string(b) != "pixels" {
		t.Errorf("Media() = %q, %v, want the file", b, err)
	}
	api.Fail(fakeapitest.Fault{Performed: true})
	if _, err := c.Send(t.Context(), sid, conversation.NewMessage{Author: "alice", Body: "Hello"}); !errors.Is(err, conversation.ErrOutcomeUnknown) {
		t.Errorf("Send() over a connection that is cut = %v, want ErrOutcomeUnknown", err)
	}
	if page, err = c.Messages(t.Context(), sid, 10, ""); err != nil || len(page.Messages) != 2 {
		t.Errorf("Messages() = %d, %v, want the message once", len(page.Messages), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	api.Fail(fakeapitest.Fault{Hang: true})
	if err := c.Close(ctx, sid); !errors.Is(err, conversation.ErrOutcomeUnknown) {
		t.Errorf("Close() without a response = %v, want ErrOutcomeUnknown", err)
	}
}

func TestClient_Responses(t *testing.T) {
	const sid = "CH00000000000000000000000000000001"
	var status int
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "999")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	defer server.Close()
	c := dial(server.URL)
	for _, tt := range []struct {
		status      int
		body        string
		read, write error
	}{
		{404, "<html>no tunnel</html>", conversation.ErrUnavailable, conversation.ErrUnavailable},
		{200, "<html>sign in</html>", conversation.ErrUnavailable, conversation.ErrOutcomeUnknown},
		{200, `{"sid":"` + strings.Repeat("x", 2<<20) + `"}`, conversation.ErrUnavailable, conversation.ErrOutcomeUnknown},
	} {
		status, body = tt.status, tt.body
		if _, err := c.Conversation(t.Context(), sid); !errors.Is(err, tt.read) {
			t.Errorf("Conversation() of %d %.20q = %v, want %v", tt.status, tt.body, err, tt.read)
		}
		if _, err := c.Send(t.Context(), sid, conversation.NewMessage{Body: "Hello"}); !errors.Is(err, tt.write) {
			t.Errorf("Send() of %d %.20q = %v, want %v", tt.status, tt.body, err, tt.write)
		}
	}
}
