package importer

// Encodings returns the values of Options.Encoding.
func Encodings() []string { return nil }
