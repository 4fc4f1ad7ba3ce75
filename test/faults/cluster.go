package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clusterPart takes parts of packaging/ha away, one after the other, from one cluster.
func clusterPart() part {
	c := &cluster{}
	return part{"cluster", "The cluster of packaging/ha: 200 workers and 4 administrators, synchronous standby", []fault{
		{"nothing happens", false, c.fault((*cluster).nothing)},
		{"the machine of PostgreSQL's leader is gone (kill -9)", false, c.fault((*cluster).leaderGone)},
		{"PostgreSQL's leader is killed (kill -9), its Patroni runs on", false, c.fault((*cluster).leaderKilled)},
		{"the machine of PostgreSQL's leader hangs (SIGSTOP), and comes back", false, c.fault((*cluster).leaderHangs)},
		{"a Clientele is killed (kill -9)", false, c.fault((*cluster).clienteleKilled)},
		{"the leader of etcd is killed (kill -9)", false, c.fault((*cluster).etcdKilled)},
		{"the standby shows changes 10 s late", false, c.fault((*cluster).standbyLate)},
		{"the machine of the standby hangs (SIGSTOP)", false, c.fault((*cluster).standbyHangs)},
		{"both databases are gone: every path of Clientele", false, c.on(c.noneRuns)},
		{"both databases hang: every path of Clientele", false, c.on(c.allHang)},
		{"the cluster is stopped", false, c.stopped},
	}}
}

const (
	clusterNetwork = "127.42.1"
	clusterWorkers = 200
	// clusterCustomers is how many customers a worker has at first.
	clusterCustomers = 20
	// clusterStart is how long the cluster may take to come up, and to be whole again.
	clusterStart = 2 * time.Minute
)

// A cluster is what packaging/ha/cluster has brought up.
type cluster struct {
	*site
	dir    string
	script *process
}

// fault returns a fault which starts the cluster if it does not run yet.
func (c *cluster) fault(inject func(*cluster, *load) error) func(*lab, *row) error {
	return c.on(func(_ *lab, r *row) error {
		w := c.load(r)
		err := inject(c, w)
		w.end()
		return err
	})
}

// on returns a fault without load.
func (c *cluster) on(inject func(*lab, *row) error) func(*lab, *row) error {
	return func(l *lab, r *row) error {
		if _, err := exec.LookPath("patroni"); err != nil {
			r.skip("needs the Debian packages patroni, etcd-server, haproxy and pgbouncer")
			return nil
		}
		if c.site == nil {
			if err := c.start(l); err != nil {
				return err
			}
		}
		if took, ok := c.eventually(clusterStart, c.whole); !ok {
			return fmt.Errorf("the cluster is not whole after %s", seconds(took))
		}
		return inject(l, r)
	}
}

