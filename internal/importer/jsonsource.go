package importer

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// jsonSource is a JSON file of any layout.
type jsonSource struct {
	values *valueReader
	region string
	worker string
	asked  []Mapping
	names  keyNames
	fields fieldSet

	mu      sync.Mutex
	nowhere map[string]bool // keys without a place in a customer
}

func newJSONSource(w *window, v vocabulary, opts Options) (*jsonSource, error) {
	wanted, err := mappings(opts.Map)
	return &jsonSource{
		values: newValueReader(w), region: opts.Region, worker: opts.Worker, asked: opts.Map,
		names: keyNames{vocabulary: v, wanted: wanted}, nowhere: map[string]bool{},
	}, err
}

func (j *jsonSource) next() (item, bool)    { return j.values.next() }
func (j *jsonSource) failure() error        { return j.values.w.failure() }
func (j *jsonSource) carries() fieldSet     { return j.fields }
func (j *jsonSource) rejects() rejectFormat { return jsonRejects{} }

// begin holds the wishes of --map and the need for an owner against the keys of
// the first records.
func (j *jsonSource) begin(first []item) error {
	keys := map[string]bool{}
	for _, it := range first {
		object, reason := parseObject(it)
		if reason != "" {
			continue
		}
		b := j.read(it, object)
		j.fields |= b.has
		collectKeys(keys, "", object, 0)
	}
	if len(keys) == 0 {
		return nil
	}
	var names []string
	for name := range keys {
		if j.names.meaning(name).field == fieldIgnored {
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for _, m := range j.asked {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(keys)), func(n string) bool { return exactKey(n) == exactKey(m.Column) }) {
			return &UsageError{"there is no key " + quote(m.Column) + " in the first records of this file; they have " + quoteAll(names), NeedMap}
		}
	}
	return checkPlan(j.fields, names, j.worker)
}

// collectKeys adds the names of all keys, those inside another after its name.
func collectKeys(keys map[string]bool, prefix string, object map[string]any, depth int) {
	for key, value := range object {
		keys[prefix+key] = true
		if inner, ok := value.(map[string]any); ok && depth < maxNesting {
			if isContainerKey(headerKey(key)) {
				collectKeys(keys, prefix, inner, depth+1)
			} else {
				collectKeys(keys, prefix+key+".", inner, depth+1)
			}
		}
	}
}

func (j *jsonSource) convert(it item) record {
	object, reason := parseObject(it)
	if reason != "" {
		return record{item: it, reject: reason}
	}
	b := newBuilder(it, j.region)
	if len(j.names.wanted) == 0 && b.readExported(object) {
		return b.record
	}
	return j.read(it, object).finish()
}

// read makes a builder of one object.
func (j *jsonSource) read(it item, object map[string]any) *builder {
	o := objectReader{builder: newBuilder(it, j.region), names: j.names}
	o.object("", object, 0)
	if len(o.nowhere) > 0 {
		j.mu.Lock()
		for _, key := range o.nowhere {
			if len(j.nowhere) < 100 {
				j.nowhere[strings.Clone(key)] = true
			}
		}
		j.mu.Unlock()
	}
	return o.builder
}

func (j *jsonSource) unused() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var names []string
	for name := range j.nowhere {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
