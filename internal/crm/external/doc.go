// Package upstream makes somebody else's integration service one that never fails
// its worker. Each of its parts is a small frontline.CRM around a frontline.CRM:
//
//	Patient        never keeps a page waiting: not there within a second is "pending"
//	Owned        asks for details only of customers that this worker was shown
//	LocalSearch    searches the held copy when the service does not search
//	LastGood       shows the last good answer at once, and when the service fails
//	Walk           turns any way of paging into sealed tokens over a held copy
//	Shared         asks identical questions once
//	Throttle       asks less of a service that answers 429
//	Breaker        leaves a service alone that is down; counts below the Gate
//	Gate           at most so many calls at once, so many a second, workers first
//	Retry          6 s in all, and a second try where no connection was had
//	Resigned       while tokens change, asks again signed with the one before
//	Recorded       notes every call that was really made
//
// in this order, the first outermost; the innermost is a *frontline.Client. Stack
// puts them together.
//
// Around all of it, and around our own service as well, is a Mask, which hides the
// last digits of numbers while that is switched on.
//
// Walk, LastGood, LocalSearch and Owned share what is held of each worker's list:
// a Book of Versions, on a Shelf that keeps to a bound of memory and writes what it
// holds, sealed, to a Keeper.
package external
