package importer

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/store"
)

// benchmarkCSV returns a CSV of some rows.
func benchmarkCSV(b *testing.B, rows int) *bytes.Buffer {
	var csv bytes.Buffer
	csv.WriteString("Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Company name,Notes\r\n")
	for i := range rows {
		fmt.Fprintf(&csv, "%d,Łukasz,Santos %d,c%d@example.org,(555) %03d-%04d,worker%d@example.com,Umbrella,\"Two dogs; gate \"\"code\"\"\r\nat reception\"\r\n",
			i, i%977, i, 200+i%700, i%10000, i%1000)
	}
	b.SetBytes(int64(csv.Len() / rows))
	b.ReportAllocs()
	b.ResetTimer()
	return &csv
}

// BenchmarkRead measures a row until it is ready to be written: ns/op is one row.
func BenchmarkRead(b *testing.B) {
	file, err := Open(b.Context(), benchmarkCSV(b, b.N), Options{Region: "US"})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for rows := file.first; len(rows) > 0; rows = readRows(file.source) {
		for _, row := range rows {
			if r := file.mapper.convert(row); r.reject == "" {
				n++
			}
		}
	}
	if n != b.N {
		b.Fatalf("%d of %d rows were read", n, b.N)
	}
}

// BenchmarkImport measures a row into a real store: ns/op is one row.
func BenchmarkImport(b *testing.B) {
	db, err := store.Open(context.Background(), filepath.Join(b.TempDir(), "bench.db"), store.Options{Bulk: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	report, err := Run(context.Background(), benchmarkCSV(b, b.N), db.Customers(), Options{Region: "US"})
	if err != nil {
		b.Fatal(err)
	}
	if report.Created != b.N {
		b.Fatalf("%d of %d rows were created: %v", report.Created, b.N, report.Problems)
	}
}
