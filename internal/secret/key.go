// Package secret keeps the installation's one key file and what is derived from
// it: sealers that encrypt page tokens, handles, cached answers and stored
// credentials, each under a key of its own.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyBytes is the length of the master key: 256 bits.
const keyBytes = 32

// ErrSealed is returned by Open for anything that this key, purpose and context
// did not seal, and for anything changed since.
var ErrSealed = errors.New("not sealed by us for this use")

// Key is the installation's master key. It is never used itself; see Sealer.
type Key struct{ master [keyBytes]byte }

// NewKey makes a random key, for programs that keep nothing (the demo, tests).
func NewKey() *Key {
	k := new(Key)
	rand.Read(k.master[:])
	return k
}

// Load reads the key from file, or makes the file (mode 0600) when it does not
// exist; created tells which. A file that others can read, or that does not hold
// a key, is refused: the error says what to do.
func Load(file string) (k *Key, created bool, err error) {
	k, err = read(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, false, err
	}
	k = NewKey()
	if err := write(file, k); err != nil {
		if errors.Is(err, fs.ErrExist) { // another process was first
			k, err = read(file)
			return k, false, err
		}
		return nil, false, cannotMake(file, err)
	}
	return k, true, nil
}

// cannotMake says in plain words why the file could not be made.
func cannotMake(file string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the directory of secret file %s does not exist: make it first, or name another place", file)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("secret file %s cannot be made: its directory cannot be written by this user", file)
	}
	return fmt.Errorf("make secret file %s: %w", file, err)
}

func read(file string) (*Key, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("secret file %s is a directory: name a file in it", file)
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return nil, fmt.Errorf("secret file %s can be read by others (mode %04o): run chmod 600 %[1]s", file, perm)
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("secret file %s cannot be read by this user: change its owner", file)
	}
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != keyBytes {
		return nil, fmt.Errorf("secret file %s does not hold a key (%d hexadecimal digits expected): restore it from a backup, or move it away to have a new one made", file, keyBytes*2)
	}
	k := new(Key)
	copy(k.master[:], raw)
	return k, nil
}

// write makes the file whole or not at all, and never over another one.
func write(file string, k *Key) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(k.master[:]) + "\n")
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Link(tmp.Name(), file)
}

// Sealer encrypts and authenticates short values for one purpose.
type Sealer struct{ aead cipher.AEAD }

// Sealer derives the sealer for a purpose. What one purpose sealed, another
// cannot open.
func (k *Key) Sealer(purpose string) *Sealer {
	key, err := hkdf.Key(sha256.New, k.master[:], nil, "clientele/"+purpose, 32)
	if err != nil {
		panic("secret: derive key: " + err.Error()) // only for impossible lengths
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("secret: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return &Sealer{aead}
}

// Seal encrypts plain and binds it to context: Open needs the same context. The
// result is URL-safe text of about 4/3 (len(plain) + 28) bytes.
func (s *Sealer) Seal(plain []byte, context string) string {
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(context)))
}

// Open is the reverse of Seal, or ErrSealed.
func (s *Sealer) Open(sealed, context string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || strings.ContainsAny(sealed, "\r\n") { // base64 skips line breaks
		return nil, ErrSealed
	}
	plain, err := s.aead.Open(nil, nil, raw, []byte(context))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
