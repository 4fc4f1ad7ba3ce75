// Package secret holds the installation's master key and what is derived from it: Sealers
// and HandleSealers, which encrypt page tokens, handles, cached responses and stored credentials,
// each with a key of its own. It also hashes passwords.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/clientele-project/clientele/internal/atomicfile"
)

// keyBytes is the length of the master key: 256 bits.
const keyBytes = 32

// ErrSealed is returned by Open for anything that this key, purpose and context did not
// seal, or that was changed.
var ErrSealed = errors.New("not sealed with this key, purpose and context")

// Key is the installation's master key. Only keys derived from it are used; see Sealer.
type Key struct{ master [keyBytes]byte }

// NewKey returns a random key, for programs that store nothing (the demo, tests).
func NewKey() *Key {
	k := new(Key)
	rand.Read(k.master[:])
	return k
}

// Load reads the key from file, or creates the file (mode 0600) when it does not exist;
// created reports which. It refuses a file that others can read or that holds no key: the
// error says what to do.
func Load(file string) (k *Key, created bool, err error) {
	k, err = readKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, false, err
	}
	k = NewKey()
	if err := writeKey(file, k); err != nil {
		if errors.Is(err, fs.ErrExist) { // another process was first
			k, err = readKey(file)
			return k, false, err
		}
		return nil, false, createError(file, err)
	}
	return k, true, nil
}

// createError says why the file could not be created.
func createError(file string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the directory of secret file %s does not exist: create it, or choose another path", file)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("secret file %s cannot be created: this user may not write to its directory", file)
	}
	return fmt.Errorf("create secret file %s: %w", file, err)
}

func readKey(file string) (*Key, error) {
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
		return nil, fmt.Errorf("secret file %s is not readable by this user: change its owner", file)
	}
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != keyBytes {
		return nil, fmt.Errorf("secret file %s does not hold a key (%d hexadecimal digits): restore it from a backup, or move it away to create a new one", file, keyBytes*2)
	}
	k := new(Key)
	copy(k.master[:], raw)
	return k, nil
}

// writeKey creates the file atomically and never replaces one.
func writeKey(file string, k *Key) error {
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
	if err := os.Link(tmp.Name(), file); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(file))
}

// Sealer encrypts and authenticates short values for one purpose.
type Sealer struct{ aead cipher.AEAD }

// Sealer returns the sealer of a purpose. Sealers of other purposes cannot open its values.
func (k *Key) Sealer(purpose string) *Sealer {
	block, err := aes.NewCipher(k.derive("clientele/" + purpose))
	if err != nil {
		panic("secret: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return &Sealer{aead}
}

// Seal encrypts plain and binds it to context, which Open requires. The result is URL-safe
// text of about 4/3 (len(plain) + 28) bytes.
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
