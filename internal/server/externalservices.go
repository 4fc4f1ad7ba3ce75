package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/crm/limit"
	"github.com/clientele-project/clientele/internal/outbound"
)

// CallbackLimits bound how an external service is called.
type CallbackLimits struct {
	// AllowPrivate lets callback URLs lead to private addresses and to this machine.
	AllowPrivate bool
	// Concurrency is the most calls at the same time, Rate the most a second on average.
	Concurrency int
	Rate        float64
}

func (l CallbackLimits) policy() outbound.Policy {
	return outbound.Policy{AllowPrivate: l.AllowPrivate}
}

// CheckURL says why a callback URL cannot be called, as far as can be known before it
// is tried. The error does not repeat the URL: its query may hold a secret.
func (l CallbackLimits) CheckURL(url string) error {
	if err := frontline.CheckCallbackURL(url); err != nil {
		return err
	}
	return outbound.CheckURL(url, l.policy())
}

// listMemory bounds the cached lists of an external service, in bytes, and
// externalMemory all that is cached of it: searches and details take as much again.
const (
	listMemory     = 64 << 20
	externalMemory = 2 * listMemory
)

// closeTimeout bounds how long a replaced service may take to write its cache.
const closeTimeout = 10 * time.Second

// externalServices creates the CRM stack in front of external services.
type externalServices struct {
	config Config
	tokens *signingTokens
	record crm.Recorder
	// processes returns how many processes share the limits.
	processes func() int
}

// open returns the service at a callback URL, or says why it cannot be called.
func (e externalServices) open(url string) (*service, error) {
	if err := e.config.Callbacks.CheckURL(url); err != nil {
		return nil, err
	}
	key, err := serviceKey(url)
	if err != nil {
		return nil, err
	}
	transport := limit.MeasureTransport(outbound.Transport(e.config.Callbacks.policy()))
	client, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: e.tokens.signing, Transport: transport})
	if err != nil {
		return nil, err
	}
	previous, err := frontline.NewClient(url, frontline.ClientOptions{AuthToken: e.tokens.previousOrSigning, Transport: transport})
	if err != nil {
		return nil, err
	}
	stack := external.New(external.Options{
		Client: client,
		Previous: func() frontline.CRM {
			if e.tokens.previousForService() == "" {
				return nil
			}
			return previous
		},
		Service:  key,
		Blobs:    e.config.DB.Blobs(),
		Sealer:   e.config.Key.Sealer("copies"),
		Recorder: e.record,
		Queue:    limit.QueueOptions{Calls: e.config.Callbacks.Concurrency, PerSecond: e.config.Callbacks.Rate, Processes: e.processes},
		Bytes:    e.config.Memory.Scale(listMemory),
		Logger:   e.config.Logger,
	})
	return &service{
		crm: stack, key: key, memory: e.config.Memory.Scale(externalMemory), cache: stack,
		close: func() {
			ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
			defer cancel()
			if err := stack.Close(ctx); err != nil {
				e.config.Logger.Warn("storing the last cached responses failed", "error", err)
			}
			client.CloseIdleConnections()
		},
	}, nil
}

// serviceKey names the cached responses of the service at a URL.
func serviceKey(url string) (string, error) {
	canonical, err := frontline.CanonicalURL(url)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:16]), nil
}
