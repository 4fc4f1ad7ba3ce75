// Package audit keeps who did what, and who looked at which customer when, apart
// from the logs: for the company that must be able to tell afterwards.
//
// What an administrator does is written before it counts as done (Log.Write). What
// workers look at is written beside their answers, in batches (Log.Viewed): it
// costs an answer nothing, and a crash loses the last seconds of it at most.
package audit
