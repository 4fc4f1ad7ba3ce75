package frontline

import (
	"slices"
	"strings"
)

// parameterNames are the parameters of all requests of the protocol.
var parameterNames = []string{
	"Anchor", "Channels", "ChannelType", "ChannelValue", "ConversationSid", "CustomerId", "DisplayName",
	"Location", "NextPageToken", "PageSize", "Query", "Worker",
}

// isAmbiguous reports whether the unknown parameters among sorted, as they are signed,
// contain the name of a known one, or complete one that the value before them begins.
//
// A signature does not say where a name or value ends: that of Query=aWorkerb and
// Worker=c is also that of Query=a, Worker=b and the unknown parameter Workerc. A known
// parameter at another place leaves the signed one to an unknown parameter.
func isAmbiguous(sorted []param) bool {
	type boundary struct {
		before string // a known value
		at     int    // where in unknown it goes on
	}
	var unknown []byte // as they are signed
	var boundaries []boundary
	for i, p := range sorted {
		if slices.Contains(parameterNames, p.name) || i > 0 && p == sorted[i-1] {
			continue
		}
		if i > 0 && slices.Contains(parameterNames, sorted[i-1].name) {
			boundaries = append(boundaries, boundary{sorted[i-1].value, len(unknown)})
		}
		unknown = append(append(unknown, p.name...), p.value...)
	}
	text := string(unknown)
	for _, name := range parameterNames {
		if strings.Contains(text, name) {
			return true
		}
		part := len(name) - 1 // of a name that begins before a boundary
		for _, b := range boundaries {
			if strings.Contains(b.before[max(0, len(b.before)-part):]+text[b.at:min(len(text), b.at+part)], name) {
				return true
			}
		}
	}
	return false
}
