// Package activity remembers what was asked of the integration service: the last
// calls one by one, and figures for every minute of the last week. It serves the
// console's Activity page and the metrics.
//
// Nothing here holds an address, a customer or what somebody searched for. Losing
// some of it loses statistics: it never keeps a call waiting, and never fails one.
package activity
