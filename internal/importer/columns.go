package importer

import (
	"maps"
	"slices"
	"strings"
)

// Column is a column of a CSV, a key of a JSON file or a property of a vCard, as it
// is understood.
type Column struct {
	// Name is as the file has it, and as Mapping.Column wants it.
	Name string
	// Field is one of Targets, or "" when the column is not used as it is.
	Field string
	// Fixed columns cannot be mapped, whatever Field says: those of a vCard and of our
	// own export, and in JSON the lists of channels and links.
	Fixed bool
	// Samples are some of its values, from the first rows: different ones, none
	// blank, on one line, not long.
	Samples []string
}

const (
	// lookedThrough is how many rows are searched for samples, and enoughSamples how
	// many of each column are enough.
	lookedThrough = 200
	enoughSamples = 3
	// mostColumns bounds how many are told.
	mostColumns = 500
)

// Columns are what the first rows of the file have, in its order; in JSON, in order
// of their names.
func (f *File) Columns() []Column {
	return f.source.columns(f.first[:min(len(f.first), lookedThrough)])
}

// Format is CSV, JSON or vCard.
func (f *File) Format() string { return f.kind.String() }

// targetOf names what a column means as Mapping.Field would, or answers "".
func targetOf(m meaning) string {
	for _, t := range targets() {
		if t.field == m.field && m.field != fieldNone && m.field != fieldIgnored && (t.field != fieldLink || t.link == m.link) {
			return t.name
		}
	}
	return ""
}

// sample adds a value to what is known of a column; false when that was not needed.
func (c *Column) sample(value string) bool {
	if len(c.Samples) >= enoughSamples {
		return false
	}
	value = plain(value)
	if value != "" && !slices.Contains(c.Samples, value) {
		c.Samples = append(c.Samples, value)
	}
	return true
}

func (t *table) columns(first []item) []Column {
	list := make([]Column, min(len(t.names), mostColumns))
	for i := range list {
		list[i] = Column{Name: t.names[i], Field: targetOf(t.plan[i].meaning), Fixed: t.sheet}
	}
	for _, row := range first {
		if row.bad != "" || row.raw == t.header.raw {
			continue
		}
		wanted := false
		for i, value := range splitRow(nil, row.raw, t.rows.delim) {
			if i < len(list) && list[i].sample(value) {
				wanted = true
			}
		}
		if !wanted {
			break
		}
	}
	return slices.DeleteFunc(list, func(c Column) bool { return c.Name == "" && len(c.Samples) == 0 })
}

func (j *jsonSource) columns(first []item) []Column {
	found := map[string]*Column{}
	for _, it := range first {
		if object, reason := parseObject(it); reason == "" {
			j.gather(found, "", object, 0)
		}
	}
	var parts fieldSet
	for name := range found {
		parts.add(j.names.meaning(name).field)
	}
	var list []Column
	for _, name := range slices.Sorted(maps.Keys(found)) {
		c := found[name]
		m := j.names.meaning(name)
		_, mapped := j.names.wanted[exactKey(name)]
		if m.field == fieldIgnored && !mapped || len(list) == mostColumns {
			continue
		}
		if key := headerKey(name); !mapped && (key == "channels" || key == "links") {
			c.Fixed = true
		}
		if !c.Fixed {
			c.Field = targetOf(nameInContext(m, headerKey(name), parts))
		}
		list = append(list, *c)
	}
	return list
}

// gather collects the keys of an object as collectKeys does, with what they hold;
// objects that hold further keys are none themselves.
func (j *jsonSource) gather(found map[string]*Column, prefix string, object map[string]any, depth int) {
	for key, value := range object {
		name := prefix + key
		if inner, ok := value.(map[string]any); ok && depth < maxNesting {
			if isContainerKey(headerKey(key)) {
				j.gather(found, prefix, inner, depth+1)
				continue
			}
			if headerKey(name) != "details" {
				j.gather(found, name+".", inner, depth+1)
				continue
			}
		}
		c := found[name]
		if c == nil {
			c = &Column{Name: name}
			found[name] = c
		}
		c.sample(shown(value))
	}
}

// shown is a value of any shape in a few words.
func shown(value any) string {
	switch v := value.(type) {
	case []any:
		var parts []string
		for _, e := range v[:min(len(v), enoughSamples)] {
			parts = append(parts, shown(e))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		return scalar(first(v, "value", "content", "address", "number", "email", "phone", "url", "name", "identity", "text"))
	}
	return scalar(value)
}

func (c *cardSource) columns(first []item) []Column {
	var list []Column
	for _, it := range first {
		for _, p := range cardProperties(it.raw) {
			b := newBuilder(it, c.region)
			if !addProperty(b, p, "") {
				b.has = 0
			} else if b.has == 0 {
				continue // BEGIN and the like
			}
			i := slices.IndexFunc(list, func(c Column) bool { return c.Name == p.name })
			if i < 0 && len(list) < mostColumns {
				i = len(list)
				list = append(list, Column{Name: p.name, Fixed: true})
			}
			if i < 0 {
				continue
			}
			for f := fieldNone; f < fieldCount && list[i].Field == ""; f++ {
				if b.has.has(f) {
					list[i].Field = targetOf(meaning{field: f, link: linkWebsite})
				}
			}
			list[i].sample(strings.ReplaceAll(unescape(p.value), ";", " "))
		}
	}
	return list
}
