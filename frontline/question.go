package frontline

import "strings"

// question is what a request asks, by the protocol's own parameters. An empty
// parameter is the same as none.
type question struct {
	location, worker              string
	pageSize, anchor, token, text string
	customerID                    string
}

// field answers where the parameter of that name goes; nil when the protocol
// does not know it.
func (q *question) field(name string) *string {
	switch name {
	case "Location":
		return &q.location
	case "Worker":
		return &q.worker
	case "PageSize":
		return &q.pageSize
	case "Anchor":
		return &q.anchor
	case "NextPageToken":
		return &q.token
	case "Query":
		return &q.text
	case "CustomerId":
		return &q.customerID
	}
	return nil
}

// parseQuestion makes a question of sorted parameters; encoded tells whether
// their encoding was sound. Its errors are refusals, in the order of
// precedence: an unknown Location is told before all else.
func parseQuestion(sorted []param, encoded bool) (question, error) {
	var q question
	var repeated string
	text := true
	for i, p := range sorted {
		text = text && isText(p.name) && isText(p.value)
		if f := q.field(p.name); f != nil {
			if f != &q.location || !isLocation(q.location) { // one that is known says what is asked
				*f = p.value
			}
			if i > 0 && sorted[i-1].name == p.name {
				repeated = p.name
			}
		}
	}
	switch {
	case q.location == "":
		return q, unknownLocation("Location is missing")
	case !isLocation(q.location):
		return q, unknownLocation("Location is unknown; it must be " + LocationCustomersList + " or " + LocationCustomerDetails)
	case !encoded:
		return q, invalid("the body has a percent sign that begins no escape; write it as %25")
	case !text:
		return q, invalid("the body must be UTF-8 without NUL")
	case repeated != "":
		return q, invalid(repeated + " must not be given twice")
	case q.worker == "":
		return q, invalid("Worker is missing")
	case len(q.token) > MaxTokenBytes:
		return q, invalid("NextPageToken is not one of ours")
	case q.location == LocationCustomerDetails && q.customerID == "":
		return q, invalid("CustomerId is missing")
	}
	if q.token != "" {
		q.anchor = ""
	}
	return q, nil
}

func isLocation(s string) bool { return s == LocationCustomersList || s == LocationCustomerDetails }

// parsePageSize reads a PageSize of any length; ok is false when it is not a
// positive whole number written in digits.
func parsePageSize(s string) (size int, ok bool) {
	if s == "" {
		return DefaultPageSize, true
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		size = min(10*size+int(s[i]-'0'), MaxPageSize)
	}
	return size, strings.Trim(s, "0") != ""
}
