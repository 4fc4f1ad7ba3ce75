// Package search is how people are found: what a worker typed, made ready to be
// matched (Query); what can be searched of somebody, folded (a document); and many
// documents laid out so that they are passed over quickly (a block). The built-in
// integration service and the search of lists that others keep are the same code,
// so that a worker need not know which of the two answers.
package search
