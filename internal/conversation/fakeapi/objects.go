package fakeapi

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An object is a resource as the API returns it: a JSON object with strings, integers,
// dates, objects, and nil.
type object = map[string]any

// root begins the URLs of resources.
const root = "https://conversations.twilio.com/v1"

// date is a time. The API writes it without fractions of a second, unlike webhooks.
type date struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (d date) MarshalJSON() ([]byte, error) {
	return []byte(d.UTC().Format(`"2006-01-02T15:04:05Z"`)), nil
}

func now() date { return date{time.Now()} }

// newSID returns a new SID of a kind, such as CH.
func newSID(kind string) string {
	var b [16]byte
	rand.Read(b[:])
	return kind + hex.EncodeToString(b[:])
}

// newObject returns a resource of a collection, with what all resources have.
func (a *API) newObject(kind, collection string, fields object) object {
	sid, created := newSID(kind), now()
	o := object{
		"sid": sid, "account_sid": a.options.AccountSID, "chat_service_sid": a.options.ServiceSID,
		"date_created": created, "date_updated": created, "url": collection + "/" + sid,
	}
	maps.Copy(o, fields)
	return o
}

// find returns the object with a SID, nil for none.
func find(all []object, sid string) object {
	if i := slices.IndexFunc(all, func(o object) bool { return o["sid"] == sid }); i >= 0 {
		return all[i]
	}
	return nil
}

var capital = regexp.MustCompile(`([a-z])([A-Z])`)

// field returns where an object has the value of a parameter of forms and of webhooks:
// FriendlyName is friendly_name, and AutoCreation.Type is type in auto_creation.
func field(o object, parameter string) (in object, name string) {
	if outer, inner, nested := strings.Cut(parameter, "."); nested {
		in, outer = field(o, outer)
		o, _ = in[outer].(object)
		parameter = inner
	}
	return o, strings.ToLower(capital.ReplaceAllString(parameter, "${1}_$2"))
}

// get returns the value of a parameter, nil for none.
func get(o object, parameter string) any {
	in, name := field(o, parameter)
	return in[name]
}

// set changes the fields of an object for which the form of a request has a parameter.
func (r *request) set(o object) {
	for parameter, values := range r.PostForm {
		in, name := field(o, parameter)
		switch parameter {
		case "Participant", "ContentVariables": // no fields
		case "Filters":
			in[name] = values
		case "AutoCreation.Enabled":
			in[name] = values[0] == "true"
		case "LastReadMessageIndex":
			in[name], _ = strconv.Atoi(values[0])
			in["last_read_timestamp"] = now()
		default:
			in[name] = orNull(values[0])
		}
	}
}

// orNull returns a string, or nil for "".
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// page returns a page of a list. The token of a page is the SID of the last row before.
func (r *request) page(key string, rows []object) (int, any) {
	size, _ := strconv.Atoi(cmp.Or(r.FormValue("PageSize"), "50"))
	number, _ := strconv.Atoi(r.FormValue("Page"))
	token := func(o object) string { return fmt.Sprint("PT", cmp.Or(o["sid"], o["participant_sid"])) }
	start := 0
	if after := r.FormValue("PageToken"); after != "" {
		start = 1 + slices.IndexFunc(rows, func(o object) bool { return token(o) == after })
		if start == 0 {
			return refuse(http.StatusBadRequest, 20001, "Invalid parameter PageToken")
		}
	}
	address := func(number int, token string) string {
		query := r.URL.Query()
		query.Set("PageSize", strconv.Itoa(size))
		query.Set("Page", strconv.Itoa(number))
		query.Set("PageToken", token)
		return strings.TrimSuffix(root, "/v1") + r.URL.Path + "?" + query.Encode()
	}
	end := min(start+size, len(rows))
	meta := object{
		"page": number, "page_size": size, "key": key, "previous_page_url": nil, "next_page_url": nil,
		"first_page_url": address(0, ""), "url": address(number, r.FormValue("PageToken")),
	}
	if end < len(rows) {
		meta["next_page_url"] = address(number+1, token(rows[end-1]))
	}
	return http.StatusOK, object{key: append([]object{}, rows[start:end]...), "meta": meta}
}

// refuse returns an error of the API.
func refuse(status, code int, message string) (int, any) {
	return status, object{
		"code": code, "message": message, "status": status, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	}
}

func notFound(r *request) (int, any) {
	return refuse(http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
}
