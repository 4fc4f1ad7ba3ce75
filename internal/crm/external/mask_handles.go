package external

import "sync"

// rememberedHandles is how many handles of customers are remembered, twice at most:
// some 4 MiB. The rows of a list are the same again and again, and remembering takes
// a tenth of the time that sealing does.
const rememberedHandles = 8192

// handleOf is whose handle of which id.
type handleOf struct{ worker, id string }

// knownHandles remembers the handles that were made last.
type knownHandles struct {
	mu          sync.Mutex
	new, before map[handleOf]string
}

func (k *knownHandles) get(of handleOf) (handle string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if handle, ok = k.new[of]; ok {
		return handle, true
	}
	if handle, ok = k.before[of]; ok {
		k.keep(of, handle)
	}
	return handle, ok
}

func (k *knownHandles) put(of handleOf, handle string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keep(of, handle)
}

// keep is called with mu held. Those that nobody asked for since the half before go.
func (k *knownHandles) keep(of handleOf, handle string) {
	if len(k.new) >= rememberedHandles || k.new == nil {
		k.new, k.before = make(map[handleOf]string), k.new
	}
	k.new[of] = handle
}
