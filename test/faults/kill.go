package main

import "time"

// killPart kills the program with SIGKILL while it writes.
func killPart() part {
	return part{"kill", "The program is killed (kill -9)", []fault{
		{"an import on the command line, of new customers; run again", false, killImports("new")},
		{"the same, of changes", false, killImports("changed")},
		{"the same, with `--prune`", false, killImports("pruned")},
		{"building the search index after an import; then `serve`, killed too", false, killCompactions},
		{"edits in the console, by 4 at a time", false, killEdits},
		{"deletions of 10 in the console, by 4 at a time; audit compared", false, killDeletions},
		{"an import in the console; run again", false, killConsoleImport},
		{"a reassignment; run again", false, killReassignment},
	}}
}

// killPostgresPart does the same over databases on PostgreSQL, and kills that too.
func killPostgresPart() part {
	p := part{"kill-postgres", "On PostgreSQL, the program or the server is killed (kill -9)", killPart().faults}
	p.faults = append(p.faults, fault{"all processes of PostgreSQL, which then starts again, during edits by 4 at a time; `serve` runs on", false, killPostgres})
	for i := range p.faults {
		p.faults[i].inject = onPostgres(p.faults[i].inject)
	}
	return p
}

// killLater kills a process after a while, and reports whether it was still running.
func killLater(p *process, after time.Duration) bool {
	select {
	case <-p.ended:
	case <-time.After(after):
	}
	p.kill()
	return p.cmd.ProcessState.ExitCode() == -1 // ended by a signal
}
