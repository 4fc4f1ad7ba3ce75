package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// signedInWorkers is how many workers are signed in to the app.
const signedInWorkers = 200

// A person is a worker with the cookie of a session.
type person struct{ identity, cookie string }

// signIn signs workers in, before the program runs.
func signIn(ctx context.Context, d database) (people []person, err error) {
	db, err := sqlite.Open(ctx, d.file, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	accounts := account.NewService(db.Accounts(), secret.NewPasswords(1), nil)
	for i := range min(signedInWorkers, d.n/2) {
		identity := owner(2 * i)
		if err := accounts.AddPerson(ctx, identity, account.RoleWorker, ""); err != nil && !errors.Is(err, account.ErrExists) {
			return nil, err
		}
		session, _, err := accounts.SignInAs(ctx, identity, "bench")
		if err != nil {
			return nil, err
		}
		people = append(people, person{identity, "clientele=" + session})
	}
	return people, nil
}

// A page is one of the app's, for a random worker who is signed in.
type page struct {
	name   string
	header string
	path   func(d database, worker string, rng *rand.Rand) string
}

// gzip is what every browser accepts.
const gzip = "Accept-Encoding: gzip\r\n"

var pages = []page{
	{"list page of the app", gzip, listPage},
	{"list page of the app, not compressed", "", listPage},
	{"details page of the app", gzip, func(d database, worker string, rng *rand.Rand) string {
		return "/customers/" + d.customerOf(worker, rng)
	}},
}

// listPage returns the address of My Customers. The app ignores the worker in it, which tells
// the floor whose page it is.
func listPage(_ database, worker string, _ *rand.Rand) string {
	return "/customers?worker=" + url.QueryEscape(worker)
}

// request returns a request for the page, and its signature, which the app ignores.
func (p page) request(d database, people []person, rng *rand.Rand) (request []byte, signature string) {
	who := people[rng.IntN(len(people))]
	path := p.path(d, who.identity, rng)
	signature = frontline.Sign(authToken, "http://"+host+path, nil)
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Language: en\r\nCookie: %s\r\nX-Twilio-Signature: %s\r\n%s\r\n",
		path, host, who.cookie, signature, p.header), signature
}
