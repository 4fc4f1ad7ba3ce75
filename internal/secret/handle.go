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

// Handles encrypts and authenticates short values for one purpose, always in the
// same way: the same value in the same context has the same handle for as long as
// the key lives. So a handle in a URL lets a browser keep what it got there, which
// one of a Sealer does not.
//
// What that gives away: whoever sees two handles of one context can tell whether
// they stand for the same value, and how long each value is. They learn nothing
// else, and cannot compare handles of different contexts. Where even that is too
// much, use a Sealer.
type Handles struct {
	aead cipher.AEAD
	// nonces is the key that nonces are made with.
	nonces []byte
}

// Handles derives the handles for a purpose. What one purpose made, another cannot
// open, nor can a Sealer of whatever purpose.
func (k *Key) Handles(purpose string) *Handles {
	block, err := aes.NewCipher(k.derive("clientele handles/cipher/" + purpose))
	if err != nil {
		panic("secret: " + err.Error()) // only for impossible lengths
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return &Handles{aead: aead, nonces: k.derive("clientele handles/nonce/" + purpose)}
}

// derive makes a key of 256 bits for one use.
func (k *Key) derive(use string) []byte {
	key, err := hkdf.Key(sha256.New, k.master[:], nil, use, 32)
	if err != nil {
		panic("secret: derive key: " + err.Error()) // only for impossible lengths
	}
	return key
}

// Seal makes the handle of plain in a context; Open needs the same one. It is
// URL-safe text of about 4/3 (len(plain) + 28) bytes.
func (h *Handles) Seal(plain []byte, context string) string {
	nonce := h.nonce(plain, context)
	out := make([]byte, len(nonce), len(nonce)+len(plain)+h.aead.Overhead())
	copy(out, nonce)
	return base64.RawURLEncoding.EncodeToString(h.aead.Seal(out, nonce, plain, []byte(context)))
}

// nonce is a digest of what is sealed: AES-GCM must never see one nonce with two
// values, and two values with one digest are not to be found.
func (h *Handles) nonce(plain []byte, context string) []byte {
	mac := hmac.New(sha256.New, h.nonces)
	var n [8]byte // so that no two pairs read the same one after the other
	binary.BigEndian.PutUint64(n[:], uint64(len(context)))
	mac.Write(n[:])
	mac.Write([]byte(context))
	mac.Write(plain)
	return mac.Sum(nil)[:h.aead.NonceSize()]
}

// Open is the reverse of Seal, or ErrSealed.
func (h *Handles) Open(handle, context string) ([]byte, error) {
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