// start brings the cluster up, with workers and their customers. It outlives the lab.
func (c *cluster) start(l *lab) (err error) {
	if c.dir, err = os.MkdirTemp(l.options.dir, "clientele-cluster-"); err != nil {
		return err
	}
	if err := os.Chmod(c.dir, 0o755); err != nil { // the programs run as nobody
		return err
	}
	own := &lab{ctx: l.ctx, options: l.options, dir: c.dir}
	cmd := own.command("packaging/ha/cluster", filepath.Join(c.dir, "run"), clusterNetwork)
	cmd.Env = append(cmd.Env, "CLIENTELE="+l.binary, "TOKEN="+authToken, "VIA="+os.Getenv("VIA"))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if c.script, err = own.begin(cmd); err != nil {
		return err
	}
	database := ""
	_, up := own.eventually(clusterStart, func() bool {
		_, rest, ok := strings.Cut(c.script.log.String(), "Database ")
		database, _, _ = strings.Cut(rest, "\n")
		return ok || c.script.hasEnded()
	})
	if !up || database == "" {
		return errors.Join(fmt.Errorf("the cluster does not come up: %s", c.script.log.tail()), c.stop())
	}
	var workers []string
	for n := range clusterWorkers {
		workers = append(workers, workerName(n))
	}
	if c.site, err = own.newSiteOn(database, workers...); err != nil {
		return err
	}
	c.server = &process{url: opened.FindStringSubmatch(c.script.log.String())[1]}
	file := own.file("customers.csv")
	text := "customer_id,display_name,worker\n"
	for n, worker := range workers {
		for i := range clusterCustomers {
			text += fmt.Sprintf("w%03d-%02d,%s number %02d,%s\n", n, i, token(n), i, worker)
		}
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	_, err = own.clientele("", "import", "--database", database, file)
	return err
}

// stop takes the cluster down.
func (c *cluster) stop() error {
	err := c.script.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.script.ended:
	case <-time.After(clusterStart):
		c.script.kill()
		err = errors.New("the cluster does not stop")
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

// stopped takes the cluster down, and checks that nothing of it runs on.
func (c *cluster) stopped(_ *lab, r *row) error {
	if c.script == nil {
		r.skip("it was not started")
		return nil
	}
	r.tried = 1
	err := c.stop()
	for _, machine := range []string{"db1", "db2"} {
		conn, err := net.Dial("tcp", address(machine)+":5432")
		r.check(err != nil, "PostgreSQL of %s runs on", machine)
		if err == nil {
			conn.Close()
		}
	}
	return err
}

// address returns the address of a machine, such as db1 or app2.
func address(machine string) string {
	tens := map[string]string{"db": "1", "et": "1", "ap": "2"}
	return clusterNetwork + "." + tens[machine[:2]] + machine[len(machine)-1:]
}

// status returns the status of a URL of the cluster's own, 0 without a response.
func (c *cluster) status(url string) int {
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// leader returns the machine of the leading database, and the other one.
func (c *cluster) leader() (leader, standby string) {
	if c.status("http://"+address("db1")+":8008/leader") == http.StatusOK {
		return "db1", "db2"
	}
	return "db2", "db1"
}

// whole reports whether both databases, with a synchronous standby, and both Clientele work.
func (c *cluster) whole() bool {
	leader, standby := c.leader()
	ok := true
	for _, url := range []string{address(leader) + ":8008/leader", address(standby) + ":8008/sync", address("app1") + ":8080/readyz", address("app2") + ":8080/readyz"} {
		ok = ok && c.status("http://"+url) == http.StatusOK
	}
	return ok
}

// etcdLeader returns the etcd that leads.
func (c *cluster) etcdLeader() (string, error) {
	for _, name := range []string{"etcd1", "etcd2", "etcd3"} {
		resp, err := client.Post("http://"+address(name)+":2379/v3/maintenance/status", "application/json", strings.NewReader("{}"))
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		var status struct {
			Leader string
			Header struct {
				Member string `json:"member_id"`
			}
		}
		if json.Unmarshal(text, &status) == nil && status.Leader != "" && status.Leader == status.Header.Member {
			return name, nil
		}
	}
	return "", errors.New("no etcd leads")
}

// number reads a process id from the first line of a file in the directory.
func (c *cluster) number(file string) (int, error) {
	text, err := os.ReadFile(filepath.Join(c.dir, "run", file))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(line)
}

// signal sends a signal to a program, whose process id is in a file, and to its children.
func (c *cluster) signal(file string, s syscall.Signal) error {
	pid, err := c.number(file)
	if err != nil {
		return err
	}
	return signalWithChildren(pid, s)
}

// signalWithChildren sends a signal to a process and its children.
func signalWithChildren(pid int, s syscall.Signal) error {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return err
	}
	err = syscall.Kill(pid, s)
	for _, child := range strings.Fields(string(children)) {
		if pid, cerr := strconv.Atoi(child); cerr == nil {
			_ = syscall.Kill(pid, s) // it may have ended
		}
	}
	return err
}

// signalDatabase sends a signal to PostgreSQL and Patroni of a machine.
func (c *cluster) signalDatabase(machine string, s syscall.Signal) error {
	return errors.Join(c.signal(machine+".pid", s), c.signal(machine+"/clientele/postmaster.pid", s))
}

// down keeps a killed program from being started again, until up.
func (c *cluster) down(name string) error {
	return os.WriteFile(filepath.Join(c.dir, "run", name+".down"), nil, 0o600)
}

func (c *cluster) up(name string) error {
	return os.Remove(filepath.Join(c.dir, "run", name+".down"))
}

// psql runs a statement on a database.
func (c *cluster) psql(machine, sql string) error {
	cmd := c.command("psql", "-XAtq", "-h", address(machine), "-U", "postgres", "-c", sql)
	cmd.Env = append(cmd.Env, "PGPASSWORD=superuser-for-tests")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w: %s", err, out)
	}
	return nil
}
