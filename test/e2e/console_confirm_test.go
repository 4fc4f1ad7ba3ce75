package e2e

import (
	"os"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
)

// addUnconfirmed adds an administrator with a password and a session that is to be
// confirmed, and returns its cookie.
func (in installation) addUnconfirmed(t *testing.T, identity string) string {
	t.Helper()
	db, err := store.Open(t.Context(), in.database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	defer people.Wait()
	if err := people.AddPerson(t.Context(), identity, account.RoleAdmin, password); err != nil {
		t.Fatal(err)
	}
	cookie, session, err := people.SignInAs(t.Context(), identity, "e2e")
	if err == nil {
		err = db.Accounts().ConfirmSession(t.Context(), session.ID, time.UnixMilli(1))
	}
	if err != nil {
		t.Fatal(err)
	}
	return cookie
}

// TestConsole_AsksForThePassword adds a person in a session that was left open: the console
// asks for the password first, and then adds what was typed. At the end the database is
// deleted, which the pages say.
func TestConsole_AsksForThePassword(t *testing.T) {
	for _, d := range consoleDevices() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, _ := staff(t, bob)
			cookie := in.addUnconfirmed(t, admin)
			srv := in.serveConsole(t)
			tb := open(t, d)
			tb.wire.allow("403") // the browser logs it as an error
			tb.setSession(srv, cookie)
			tb.goTo(srv.url + "/console/people/add")
			tb.fill(`input[name=identity]`, "carol@example.com")
			tb.pressAndLoad(`main form .main`)
			tb.waitForText("Confirm it’s you")
			tb.checkScreen("confirm")
			tb.fill(`input[name=confirm_password]`, "a wrong guess")
			tb.pressAndLoad(`main form .main`)
			tb.until("the error shows beside its field", `!!document.querySelector("#confirm-error")`)
			tb.checkScreen("confirm refused")
			tb.fill(`input[name=confirm_password]`, password)
			tb.pressAndLoad(`main form .main`)
			tb.until("the person was added", `!!document.querySelector("#new-password")`)
			tb.waitForText("carol@example.com")
			tb.pressAndLoad(`button[name=may], form:has([name=role]) button`) // and not again
			tb.until("it does not ask again", `!document.querySelector("input[name=confirm_password]")`)

			if err := os.Remove(in.database); err != nil {
				t.Fatal(err)
			}
			tb.goTo(srv.url + "/console/people")
			tb.waitForText("The database file was replaced or deleted.")
			tb.checkScreen("database deleted")
		})
	}
}
