package cell

import "testing"

func TestIsSavedAs(t *testing.T) {
	for _, c := range []struct {
		id, saved string
		want      bool
	}{
		{"0042", "42", true}, {"1.50", "1.5", true}, {"1.50", "1,5", true}, {"7E5", "700000", true}, {"7E5", "7.00E+05", true},
		{"987654321098", "9.87654E+11", true}, {"987654321098", "9,87654E+11", true}, {"12345678901234567", "12345678901234500", true},
		{"3/4", "04.Mrz", true}, {"3-4", "03-Apr", true}, {"MAR12", "12-Mar", true}, {"2024-5-6", "06.05.2024", true}, {"true", "TRUE", true},
		{"0042", "43", false}, {"42", "042", false}, {"K-0042", "42", false}, {"3-4", "05-Apr", false}, {"987654321098", "987654321099", false},
		{"987654321098", "9.87655E+11", false}, {"00123", "", false},
	} {
		if got := IsSavedAs(c.id, c.saved); got != c.want {
			t.Errorf("IsSavedAs(%q, %q) = %v, want %v", c.id, c.saved, got, c.want)
		}
	}
}
