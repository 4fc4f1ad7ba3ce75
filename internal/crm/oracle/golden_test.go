package external

import (
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// The values below were recorded once, with the key of goldenKey. They never change:
// tokens and handles are in phones' hands, and copies in databases.
const (
	goldenService      = "0011223344556677"
	goldenListPage     = "QvX-p8-11Fbd8ZljcvcA48xPyy9qc4h_nWKIbWjTLyrGj2mKMly2HulzQZU"
	goldenLocalSearch  = "ybCiN-Nm5qm6OU4G2-jIMH216LmFGOC8YqsHFZRr-YEaXxLsv_0YhDqDD3w-rYDrRxgxwuukEbj8dMOgbsFvTZAOS0388syRpMZLCI5h1KAOOvA"
	goldenList         = "i3mcX-Kps0X9_GWpH8MbvMXO1Ncs1QpTPl6kfmCDY9woIJWGjR5ZrPCQm3-3jbHANwC5PTjkiVEu-oYN2SSMsQ3faY1Q9td1154x4TR8lp2-uZ3-7ffgbL9GTxct_mqG4FLR60LDxjpEFFrA6Rz60orvuZKcHZA"
	goldenDetails      = "dgHIp6MbuQz4bDY1uDpKIm_a4bOD0PbiHCFaETQQA63TDK6JmzfmyIhVeGNt1xUPYDCKi9IEd_Ky540SiGypo7j-L7XkSJYTVz700b2mzAMJDVC0rUunY5vlmavbOWq8ZxRXkgy3uJq9oRqTYPRzHGbprJ30LhN7kw_r4JEiB2EcJGbnr_c3xCb8aVuo5R1vrCmAuWRklQV45fiesU6ZbOvLs0tldZj3w8tGu-sf_enDexkfZ6UahdxzIRfGa-3S0y5c0OhVSW9xzbj92RfUqNfTfNfYGAy4UmEu249CCcxzlPv4ufM3lyHUtl_4qRLEMuFUhejViXf46_N9F092M-rPH5sdXWZ5hy9g_7i9UHvx"
	goldenServiceNotes = "R_sAw2HIGiGE9Jj4YCS6C6zHtCoC6BAnBNHbFld3aw"
)

func goldenKey(t *testing.T) *secret.Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 4)), 0o600); err != nil {
		t.Fatal(err)
	}
	key, _, err := secret.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// goldenBlobs holds the recorded copies.
type goldenBlobs struct {
	BlobStore
	copies map[[3]string]string
}

func (k goldenBlobs) Blob(_ context.Context, service, worker, name string, _ time.Time) ([]byte, error) {
	if sealed, ok := k.copies[[3]string{service, worker, name}]; ok {
		return []byte(sealed), nil
	}
	return nil, nil
}

// unsealed seals nothing, so that the plain form can be seen.
type unsealed struct{}

func (unsealed) Seal(plain []byte, context string) string    { return string(plain) + "|" + context }
func (unsealed) Open(sealed, context string) ([]byte, error) { return []byte(sealed), nil }

func TestListPageToken_GoldenForm(t *testing.T) {
	want := spot{version: "an id", from: 300, mended: true, older: "older", further: 5}
	tokens := pageTokens{goldenKey(t).Sealer("copies"), goldenService}
	if got, err := tokens.open(goldenListPage, "Alice@Example.com", "q"); err != nil || got != want {
		t.Errorf("open = %+v, %v; want %+v", got, err, want)
	}
	plain := pageTokens{unsealed{}, goldenService}.seal(want, "Alice@Example.com", "q")
	if form := "\x01\x05an id\xac\x02\x05older\x05|list page\x0016:0011223344556677\x0017:alice@example.com\x001:q"; plain != form {
		t.Errorf("seal has the plain form and context %q, want %q", plain, form)
	}
}

func TestLocalSearchToken_GoldenForm(t *testing.T) {
	want := place{extent{Current: "an id", Rows: 300, Best: "older", Further: 5}, true, 30}
	if got, ok := (searchTokens{goldenKey(t).Sealer("copies")}).open(goldenLocalSearch, "Alice@Example.com", "q"); !ok || got != want {
		t.Errorf("open = %+v, %v; want %+v", got, ok, want)
	}
	plain := searchTokens{unsealed{}}.seal(want, "Alice@Example.com", "q")
	if form := `{"c":"an id","n":300,"b":"older","m":5,"w":true,"i":30}|` + "local search\x00alice@example.com\x00q"; plain != form {
		t.Errorf("seal has the plain form and context %q, want %q", plain, form)
	}
}

func TestKeptList_GoldenForm(t *testing.T) {
	blobs := goldenBlobs{copies: map[[3]string]string{{goldenService, "alice@example.com", "list"}: goldenList, {goldenService, "", "service"}: goldenServiceNotes}}
	cache := newShelf(shelfOptions{Service: goldenService, Blobs: blobs, Sealer: goldenKey(t).Sealer("copies"), Now: time.Now})
	k, ok := cache.load(t.Context(), "alice@example.com", listCopy)
	want := filled(2)
	if !ok || k.worker != "Alice@example.com" || len(k.met) != 1 || k.met[0].id != "m1" || k.met[0].at.UnixMilli() != 1 {
		t.Fatalf("load = %+v, %v", k, ok)
	}
	if v := k.version; v.id != want.id || !v.asOf.Equal(want.asOf) || !v.heard.Equal(want.heard) || v.capped != want.capped || !reflect.DeepEqual(v.walk, want.walk) {
		t.Errorf("load has the version %+v, want %+v", v, want)
	}
	if len(k.version.rows) != 2 || k.version.rows[1] != want.rows[1] {
		t.Errorf("load has the rows %v, want %v", k.version.rows, want.rows)
	}
	if got := (notes{frontline.SearchableYes, true}); cache.known() != got {
		t.Errorf("known() = %+v, want %+v", cache.known(), got)
	}
	if form := hex.EncodeToString(want.appendTo(nil)); form != goldenVersion {
		t.Errorf("appendTo has the form %s, want %s", form, goldenVersion)
	}
	if bestCopy != "best" {
		t.Errorf("the copy that reaches further is %q, want best", bestCopy)
	}
}

const goldenVersion = "05616e206964f6b183c59868f6ebbac898683e01740161016c04030502010102013008c387656c696b203000013108c387656c696b20310161"

func TestKeptDetails_GoldenForm(t *testing.T) {
	blobs := goldenBlobs{copies: map[[3]string]string{{goldenService, "alice@example.com", "d:0PYxyh3bqNs7z8ueBXzcmN"}: goldenDetails}}
	details := newKeptDetails(lastGoodOptions{Service: goldenService, Blobs: blobs, Sealer: goldenKey(t).Sealer("copies"), Now: time.Now})
	kept, ok := details.read(t.Context(), detailKey{"alice@example.com", "c1"}, time.UnixMilli(1_800_000_000_000))
	if want := goldenCustomer(); !ok || kept.at.UnixMilli() != 1_790_000_000_123 || !cmp.Equal(kept.customer, want) {
		t.Errorf("read = %+v, %v; want %+v", kept, ok, want)
	}
	if detailIndex != "d" {
		t.Errorf("the index is named %q, want d", detailIndex)
	}
}

func goldenCustomer() frontline.Customer {
	return frontline.Customer{ID: "c1", DisplayName: "Ada", Avatar: "https://a.example/p",
		Channels: []frontline.Channel{{Type: "sms", Value: "+15550100"}},
		Links:    []frontline.Link{{Type: "website", Value: "https://a.example/", DisplayName: "Site"}}}
}
