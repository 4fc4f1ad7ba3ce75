package importer_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/clientele-project/clientele/internal/importer"
)

// BenchmarkImport measures rows of a CSV with a real store: ns/op is one row.
func BenchmarkImport(b *testing.B) {
	var csv bytes.Buffer
	csv.WriteString("Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Company name,Notes\r\n")
	for i := range b.N {
		fmt.Fprintf(&csv, "%d,Łukasz,Santos %d,c%d@example.org,(555) %03d-%04d,worker%d@example.com,Umbrella,\"Two dogs; gate \"\"code\"\"\r\nat reception\"\r\n",
			i, i%977, i, 200+i%700, i%10000, i%1000)
	}
	store := newStore(b)
	b.SetBytes(int64(csv.Len() / b.N))
	b.ResetTimer()
	report, err := importer.Run(context.Background(), &csv, store, importer.Options{Region: "US"})
	if err != nil {
		b.Fatal(err)
	}
	if report.Created != b.N {
		b.Fatalf("%d of %d rows were created: %v", report.Created, b.N, report.Problems)
	}
}
