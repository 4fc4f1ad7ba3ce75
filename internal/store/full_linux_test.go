package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// smallDisk mounts a file system of 2 MiB with an empty database, which it returns.
func smallDisk(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(mountDisk(t, "size=2m"), "test.db")
	sqlitetest.Put(t, file)
	return file
}

// mountDisk mounts a tmpfs with some options.
func mountDisk(t *testing.T, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("SKIPPED: mounting a small disk needs root")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill leaves no room on the disk until free.
func fill(t *testing.T, database string) (free func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(filepath.Dir(database), "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page := bytes.Repeat([]byte("x"), 4096)
	for err == nil {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(f.Name()); err != nil {
			t.Fatal(err)
		}
	}
}

// writeUntilFull writes until the room that the log has left is used up.
func writeUntilFull(t *testing.T, d *store.DB) {
	t.Helper()
	for i := range 1000 {
		if err := putOne(d, customer.Customer{ID: "1", Name: fmt.Sprint("Ann ", i)}); err != nil {
			if !errors.Is(err, storage.ErrFull) || !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, customer.ErrUnavailable) {
				t.Errorf("Put() on a full disk = %v, want ErrFull, ENOSPC and ErrUnavailable", err)
			}
			return
		}
	}
	t.Error("the disk never became full")
}

// checkWrites checks that every store writes.
func checkWrites(t *testing.T, d *store.DB) {
	t.Helper()
	for name, write := range writes(d) {
		if err := write(ctx); err != nil {
			t.Errorf("%s() = %v", name, err)
		}
	}
}

func TestDB_FullDiskEndsByItself(t *testing.T) {
	file := smallDisk(t)
	d := dbtest.Open(t, file, store.Options{})
	if err := putOne(d, customer.Customer{ID: "1", Name: "Ann"}); err != nil {
		t.Fatal(err)
	}
	free := fill(t, file)
	writeUntilFull(t, d)
	if err := d.Condition(); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Condition() = %v, want ErrFull", err)
	}
	if _, err := d.Customers().Get(ctx, "1"); err != nil {
		t.Errorf("Get() on a full disk = %v", err)
	}
	free()
	if err := d.Ping(ctx); err != nil {
		t.Errorf("Ping() with room again = %v", err)
	}
	if err := d.Condition(); err != nil {
		t.Errorf("Condition() with room again = %v", err)
	}
	checkWrites(t, d)
}

// A disk that has room, but not for one more file, is full too.
func TestOpen_SaysThatNoFileCanBeCreated(t *testing.T) {
	file := filepath.Join(mountDisk(t, "nr_inodes=2"), "test.db") // the directory and the file
	sqlitetest.Put(t, file)
	if _, err := store.Open(ctx, file, store.Options{}); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Open() without room for one more file = %v, want ErrFull", err)
	}
}

func TestDB_OpensOnAFullDisk(t *testing.T) {
	file := smallDisk(t)
	d, err := store.Open(ctx, file, store.Options{})
	if err == nil {
		err = errors.Join(putOne(d, customer.Customer{ID: "1", Name: "Ann"}), d.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	free := fill(t, file)
	for range 2 { // the first start may leave something that helps or harms the second
		if d, err = store.Open(ctx, file, store.Options{}); err != nil {
			t.Fatalf("Open() on a full disk = %v", err)
		}
		if err := d.Condition(); !errors.Is(err, storage.ErrFull) {
			t.Errorf("Condition() = %v, want ErrFull", err)
		}
		if c, err := d.Customers().Get(ctx, "1"); err != nil || c.Name != "Ann" {
			t.Errorf("Get() = %v, %v, want Ann", c, err)
		}
		checkRefused(t, d, storage.ErrFull)
		if err := d.Close(); err != nil {
			t.Errorf("Close() on a full disk = %v", err)
		}
	}
	d = dbtest.Open(t, file, store.Options{})
	free()
	if err := d.Ping(ctx); err != nil {
		t.Errorf("Ping() with room again = %v", err)
	}
	checkWrites(t, d)
}

func TestDB_OpensOnAReadOnlyFileSystem(t *testing.T) {
	file := smallDisk(t)
	d, err := store.Open(ctx, file, store.Options{})
	if err == nil {
		err = putOne(d, customer.Customer{ID: "1", Name: "Ann"})
	}
	if err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(filepath.Dir(file), "killed.db") // as it would be after a kill now
	for _, suffix := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(file + suffix)
		if err == nil {
			err = os.WriteFile(killed+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", filepath.Dir(file), "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for what, file := range map[string]string{"stopped": file, "killed": killed} {
		d := dbtest.Open(t, file, store.Options{})
		if c, err := d.Customers().Get(ctx, "1"); err != nil || c.Name != "Ann" {
			t.Errorf("Get() of a database that was %s = %v, %v, want Ann", what, c, err)
		}
		checkRefused(t, d, storage.ErrReadOnly)
	}
}
