// Command scaling computes how very many customers of very many workers would lie on the shards
// of a distributed PostgreSQL: docs/scaling.md has its output. Owners are spread over shards by
// a hash of their ids. What a list takes in the search index is measured on sample customers, with
// the program's own index; the rest is arithmetic.
package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
	"slices"
)

func main() {
	workers := flag.Int("workers", 1_000_000, "`number` of workers")
	customers := flag.Int("customers", 100_000_000, "`number` of customers, each of one worker")
	shards := flag.Int("shards", 32, "`number` of shards")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *workers, *customers, *shards); err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, workers, customers, shards int) error {
	fmt.Fprintf(out, "%d customers of %d workers on %d shards.\n\n", customers, workers, shards)
	fmt.Fprintf(out, "| sizes of lists fall with rank as | median list | largest list | smallest shard | largest shard | largest to mean |\n|---|---:|---:|---:|---:|---:|\n")
	for _, exponent := range []float64{0, 0.5, usualExponent, 0.9, 1} {
		lists := zipf(workers, customers, exponent)
		rows := spread(lists, shards)
		largest := slices.Max(rows)
		fmt.Fprintf(out, "| rank^-%.1f | %d | %d | %d | %d | %.2f |\n", exponent, lists[workers/2], lists[0], slices.Min(rows), largest,
			float64(largest)*float64(shards)/float64(customers))
	}
	var classes []class
	fmt.Fprintf(out, "\nThe search index of one list, made of sample customers; bytes for each customer:\n\n")
	fmt.Fprintf(out, "| list | sort key | journal, before merging | blocks | signatures | rows: journal, blocks, signatures |\n|---:|---:|---:|---:|---:|---|\n")
	for _, n := range []int{10, 50, 100, 1000, 10_000, 100_000} {
		c, err := measure(ctx, n)
		if err != nil {
			return err
		}
		classes = append(classes, c)
		fmt.Fprintf(out, "| %d | %.0f | %.0f | %.0f | %.0f | %d, %d, %d |\n", n, c.each(c.key), c.each(c.journal), c.each(c.docs), c.each(c.signs), c.runs, c.blocks, c.signatures)
	}
	workersIndex := scale(classes, zipf(workers, customers, usualExponent))
	consoleIndex := scale(classes, []int{customers})
	fmt.Fprintf(out, "\nEach list of rank^-%.1f times the row nearest to its length; the console searches one list of everyone:\n\n", usualExponent)
	fmt.Fprintf(out, "| | workers | a shard of workers | everyone |\n|---|---:|---:|---:|\n")
	for _, line := range []struct {
		what              string
		workers, everyone float64
	}{
		{"blocks, GiB", workersIndex.docs / gib, consoleIndex.docs / gib},
		{"signatures, GiB", workersIndex.signs / gib, consoleIndex.signs / gib},
		{"rows of blocks, millions", workersIndex.blocks / 1e6, consoleIndex.blocks / 1e6},
	} {
		fmt.Fprintf(out, "| %s | %.2f | %.3f | %.2f |\n", line.what, line.workers, line.workers/float64(shards), line.everyone)
	}
	return nil
}

const gib = 1 << 30

// A total is the index of many lists.
type total struct{ docs, signs, blocks float64 }

// scale adds up lists, each with the class nearest to its length.
func scale(classes []class, lists []int) (sum total) {
	for _, n := range lists {
		c := nearest(classes, n)
		sum.docs += c.each(c.docs) * float64(n)
		sum.signs += c.each(c.signs) * float64(n)
		sum.blocks += max(1, c.each(c.blocks)*float64(n))
	}
	return sum
}

// usualExponent makes the largest list of a million about as long as the longest that
// searches are fast in.
const usualExponent = 0.7

// zipf returns the lengths of lists, longest first: that of rank r is in proportion to
// r^-exponent, and they add up to about the number of customers.
func zipf(workers, customers int, exponent float64) []int {
	total := 0.0
	for rank := 1; rank <= workers; rank++ {
		total += math.Pow(float64(rank), -exponent)
	}
	lists := make([]int, workers)
	for i := range lists {
		lists[i] = int(math.Round(float64(customers) * math.Pow(float64(i+1), -exponent) / total))
	}
	return lists
}

// spread returns the customers on each shard, which a hash of the owner's id chooses.
func spread(lists []int, shards int) []int {
	rows := make([]int, shards)
	for owner, n := range lists {
		h := fnv.New64a()
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(owner)))
		rows[mix(h.Sum64())%uint64(shards)] += n
	}
	return rows
}

// mix spreads the bits of a hash.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}

// nearest returns the class whose lists are nearest in length, by ratio.
func nearest(classes []class, n int) class {
	distance := func(c class) float64 { return math.Abs(math.Log(float64(c.list) / float64(max(n, 1)))) }
	return slices.MinFunc(classes, func(a, b class) int { return cmp.Compare(distance(a), distance(b)) })
}
