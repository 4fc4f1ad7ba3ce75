package external

import "context"

// Retain drops from memory what is held of workers that are no longer people. keep
// is asked with text.IdentityKey of each.
func (g *lastGood) Retain(keep func(workerKey string) bool) {
	retain(g.details.memory, func(k detailKey) string { return k.worker }, keep)
	retain(g.details.indexes, func(worker string) string { return worker }, keep)
}

// forget drops the details that a worker (by text.IdentityKey) viewed, here and in
// the BlobStore; what is on its way is not kept any more.
func (d *keptDetails) forget(ctx context.Context, worker string) error {
	d.life.Lock()
	defer d.life.Unlock()
	d.mu.Lock()
	for key, f := range d.flights {
		if key.worker == worker {
			f.forgotten = true
			delete(d.flights, key)
		}
	}
	d.mu.Unlock()
	d.memory.RemoveFunc(func(k detailKey) bool { return k.worker == worker })
	names := d.names(ctx, worker)
	d.indexes.Remove(worker)
	if d.opts.Blobs == nil || len(names) == 0 {
		return nil
	}
	for _, name := range append(names, detailIndex) {
		if err := d.opts.Blobs.DeleteBlob(ctx, d.opts.Service, worker, name); err != nil {
			return err
		}
	}
	return nil
}

// close gives up what is under way, and waits until it has ended, or ctx has.
func (d *keptDetails) close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.stop()
	return waitFor(ctx, &d.running)
}
