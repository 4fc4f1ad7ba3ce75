package frontline

import (
	"slices"
	"strings"
)

// fields are the protocol's parameters in a request. An empty one counts as missing.
type fields struct {
	location, worker               string
	pageSize, anchor, token, query string
	customerID                     string
	channelType, channelValue      string
	conversationSID                string
}

// field returns the field of a parameter, nil for an unknown one.
func (f *fields) field(name string) *string {
	switch name {
	case "Location":
		return &f.location
	case "Worker":
		return &f.worker
	case "PageSize":
		return &f.pageSize
	case "Anchor":
		return &f.anchor
	case "NextPageToken":
		return &f.token
	case "Query":
		return &f.query
	case "CustomerId":
		return &f.customerID
	case "ChannelType":
		return &f.channelType
	case "ChannelValue":
		return &f.channelValue
	case "ConversationSid":
		return &f.conversationSID
	}
	return nil
}

// parseFields checks sorted parameters of a request with one of these locations; encoded
// says that their encoding is intact. Its errors are refusals in order of precedence: an
// unknown Location comes first.
func parseFields(sorted []param, encoded bool, locations ...string) (fields, error) {
	var f fields
	var repeated string
	unknown := false
	for i, p := range sorted {
		if dst := f.field(p.name); dst != nil {
			if dst != &f.location || !slices.Contains(locations, f.location) { // a known one wins
				*dst = p.value
			}
			if i > 0 && sorted[i-1].name == p.name {
				repeated = p.name
			}
		} else {
			unknown = true
		}
	}
	switch {
	case f.location == "":
		return f, unknownLocation("Location is missing")
	case !slices.Contains(locations, f.location):
		return f, unknownLocation("Location is unknown; it must be " + strings.Join(locations, " or "))
	}
	if err := checkText(sorted, encoded); err != nil {
		return f, err
	}
	switch {
	case repeated != "":
		return f, invalid(repeated + " must not be given twice")
	case unknown && isAmbiguous(sorted):
		return f, invalid("a parameter that is not of the protocol contains the name of one that is; the signature cannot tell them apart")
	case f.worker == "":
		return f, invalid("Worker is missing")
	case len(f.token) > MaxTokenBytes:
		return f, invalid("NextPageToken is invalid")
	case f.location != LocationCustomersList && f.customerID == "":
		return f, invalid("CustomerId is missing")
	}
	if f.token != "" {
		f.anchor = ""
	}
	return f, nil
}

// checkText returns an error if a parameter is not text; encoded says that the encoding of
// all is intact.
func checkText(params []param, encoded bool) error {
	if !encoded {
		return invalid("the body has a percent sign that begins no escape; write it as %25")
	}
	for _, p := range params {
		if !isText(p.name) || !isText(p.value) {
			return invalid("the body must be UTF-8 without NUL")
		}
	}
	return nil
}

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
