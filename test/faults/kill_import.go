package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// importedRows is how many customers an import has that is killed.
const importedRows = 8_000

// killImports kills imports of one stage at random moments. Each is run again to its end,
// and the customers are compared with those of an import that no one disturbed.
func killImports(stage string) func(*lab, *row) error {
	return func(l *lab, r *row) error {
		before, err := l.newSite(l.dir)
		if err != nil {
			return err
		}
		rows, args := importedRows, []string(nil)
		switch stage {
		case "changed":
			err = before.fill(importedRows)
		case "pruned": // a seventh is deleted, others are changed
			rows, args = importedRows*6/7, []string{"--prune"}
			err = before.fill(importedRows)
		}
		if err != nil {
			return err
		}
		file, err := l.writeSample("import.csv", rows, 2)
		if err != nil {
			return err
		}
		args = append(args, file)
		undisturbed, took, want, err := before.importCopy("undisturbed", args)
		if err != nil {
			return err
		}
		undisturbed.verify(r)
		r.unit, r.held = "kills", fmt.Sprintf("%s rows; export identical to that of an undisturbed import", thousands(rows))
		for part := range l.kills {
			s, err := before.copyTo(l.file(fmt.Sprint("killed", part)))
			if err != nil {
				return err
			}
			p, err := l.begin(l.command(l.binary, s.importArgs(args)...))
			if err != nil {
				return err
			}
			moment := time.Duration(float64(took) * (float64(part) + rand.Float64()) / float64(l.kills)) // one in each such part of its time
			if killLater(p, moment) {
				r.tried++
			}
			s.verify(r)
			got, err := s.importAndExport(args)
			if err != nil {
				return err
			}
			r.check(got == want, "killed after %s of %s and run again, the export differs", seconds(moment), seconds(took))
			s.verify(r)
		}
		r.check(r.tried > 0, "every import had ended before it was killed")
		return nil
	}
}

func (s *site) importArgs(args []string) []string {
	return append([]string{"import", "--database", s.database}, args...)
}

// importAndExport imports a file and returns the export.
func (s *site) importAndExport(args []string) (string, error) {
	if _, err := s.clientele("", s.importArgs(args)...); err != nil {
		return "", err
	}
	return s.clientele("", "export", "--database", s.database)
}

// importCopy imports a file into a copy of the database, and returns how long that took and
// the export.
func (s *site) importCopy(dir string, args []string) (to *site, took time.Duration, export string, err error) {
	if to, err = s.copyTo(s.file(dir)); err != nil {
		return nil, 0, "", err
	}
	begun := time.Now()
	if _, err = to.clientele("", to.importArgs(args)...); err != nil {
		return nil, 0, "", err
	}
	took = time.Since(begun)
	export, err = to.clientele("", "export", "--database", to.database)
	return to, took, export, err
}

// killCompactions kills imports in their last moments, when they build the search index,
// and the server that goes on with it.
func killCompactions(l *lab, r *row) error {
	const rows = 20_000
	empty, err := l.newSite(l.dir)
	if err != nil {
		return err
	}
	file, err := l.writeSample("import.csv", rows, 2)
	if err != nil {
		return err
	}
	_, took, want, err := empty.importCopy("undisturbed", []string{file})
	if err != nil {
		return err
	}
	for i, part := range []time.Duration{70, 82, 94} {
		s, err := empty.copyTo(l.file(fmt.Sprint("killed", i)))
		if err != nil {
			return err
		}
		p, err := l.begin(l.command(l.binary, s.importArgs([]string{file})...))
		if err != nil {
			return err
		}
		if killLater(p, took*part/100) {
			r.tried++
		}
		s.verify(r) // searches find what lists have, index or not
		if err := s.serve(); err != nil {
			return err
		}
		killLater(s.server, 150*time.Millisecond)
		r.tried++
		s.verify(r)
		got, err := s.importAndExport([]string{file})
		if err != nil {
			return err
		}
		r.check(got == want, "killed after %d %% and run again, the export differs", part)
		s.verify(r)
	}
	r.unit, r.held = "kills", fmt.Sprintf("%s rows; searches equal lists after each kill", thousands(rows))
	return nil
}
