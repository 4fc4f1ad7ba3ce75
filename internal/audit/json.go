package audit

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"time"
)

// jsonEntry is the wire form of an entry.
type jsonEntry struct {
	ID      int64  `json:"id"`
	When    string `json:"when"`
	Actor   string `json:"actor,omitempty"`
	Via     string `json:"via,omitempty"`
	Action  Action `json:"action"`
	Subject string `json:"subject,omitempty"`
	Name    string `json:"name,omitempty"`
	Detail  string `json:"detail,omitempty"`

	Params  map[string]string `json:"params,omitempty"`
	Count   int               `json:"count,omitempty"`
	Address string            `json:"address,omitempty"`
	Unusual bool              `json:"unusual,omitempty"`
}

// WriteJSON writes entries as JSON lines, times in UTC to the microsecond, without empty
// fields. detail returns the particulars of an entry in words. The error is that of w or of
// entries; the output is incomplete then.
func WriteJSON(w io.Writer, entries iter.Seq2[Entry, error], detail func(Entry) string) error {
	out := bufio.NewWriterSize(w, 64<<10)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for e, err := range entries {
		if err != nil {
			out.Flush()
			return err
		}
		if err := encoder.Encode(jsonEntry{e.ID, e.When.UTC().Format(time.RFC3339Nano), e.Actor, e.Via, e.Action,
			e.Subject, e.Name, detail(e), maps.Collect(e.Params.All()), e.Count, e.Address, e.Unusual}); err != nil {
			return err
		}
	}
	return out.Flush()
}
