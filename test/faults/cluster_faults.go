package main

import (
	"syscall"
	"time"
)

const (
	// before is the time of load until a fault, after the time that follows what is awaited.
	before = 5 * time.Second
	after  = 10 * time.Second
	// goneFor is the longest time without a leader that is waited for.
	goneFor = time.Minute
)

func (c *cluster) nothing(*load) error {
	c.sleep(before + after)
	return nil
}

// otherLeads waits until another machine than this leads the databases.
func (c *cluster) otherLeads(w *load, machine string) {
	took, ok := c.eventually(goneFor, func() bool {
		_, other := c.leader()
		return other == machine && c.status("http://"+address(other)+":8008/leader") != 200 && c.ready().status == 200
	})
	w.row.check(ok, "%s still leads after %s", machine, seconds(took))
}

func (c *cluster) leaderGone(w *load) error {
	c.sleep(before)
	leader, _ := c.leader()
	if err := c.down(leader); err != nil {
		return err
	}
	if err := c.signalDatabase(leader, syscall.SIGKILL); err != nil {
		return err
	}
	c.otherLeads(w, leader)
	c.sleep(after)
	return c.up(leader)
}

func (c *cluster) leaderKilled(*load) error {
	c.sleep(before)
	leader, _ := c.leader()
	if err := c.signal(leader+"/clientele/postmaster.pid", syscall.SIGKILL); err != nil {
		return err
	}
	c.sleep(time.Second)
	c.eventually(goneFor, func() bool { return c.ready().status == 200 })
	c.sleep(after)
	return nil
}

func (c *cluster) leaderHangs(w *load) error {
	c.sleep(before)
	leader, _ := c.leader()
	if err := c.signalDatabase(leader, syscall.SIGSTOP); err != nil {
		return err
	}
	c.otherLeads(w, leader)
	c.sleep(after / 2)
	if err := c.signalDatabase(leader, syscall.SIGCONT); err != nil {
		return err
	}
	c.sleep(after)
	return nil
}

func (c *cluster) clienteleKilled(w *load) error {
	w.mayCut = true
	for range 3 {
		c.sleep(before)
		if err := c.signal("app1.pid", syscall.SIGKILL); err != nil {
			return err
		}
	}
	c.sleep(after)
	return nil
}

func (c *cluster) etcdKilled(*load) error {
	c.sleep(before)
	leader, err := c.etcdLeader()
	if err != nil {
		return err
	}
	if err := c.down(leader); err != nil {
		return err
	}
	if err := c.signal(leader+".pid", syscall.SIGKILL); err != nil {
		return err
	}
	c.sleep(3 * after)
	return c.up(leader)
}

func (c *cluster) standbyLate(*load) error {
	_, standby := c.leader()
	if err := c.psql(standby, "ALTER SYSTEM SET recovery_min_apply_delay = '10s'"); err != nil {
		return err
	}
	if err := c.psql(standby, "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	c.sleep(3 * after)
	if err := c.psql(standby, "ALTER SYSTEM RESET recovery_min_apply_delay"); err != nil {
		return err
	}
	return c.psql(standby, "SELECT pg_reload_conf()")
}

func (c *cluster) standbyHangs(*load) error {
	c.sleep(before)
	_, standby := c.leader()
	if err := c.signalDatabase(standby, syscall.SIGSTOP); err != nil {
		return err
	}
	c.sleep(3 * after)
	return c.signalDatabase(standby, syscall.SIGCONT)
}
