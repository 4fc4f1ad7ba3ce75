package importer

import (
	"maps"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// jsonMapper maps the records of a JSON file of any layout.
type jsonMapper struct {
	objects      *source.Objects
	region       string
	worker       string
	wanted       []Mapping
	keys         keyMeanings
	provided     fieldSet
	withoutField nameSet
}

func newJSONMapper(objects *source.Objects, v vocabulary, opts Options) (*jsonMapper, error) {
	mapped, err := mappedTargets(opts.Map)
	return &jsonMapper{
		objects: objects, region: opts.Region, worker: opts.Worker, wanted: opts.Map,
		keys: newKeyMeanings(v, mapped),
	}, err
}

func (j *jsonMapper) fields() fieldSet        { return j.provided }
func (j *jsonMapper) notes() []string         { return nil }
func (j *jsonMapper) unusedColumns() []string { return j.withoutField.sorted() }

// begin checks the mappings, and whether an owner is needed, against the keys of the
// first records.
func (j *jsonMapper) begin(first []source.Row) error {
	keys := map[string]bool{}
	for _, row := range first {
		object, _ := j.record(row)
		j.provided |= j.read(row, object).fields
		eachKey(object, "", 0, func(name string, _ any, _ bool) bool {
			keys[name] = true
			return true
		})
	}
	if len(keys) == 0 {
		return nil
	}
	var names []string
	for name := range keys {
		if j.keys.meaning(name, nil).field != fieldIgnored {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, m := range j.wanted {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(keys)), func(n string) bool { return exactKey(n) == exactKey(m.Column) }) {
			return &UsageError{"no key " + quote(m.Column) + " in the first records; keys: " + quoteAll(names), NeedMap}
		}
	}
	return requireFields(j.provided, names, j.worker)
}

// eachKey calls visit for all keys, with those inside an object after its name. It
// descends into an object when visit says so.
func eachKey(object map[string]any, prefix string, depth int, visit func(name string, value any, isObject bool) (descend bool)) {
	for key, value := range object {
		inner, isObject := nested(key, value)
		isObject = isObject && depth < maxNesting && len(prefix)+len(key) <= maxPrefix
		if isMetadata(key, value) || !visit(prefix+key, value, isObject) || !isObject {
			continue
		}
		if isContainerKey(source.NameKey(key)) {
			eachKey(inner, prefix, depth+1, visit)
		} else {
			eachKey(inner, prefix+key+".", depth+1, visit)
		}
	}
}

// record returns the object that a row is, or why it is none.
func (j *jsonMapper) record(row source.Row) (object map[string]any, malformed string) {
	object, malformed = j.objects.Object(row)
	for key, value := range object {
		object[key] = unwrapped(value)
	}
	return object, malformed
}

func (j *jsonMapper) convert(row source.Row) mappedRow {
	object, malformed := j.record(row)
	if malformed != "" {
		return mappedRow{Row: row, reject: malformed}
	}
	b := newRowBuilder(row, j.region)
	if len(j.keys.mapped) == 0 && b.readExportedJSON(object) {
		return b.mappedRow
	}
	return j.read(row, object).finish()
}

// read returns a builder with the values of an object.
func (j *jsonMapper) read(row source.Row, object map[string]any) *rowBuilder {
	o := objectReader{rowBuilder: newRowBuilder(row, j.region), keys: j.keys, withoutField: &j.withoutField}
	o.object("", object, 0)
	return o.rowBuilder
}

// eachColumn calls visit for the keys of a row that are shown as columns.
func (j *jsonMapper) eachColumn(row source.Row, visit func(name string, value any)) {
	object, _ := j.record(row)
	eachKey(object, "", 0, func(name string, value any, isObject bool) bool {
		if isObject && source.NameKey(name) != "details" && !j.keys.isField(name, value) {
			return true
		}
		visit(name, value)
		return false
	})
}

func (j *jsonMapper) columns(first []source.Row) []Column {
	found, meanings := map[string]*Column{}, map[string]meaning{}
	for _, row := range first {
		j.eachColumn(row, func(name string, value any) {
			if found[name] == nil {
				found[name] = &Column{Name: name}
			}
			if m := j.keys.meaning(name, value); m.field != fieldNone {
				meanings[name] = m
			}
			found[name].addSample(sampleText(meanings[name].field, value))
		})
	}
	var present fieldSet
	for name := range found {
		present.add(meanings[name].field)
	}
	var list []Column
	for _, name := range slices.Sorted(maps.Keys(found)) {
		c := found[name]
		m := meanings[name]
		_, mapped := j.keys.mapped[exactKey(name)]
		if m.field == fieldIgnored && !mapped || len(list) == maxColumns {
			continue
		}
		if key := source.NameKey(name); !mapped && (key == "channels" || key == "links") {
			c.Fixed = true
		}
		if !c.Fixed {
			c.Field = targetOf(inContext(m, present))
		}
		list = append(list, *c)
	}
	return list
}

func (j *jsonMapper) values(row source.Row, columns []Column) []string {
	texts := map[string]string{}
	j.eachColumn(row, func(name string, value any) { texts[name] = sampleText(j.keys.meaning(name, value).field, value) })
	return valuesByName(texts, columns)
}

// sampleText returns a value of any shape as a short text.
func sampleText(f field, value any) string {
	if name, ok := pairName(value); ok {
		return name
	}
	switch v := value.(type) {
	case []any:
		var parts []string
		for _, e := range v[:min(len(v), maxSamples)] {
			parts = append(parts, sampleText(f, e))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		return objectText(f, v)
	}
	return scalar(value)
}
