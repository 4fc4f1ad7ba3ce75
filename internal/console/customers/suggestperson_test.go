package customers

import (
	"testing"

	"github.com/clientele-project/clientele/internal/account"
)

func TestSuggestPerson(t *testing.T) {
	for _, c := range []struct {
		owner, want string
		people      []string
	}{
		{"Alice Adams", "Adams, Alice", []string{"alice@example.com", "Adams, Alice", "bob"}},
		{"ADAMS, alice", "alice.adams@example.com", []string{"alice@example.com", "alice.adams@example.com"}},
		{"Alice Adams", "aadams@example.com", []string{"alice@example.com", "aadams@example.com"}},
		{"Alice Adams", "adamsalice@example.com", []string{"adamsalice@example.com", "alan@example.com"}},
		{"Alice Adams", "alice@example.com", []string{"alice@example.com", "bob@example.com"}},
		{"alice.adams@old.example", "Alice Adams", []string{"Alice Adams", "bob"}},
		{"Łukasz Żółć", "lukasz.zolc@example.com", []string{"lukasz.zolc@example.com", "anna@example.com"}},
		{"山田太郎", "山田太郎", []string{"山田太郎", "bob"}},
		{"Alice Adams", "", []string{"alice@example.com", "alice@example.org"}},
		{"Alice Adams", "", []string{"bob@example.com", "al@example.com"}},
		{"Alice Adams", "", []string{"alicia.adamson@example.com", "...@example.com"}},
		{"?", "", []string{"bob", "!"}},
	} {
		var people []account.Person
		for _, identity := range c.people {
			people = append(people, account.Person{Identity: identity})
		}
		if got := suggestPerson(c.owner, people); got != c.want {
			t.Errorf("suggestPerson(%q, %q) = %q, want %q", c.owner, c.people, got, c.want)
		}
	}
}
