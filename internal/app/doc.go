// Package app is the worker's site: My Customers, Customer Details and Account. Its
// pages work without scripts; scripts add paging on scroll, search as you type and
// updates in place.
//
// Customers come from a frontline.CRM and people from an Accounts, and from nowhere
// else. routes.go lists every route with its permission. Every page has a struct and
// is rendered completely before the first byte is written.
package app
