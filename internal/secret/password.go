package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost of a password hash: argon2id over 19 MiB, two passes, one lane, about 25 ms of a
// core.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	saltBytes    = 16
	hashBytes    = 32
)

// Limits of the hashes that Check accepts, so that a forged hash in the database cannot
// exhaust the machine.
const (
	maxArgonMemory  = 256 << 10 // KiB
	maxArgonTime    = 16
	maxArgonThreads = 4
)

// Passwords hashes and checks passwords with argon2id. Hashes are PHC strings
// ($argon2id$v=19$m=19456,t=2,p=1$salt$hash), so that the cost can change later. Only
// some run at the same time; others wait until their context ends. Where strangers cause
// hashing, auth.Attempts bounds how many wait, and for how long.
type Passwords struct {
	semaphore chan struct{}
	// dummyHash is checked in place of a missing hash.
	dummyHash string
}

// NewPasswords returns a Passwords that hashes at most as many at the same time, but at
// least one: each takes 19 MiB. A program needs one.
func NewPasswords(atOnce int) *Passwords {
	var salt [saltBytes]byte
	var sum [hashBytes]byte
	rand.Read(salt[:])
	rand.Read(sum[:])
	return &Passwords{
		semaphore: make(chan struct{}, max(atOnce, 1)),
		dummyHash: formatPHC(salt[:], sum[:]),
	}
}

// Hash returns the PHC string of password with a new salt. The only error is that of ctx
// while waiting.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.acquire(ctx); err != nil {
		return "", err
	}
	defer p.release()
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum := argon2.IDKey(normalizePassword(password), salt, argonTime, argonMemory, argonThreads, hashBytes)
	return formatPHC(salt, sum), nil
}

// normalizePassword returns password in NFC, as in RFC 8265: keyboards differ in how they
// send é.
func normalizePassword(password string) []byte { return norm.NFC.Bytes([]byte(password)) }

// Check reports whether hash is that of password. An empty hash takes as long and is false,
// so that the duration does not reveal who exists. A hash that is no argon2id hash within
// the limits is an error.
func (p *Passwords) Check(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	if !known {
		hash = p.dummyHash
	}
	h, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	if err := p.acquire(ctx); err != nil {
		return false, err
	}
	defer p.release()
	sum := argon2.IDKey(normalizePassword(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1 && known, nil
}

func (p *Passwords) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.semaphore <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Passwords) release() { <-p.semaphore }

// argonHash is a parsed PHC string.
type argonHash struct {
	memory, time uint32
	threads      uint8
	salt, sum    []byte
}

func formatPHC(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

var errNotPHC = errors.New("the stored password hash is not a valid argon2id hash: set a new password")

func parsePHC(s string) (h argonHash, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errNotPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, errNotPHC
	}
	if parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.time, h.threads) {
		return h, errNotPHC
	}
	if h.memory < 8 || h.memory > maxArgonMemory || h.time < 1 || h.time > maxArgonTime || h.threads < 1 || h.threads > maxArgonThreads {
		return h, errNotPHC
	}
	b64 := base64.RawStdEncoding.Strict()
	if h.salt, err = b64.DecodeString(parts[4]); err != nil || len(h.salt) < 8 {
		return h, errNotPHC
	}
	if h.sum, err = b64.DecodeString(parts[5]); err != nil || len(h.sum) < 16 || len(h.sum) > 64 {
		return h, errNotPHC
	}
	return h, nil
}
