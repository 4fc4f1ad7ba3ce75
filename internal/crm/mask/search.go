package mask

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// search requests a page of the list or of a search. Digits never reach a search that
// matches parts of numbers, with which a number could be guessed digit by digit.
func (m *CRM) search(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if text.WithoutDigits(req.Query) == req.Query {
		return m.next.CustomersList(ctx, req)
	}
	words := wordsIn(req.Query)
	number, complete := text.ParseCompletePhone(req.Query)
	_, typed := text.ParsePhoneQuery(req.Query)
	switch {
	case !typed && words != "":
		req.Query = words
		resp, err := m.next.CustomersList(ctx, req)
		resp.Meta.Digits = frontline.DigitsLeftOut
		return resp, err
	case !m.opts.BuiltIn:
		return m.noResults(frontline.DigitsRefused), nil
	case !complete:
		return m.noResults(frontline.DigitsWholeOnly), nil
	case req.NextPageToken != "" || req.Anchor != "":
		return frontline.ListResponse{}, &frontline.InvalidRequestError{Reason: "a search for a number has one page"}
	}
	return m.searchNumber(ctx, req, number)
}

// wordsIn returns the words of a query without its digits, "" if there are none. What
// follows a digit is a word from three letters on, since "nd" of "2nd" begins none;
// shorter parts are used only if there are no others.
func wordsIn(query string) string {
	var words, rest []string
	for typed := range strings.FieldsSeq(query) {
		for i, part := range strings.Split(text.WithoutDigits(typed), " ") {
			switch {
			case !strings.ContainsFunc(part, isWord):
			case i == 0 || utf8.RuneCountInString(part) >= 3:
				words = append(words, part)
			default:
				rest = append(rest, part)
			}
		}
	}
	if len(words) == 0 {
		words = rest
	}
	return strings.Join(words, " ")
}

// isWord reports whether r is a letter or a pictorial symbol.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.So, r) }

// noResults returns an empty response that says why.
func (m *CRM) noResults(why frontline.DigitSearch) frontline.ListResponse {
	resp := frontline.ListResponse{Customers: []frontline.Customer{}, Meta: frontline.Meta{Digits: why}}
	if m.opts.BuiltIn {
		resp.Searchable = frontline.SearchableYes
	}
	return resp
}

// searchNumber returns the customers who have exactly this number, among the first page
// of results: no more customers share a number.
func (m *CRM) searchNumber(ctx context.Context, req frontline.ListRequest, number text.PhoneQuery) (frontline.ListResponse, error) {
	allowed, counted, err := m.limit.allow(ctx, text.IdentityKey(req.Worker), number.Runs[len(number.Runs)-1])
	if err != nil {
		return frontline.ListResponse{}, &frontline.UnavailableError{Err: err}
	}
	if !allowed {
		return m.noResults(frontline.DigitsTooOften), nil
	}
	if counted && m.opts.OnNumberSearch != nil {
		m.opts.OnNumberSearch(req.Worker)
	}
	resp, err := m.next.CustomersList(ctx, req)
	if err != nil {
		return resp, err
	}
	found := resp
	found.Customers, found.NextPageToken = []frontline.Customer{}, ""
	for _, c := range resp.Customers {
		has, err := m.hasPhone(ctx, req.Worker, c.ID, number)
		if err != nil {
			return frontline.ListResponse{}, err
		}
		if has {
			found.Customers = append(found.Customers, c)
		}
	}
	return found, nil
}

// hasPhone reports whether a customer has a channel with the number.
func (m *CRM) hasPhone(ctx context.Context, worker, id string, number text.PhoneQuery) (bool, error) {
	resp, err := m.next.CustomerDetails(ctx, frontline.DetailsRequest{Worker: worker, CustomerID: id})
	if errors.Is(err, frontline.ErrNotFound) {
		return false, nil // deleted meanwhile
	}
	if err != nil {
		return false, err
	}
	for _, ch := range resp.Customer.Channels {
		if number.Matches(ch.Value) {
			return true, nil
		}
	}
	return false, nil
}
