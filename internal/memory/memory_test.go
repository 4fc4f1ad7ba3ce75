package memory

import (
	"math"
	"testing"
	"testing/fstest"
)

func TestGroupLimit(t *testing.T) {
	const mib = 1 << 20
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text + "\n")} }
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"no control groups": {fstest.MapFS{}, math.MaxInt64},
		"a service of systemd": {fstest.MapFS{
			"proc/self/cgroup": file("0::/system.slice/clientele.service"),
			"sys/fs/cgroup/system.slice/clientele.service/memory.max":  file("134217728"),
			"sys/fs/cgroup/system.slice/clientele.service/memory.high": file("max"),
			"sys/fs/cgroup/system.slice/memory.max":                    file("max"),
		}, 128 * mib},
		"it is throttled before it is killed": {fstest.MapFS{
			"proc/self/cgroup":           file("0::/a"),
			"sys/fs/cgroup/a/memory.max": file("134217728"), "sys/fs/cgroup/a/memory.high": file("100663296"),
		}, 96 * mib},
		"a group around it has less": {fstest.MapFS{
			"proc/self/cgroup":             file("0::/a/b"),
			"sys/fs/cgroup/a/memory.max":   file("67108864"),
			"sys/fs/cgroup/a/b/memory.max": file("134217728"),
		}, 64 * mib},
		"a container": {fstest.MapFS{
			"proc/self/cgroup":         file("0::/"),
			"sys/fs/cgroup/memory.max": file("134217728"),
		}, 128 * mib},
		"a container that knows its path on the host": {fstest.MapFS{
			"proc/self/cgroup":                           file("5:cpu:/docker/c1\n4:memory:/docker/c1\n0::/docker/c1"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("134217728"),
		}, 128 * mib},
		"version 1": {fstest.MapFS{
			"proc/self/cgroup":                             file("4:memory:/a"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   file("9223372036854771712"),
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": file("134217728"),
		}, 128 * mib},
		"version 1 without a limit": {fstest.MapFS{
			"proc/self/cgroup":                           file("4:memory:/"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712"),
		}, math.MaxInt64},
		"files that make no sense": {fstest.MapFS{
			"proc/self/cgroup": file("0\n::\n0::/../../etc"),
			"etc/memory.max":   file("1"), "sys/fs/cgroup/memory.max": file("-5"),
		}, math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			if got := groupLimit(c.files); got != c.want {
				t.Errorf("groupLimit() = %d, want %d", got, c.want)
			}
		})
	}
}

func TestBudget_Scale(t *testing.T) {
	for budget, want := range map[Budget]int{
		{}: 1 << 30, {64 << 20, 512 << 20}: 1 << 27, {256 << 20, 512 << 20}: 1 << 29, {512 << 20, 512 << 20}: 1 << 30, {1 << 40, 512 << 20}: 1 << 30,
	} {
		if got := budget.Scale(1 << 30); got != want {
			t.Errorf("%v.Scale(1 GiB) = %d, want %d", budget, got, want)
		}
	}
}
