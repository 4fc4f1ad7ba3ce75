// Package app is the worker's application: My Customers, Customer Details and
// Account, as pages that work with scripts off and feel like an app with them on.
//
// It asks a frontline.CRM about customers and an Accounts about people, and
// nothing else. Every route stands in routes.go with its permission beside it;
// every page has a struct, built whole before the first byte is written.
package app
