package external

import "github.com/clientele-project/clientele/internal/lru"

// retain drops the entries of workers for whom keep is false. keep is called once for
// each and may query a database: no lock is held meanwhile.
func retain[K comparable, V any](c *lru.Cache[K, V], workerOf func(K) string, keep func(worker string) bool) {
	gone := make(map[string]bool)
	for _, key := range c.Keys() {
		worker := workerOf(key)
		if _, asked := gone[worker]; !asked {
			gone[worker] = !keep(worker)
		}
	}
	c.RemoveFunc(func(key K) bool { return gone[workerOf(key)] })
}
