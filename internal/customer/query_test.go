package customer

import (
	"testing"

	"github.com/clientele-project/clientele/internal/search"
)

func TestQuery_Match(t *testing.T) {
	oneil := Customer{
		Name: "José O’Neil-Nguyễn", Company: "Łukasz & Søn", JobTitle: "Owner",
		Details: Detail{"Delivery", "Likes the blue door.\nCall 030/555 12-34 after six. Route 66 12"},
		Channels: []Channel{{"sms", "+15557040102"}, {"whatsapp", "whatsapp:+15557040102"},
			{"email", "j.o'neil+crm@mail.example.com"}, {"chat", "neil_42"}},
	}
	tests := []struct {
		name, query string
		class       uint8
		ok          bool
	}{
		{"a name without its accent", "jose", search.ClassName, true},
		{"a name with its accent and another case", "JOSÉ", search.ClassName, true},
		{"a name with a combining accent", "Jose\u0301", search.ClassName, true},
		{"the beginning of the name over two words", "jose on", search.ClassName, true},
		{"the apostrophe left out", "oneil", search.ClassWords, true},
		{"a straight apostrophe", "o'neil", search.ClassWords, true},
		{"a curly apostrophe", "O’Neil", search.ClassWords, true},
		{"two words in another order", "ngu jos", search.ClassWords, true},
		{"three letters within a word", "guy", search.ClassAny, true},
		{"two letters within a word", "gu", 0, false},
		{"two letters that begin a word", "ng", search.ClassWords, true},
		{"a company with letters that only look accented", "lukasz son", search.ClassAny, true},
		{"words of the notes and the name together", "blue jose", search.ClassAny, true},
		{"a word that is nowhere", "jose zebra", 0, false},
		{"the job title", "owner", search.ClassAny, true},
		{"an email address typed whole", "j.o'neil+crm@mail.example.com", search.ClassAny, true},
		{"an email address typed half", "crm@mail.exa", search.ClassAny, true},
		{"an email address that is another's", "j.neil+crm@mail.example.com", 0, false},
		{"the words of an email address in another order", "mail@neil", 0, false},
		{"a chat address", "neil_42", search.ClassAny, true},
		{"a number as it is spoken", "555 704-0102", search.ClassAny, true},
		{"a number without its area code", "7040102", search.ClassAny, true},
		{"a number with brackets and country code", "+1 (555) 7040102", search.ClassAny, true},
		{"a WhatsApp address", "whatsapp:+15557040102", search.ClassAny, true},
		{"a WhatsApp address with blanks", "WhatsApp: +1 555 704 0102", search.ClassAny, true},
		{"a number with 00", "001 555 704 0102", search.ClassAny, true},
		{"a number in Arabic digits", "٥٥٥ ٧٠٤ ٠١٠٢", search.ClassAny, true},
		{"three digits within a number", "040", search.ClassAny, true},
		{"two digits within a number", "70", 0, false},
		{"two digits that begin a number", "15", search.ClassAny, true},
		{"two digits that begin a number as dialed at home", "55", search.ClassAny, true},
		{"a number of the notes in other groups", "0305551234", search.ClassAny, true},
		{"numbers of the notes as words", "66 12", search.ClassAny, true},
		{"numbers of the notes in another order", "12 66", search.ClassAny, true},
		{"another's number", "+1 555 704 0103", 0, false},
		{"a word and a part of a number", "jose 704", search.ClassAny, true},
		{"a word and a number that is not this one's", "jose 705", 0, false},
		{"nothing", "", 0, false},
		{"blanks", " \t", 0, false},
		{"punctuation alone", "--- !", 0, false},
		{"a plus", "+", 0, false},
		{"a line break as typed by a program", "jose\nneil", search.ClassAny, true},
		{"control characters", "jo\x00se", 0, false},
		{"invalid UTF-8", "jos\xff", search.ClassName, true},
	}
	doc := Document(oneil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			class, ok := search.ParseQuery(tt.query).Match(doc)
			if class != tt.class || ok != tt.ok {
				t.Errorf("ParseQuery(%q).Match() = %d, %v, want %d, %v", tt.query, class, ok, tt.class, tt.ok)
			}
		})
	}
}

