package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// HandleSealer encrypts and authenticates short values for one purpose, deterministically: a
// value has the same handle in the same context for the lifetime of the key. So browsers
// can cache what a handle in a URL refers to, unlike with a Sealer.
//
// Handles of one context reveal whether they stand for the same value, and the length of
// each value, and nothing else. Handles of different contexts cannot be compared. Where
// that is too much, use a Sealer.
type HandleSealer struct {
	aead cipher.AEAD
	// nonceKey is the key for nonces.
	nonceKey []byte
}

// HandleSealer returns the HandleSealer of a purpose. Neither those of other purposes nor
// Sealers can open its handles.
func (k *Key) HandleSealer(purpose string) *HandleSealer {
	block, err := aes.NewCipher(k.derive("clientele handles/cipher/" + purpose))
	if err != nil {
		panic("secret: " + err.Error()) // only for impossible lengths
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return &HandleSealer{aead: aead, nonceKey: k.derive("clientele handles/nonce/" + purpose)}
}

// derive returns a key of 256 bits for a use.
func (k *Key) derive(use string) []byte {
	key, err := hkdf.Key(sha256.New, k.master[:], nil, use, 32)
	if err != nil {
		panic("secret: derive key: " + err.Error()) // only for impossible lengths
	}
	return key
}

// Seal returns the handle of plain in a context, which Open requires. It is URL-safe text
// of about 4/3 (len(plain) + 28) bytes.
func (h *HandleSealer) Seal(plain []byte, context string) string {
	nonce := h.nonce(plain, context)
	out := make([]byte, len(nonce), len(nonce)+len(plain)+h.aead.Overhead())
	copy(out, nonce)
	return base64.RawURLEncoding.EncodeToString(h.aead.Seal(out, nonce, plain, []byte(context)))
}

// nonce returns a digest of context and plain: AES-GCM must never use a nonce for two
// values.
func (h *HandleSealer) nonce(plain []byte, context string) []byte {
	mac := hmac.New(sha256.New, h.nonceKey)
	var n [8]byte // separates context and plain
	binary.BigEndian.PutUint64(n[:], uint64(len(context)))
	mac.Write(n[:])
	mac.Write([]byte(context))
	mac.Write(plain)
	return mac.Sum(nil)[:h.aead.NonceSize()]
}

// Open is the reverse of Seal, or ErrSealed.
func (h *HandleSealer) Open(handle, context string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(handle)
	if err != nil || strings.ContainsAny(handle, "\r\n") { // base64 skips line breaks
		return nil, ErrSealed
	}
	size := h.aead.NonceSize()
	if len(raw) < size {
		return nil, ErrSealed
	}
	plain, err := h.aead.Open(nil, raw[:size], raw[size:], []byte(context))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
