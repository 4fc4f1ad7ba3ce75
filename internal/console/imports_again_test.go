package console_test

import (
	"net/http"
	"testing"
)

func TestAnImportThatFailedIsTriedAgainOrGivenUp(t *testing.T) {
	s := newShop(t, nil)
	const one = "/console/customers/import/one"
	var failed []string
	s.full.Store(true)
	for range 2 {
		href, _ := s.bring("root", "crm.csv", "id,name\n1,Ada\n")
		for _, do := range []string{"choose", "run"} {
			s.post("root", one, "id", idOf(href), "do", do, "worker", "alice").must(t, http.StatusSeeOther, nil)
			s.settled("root", href)
		}
		s.get("root", href).must(t, http.StatusOK, []string{"disk is full", `name="worker" value="alice"`, `value="run"`, `value="cancel"`, `value="choose"`})
		failed = append(failed, href)
	}
	s.full.Store(false)
	s.post("root", one, "id", idOf(failed[0]), "do", "run", "worker", "alice").must(t, http.StatusSeeOther, nil)
	s.settled("root", failed[0]).must(t, http.StatusOK, []string{"Imported"}, `value="run"`)
	if c, ok := s.keptCustomer("1"); !ok || c.Name != "Ada" {
		t.Errorf("after trying again there is %+v", c)
	}
	s.post("root", one, "id", idOf(failed[1]), "do", "cancel").must(t, http.StatusSeeOther, nil)
	s.get("root", failed[1]).must(t, http.StatusOK, []string{"Canceled"}, `value="cancel"`, `value="run"`)
}