func TestQuery_Match_Numbers(t *testing.T) {
	tests := []struct {
		name, stored, query string
		want                bool
	}{
		{"British, typed with its trunk zero", "+447700900015", "07700 900015", true},
		{"British, typed with a zero in brackets", "+447700900015", "+44 (0)7700 900015", true},
		{"British, typed with 00", "+447700900015", "0044 7700 900015", true},
		{"American, stored without country code", "(555) 704-0102", "+1 555 704 0102", true},
		{"American, stored without country code, typed with 1", "(555) 704-0102", "1-555-704-0102", true},
		{"British, stored without country code", "07700 900015", "+44 7700 900015", true},
		{"a part of another's number is not enough for that", "07700 9000155", "+44 7700 900015", false},
		{"Russian, typed with its trunk 8", "+79161234567", "8 916 123-45-67", true},
		{"Italian, whose zero stays", "+390669812345", "06 6981 2345", true},
		{"Italian, with its zero in brackets", "+39061234567", "+39 (0)6 1234567", true},
		{"Mexican, typed with the old 1", "+525512345678", "+52 1 55 1234 5678", true},
		{"Mexican, half typed with the old 1", "+525512345678", "+52 1 55 12", true},
		{"Mexican, stored with the old 1", "+5215512345678", "+52 55 1234 5678", true},
		{"Mexican, stored with the old 1 as it was written", "+52 1 55 1234 5678", "+52 55 1234 5678", true},
		{"Mexican, typed with the old prefix", "+525512345678", "044 55 1234 5678", true},
		{"Argentine, typed without its 9", "+5491123456789", "+54 11 2345-6789", true},
		{"Argentine, typed as at home", "+5491123456789", "011 15-2345-6789", true},
		{"Brazilian, typed without its ninth digit", "+5511987654321", "+55 11 8765-4321", true},
		{"with an extension as it is dialed", "+15557040104;ext=12", "+1 555 704 0104", true},
		{"with an extension, typed with it", "+15557040104;ext=12", "555-704-0104 x12", true},
		{"with an extension", "+1 555 704 0102 ext. 5", "555 704 0102", true},
		{"two numbers in one field, the second", "555-1234 / 555-4567", "555 4567", true},
		{"a remark instead of a number", "call the office", "office", true},
		{"a remark next to a number, the number", "call 555 704 0102", "5557040102", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := Document(Customer{Name: "Bobby S.", Channels: []Channel{{"sms", tt.stored}}})
			if _, ok := search.ParseQuery(tt.query).Match(doc); ok != tt.want {
				t.Errorf("ParseQuery(%q).Match(%q) = %v, want %v (document %q)", tt.query, tt.stored, ok, tt.want, doc)
			}
		})
	}
}

func TestQuery_Match_ScriptsWithoutBlanks(t *testing.T) {
	for _, tt := range []struct{ name, query string }{
		{"李小龙", "小"}, {"山田太郎", "郎"}, {"가나다", "나"}, {"さくら", "く"}, {"ガラス", "ｶﾞ"}, {"สมชาย", "ช"},
		{"𠀀𠀁", "𠀁"}, {"株式会社ABC", "ab"}, {"株式会社ABC", "会社abc"}, {"Team 🚀🔥", "🔥"}, {"★VIP", "vi"}, {"★VIP", "★"},
		{"각", "\u1100\u1161\u11a8"},
	} {
		if _, ok := search.ParseQuery(tt.query).Match(Document(Customer{Name: tt.name})); !ok {
			t.Errorf("ParseQuery(%q).Match(%q) = false", tt.query, tt.name)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"jose", "+1 (555) 7040102", "a@b", "李", "00", "1 2 3", "whatsapp:+1"} {
		f.Add(s, "José 555-704-0102 李小龙")
	}
	f.Fuzz(func(t *testing.T, query, name string) {
		c := Customer{Name: name, Channels: []Channel{{"sms", name}, {"email", query}}}
		doc := Document(c)
		for _, b := range doc {
			if b < ' ' && b != '\n' {
				t.Fatalf("Document() = %q has a control character", doc)
			}
		}
		q := search.ParseQuery(query)
		class, ok := q.Match(doc)
		if !q.IsEmpty() && !ok {
			t.Fatalf("ParseQuery(%q).Match(%q) = false for its own text", query, doc)
		}
		block := search.AppendBlock(nil, []int64{5}, [][]byte{doc})
		signature, err := search.AppendSignature(nil, block)
		if ok && (err != nil || !q.MayMatch(signature, class) || !q.MayMatch(signature, search.ClassAny)) {
			t.Fatalf("MayMatch(signature of %q) = false or %v for %q, which matches with class %d", doc, err, query, class)
		}
		err = q.Scan(block, func(i int, row int64, got uint8) bool {
			if i != 0 || row != 5 || got != class {
				t.Fatalf("Scan() yields %d, %d, %d, Match() = %d", i, row, got, class)
			}
			ok = false
			return true
		})
		if err != nil || ok {
			t.Fatalf("Scan(%q in %q) = %v, missed %v", query, doc, err, ok)
		}
	})
}
