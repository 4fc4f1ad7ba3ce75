package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
)

// oldDetails returns stale details at once, and calls fresh for requests with NewerThan.
func oldDetails(fresh func(frontline.DetailsRequest) (frontline.DetailsResponse, error)) func(frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return func(r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
		if r.NewerThan.IsZero() {
			return frontline.DetailsResponse{Customer: actor(r.CustomerID), Meta: old()}, nil
		}
		return fresh(r)
	}
}

func renamed(r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	c := actor(r.CustomerID)
	c.DisplayName = "Newly Named"
	return frontline.DetailsResponse{Customer: c}, nil
}

const (
	oldPerson = `!!document.querySelector('.person[data-as-of]')`
	newName   = `document.querySelector('.who')?.innerText == "Newly Named"`
)

// TestApp_StaleDetailsAreReplaced shows stale details. Fresh ones replace them, are
// offered if the user is busy with the page, and change nothing if they are equal.
func TestApp_StaleDetailsAreReplaced(t *testing.T) {
	later := func(frontline.DetailsRequest) (frontline.DetailsResponse, error) {
		return frontline.DetailsResponse{}, pending(0.3)
	}
	for _, d := range []device{phone, desktop, arabic} {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			s.setList(listOf(45, nil, frontline.Meta{}))
			tb := open(t, d)
			s.signIn(tb)

			s.setDetails(oldDetails(later))
			tb.goTo(s.url + "/customers/c003")
			tb.until("stale details show, marked as such", oldPerson+` && document.querySelector('.person .about').checkVisibility()`)
			tb.accessible("old details")
			s.setDetails(oldDetails(renamed))
			tb.until("the fresh details replace them", newName+" && !"+oldPerson)
			if title := eval[string](tb, `document.title`); !strings.HasPrefix(title, "Newly Named") {
				t.Errorf("the title is %q", title)
			}

			s.setDetails(oldDetails(later))
			tb.goTo(s.url + "/customers/c003")
			tb.until("stale details show", oldPerson)
			tb.press(`details[data-action=message] summary`)
			s.setDetails(oldDetails(renamed))
			tb.until("the update is offered", `!!document.querySelector('.detail .updated button')?.checkVisibility()`)
			if !eval[bool](tb, `!!document.querySelector('details[open]') && `+oldPerson) {
				t.Error("an update replaced an open chooser")
			}
			tb.accessible("updated details")
			tb.press(`.updated button`)
			tb.until("the fresh details show", newName+" && !"+oldPerson+` && !document.querySelector('.updated')`)

			s.setDetails(oldDetails(later))
			tb.goTo(s.url + "/customers/c003")
			tb.until("stale details show", oldPerson)
			tb.press(`details[data-action=message] summary`)
			tb.do(chromedp.Evaluate(`window.same = document.querySelector('.person')`, nil))
			s.setDetails(oldDetails(func(r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
				return frontline.DetailsResponse{Customer: actor(r.CustomerID)}, nil
			}))
			tb.until("they are fresh", "!"+oldPerson)
			if !eval[bool](tb, `same.isConnected && !!document.querySelector('details[open]') && !document.querySelector('.updated, .person .about')`) {
				t.Error("unchanged details were replaced")
			}
		})
	}
}

// TestApp_StaleDetailsWhileServiceIsDown retries for details, too, and
// shows when the customer no longer exists.
func TestApp_StaleDetailsWhileServiceIsDown(t *testing.T) {
	t.Parallel()
	s := startFakeApp(t, account.RoleWorker)
	s.setList(listOf(45, nil, frontline.Meta{}))
	tb := open(t, phone)
	s.signIn(tb)
	tb.wire.allow("status of 404")
	s.setDetails(oldDetails(func(r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
		down := old()
		down.Stale = &stale{&frontline.CallbackError{Code: 48005}, &frontline.UnavailableError{RetryAfter: 500 * time.Millisecond}}
		return frontline.DetailsResponse{Customer: actor(r.CustomerID), Meta: down}, nil
	}))
	tb.goTo(s.url + "/customers/c003")
	tb.until("it says that the service is down", `!!document.querySelector('.person[data-stale-code="48005"] .notice.old')?.checkVisibility()`)
	tb.accessible("stale details")
	s.setDetails(oldDetails(func(frontline.DetailsRequest) (frontline.DetailsResponse, error) {
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}))
	tb.until("the deleted customer is not found", `document.querySelector('#detail [data-error-code]')?.dataset.errorCode == "not-found"`)
}

// TestApp_PartialSearchGrows searches a list that is still being fetched.
func TestApp_PartialSearchGrows(t *testing.T) {
	for _, d := range append(sampleDevices(), arabic) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			tb := open(t, d)
			s.signIn(tb)
			partly := func(n, covered int) func(frontline.ListRequest) (frontline.ListResponse, error) {
				return func(r frontline.ListRequest) (frontline.ListResponse, error) {
					resp, err := listOf(n, nil, frontline.Meta{Partial: covered > 0, Covered: covered})(r)
					resp.Searchable = frontline.SearchableNo
					return resp, err
				}
			}
			s.setList(partly(3, 600))
			tb.goTo(s.url + "/customers?q=zz")
			tb.until("it says what it covers", `!!document.querySelector('[data-partial]')?.checkVisibility()`)
			tb.accessible("nothing found so far")
			if eval[bool](tb, `!!document.querySelector('[data-nothing-found]')`) {
				t.Error("an unfinished search says that nothing was found")
			}
			if eval[string](tb, `document.querySelector('#q').placeholder`) == "Search name, phone, or email" {
				t.Error("the search field promises more than names")
			}
			tb.goTo(s.url + "/customers?q=Person")
			tb.until("some are found", rowsShown+" == 3")
			tb.accessible("partial")
			if d.noScripts {
				s.setList(partly(8, 0))
				tb.pressAndLoad(`[data-partial] a`)
				tb.until("all are found", rowsShown+` == 8 && !document.querySelector('[data-partial]')`)
				return
			}
			tb.do(chromedp.Evaluate(`window.row = document.querySelector('[data-customer-id="c001"]')`, nil))
			s.setList(partly(6, 1200))
			tb.until("it grows, and its rows stay", rowsShown+` == 6 && row.isConnected && document.querySelector('[data-partial]').innerText.includes("1200")`)
			tb.do(chromedp.Evaluate(`document.querySelector('.row').focus()`, nil))
			s.setList(partly(8, 0))
			time.Sleep(3500 * time.Millisecond)
			if n := eval[int](tb, rowsShown); n != 6 {
				t.Errorf("%d rows: it grew while a row had the focus", n)
			}
			tb.do(chromedp.Evaluate(`document.activeElement.blur()`, nil))
			tb.until("all are found", rowsShown+` == 8 && !document.querySelector('[data-partial]') && row.isConnected`)
		})
	}
}

// pixel is the transparent image that the server sends if there is no avatar.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// TestApp_Avatars shows avatars over the initials. Without an avatar the initials stay
// visible, and no broken image, with scripts and without.
func TestApp_Avatars(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 20, 20))
	for i := range 400 {
		red.Set(i%20, i/20, color.RGBA{200, 40, 40, 255})
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, red); err != nil {
		t.Fatal(err)
	}
	for _, d := range append(sampleDevices(), arabic) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := startFakeApp(t, account.RoleWorker)
			s.setList(listOf(12, nil, frontline.Meta{}))
			s.pictures = func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path[len(r.URL.Path)-1] {
				case '1':
					w.Header().Set("Content-Type", "image/png")
					w.Write(picture.Bytes())
				case '2':
					w.Header().Set("Content-Type", "image/gif")
					io.WriteString(w, pixel)
				default:
					w.WriteHeader(http.StatusNoContent)
				}
			}
			tb := open(t, d)
			s.signIn(tb)
			for _, path := range []string{"/customers", "/customers/c001", "/customers/c002", "/customers/c003"} {
				tb.goTo(s.url + path)
				tb.until("the pictures are there", `[...document.querySelectorAll('.avatar img')].every(e => !e.checkVisibility() || e.complete)`)
				if path == "/customers" || path == "/customers/c001" { // the others show initials, as without avatars
					tb.accessible("pictures " + path)
				}
			}
			tb.goTo(s.url + "/customers")
			tb.until("the picture fills its circle", `(r => Math.abs(r.width - 44) < 1 && Math.abs(r.height - 44) < 1)(document.querySelector('[data-customer-id="c001"] img').getBoundingClientRect())`)
			var shot []byte
			tb.do(chromedp.CaptureScreenshot(&shot))
			screen, err := png.Decode(bytes.NewReader(shot))
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []string{"c001", "c002", "c003"} {
				want := at == "c001"
				if red, plain := corner(tb, screen, fmt.Sprintf(`[data-customer-id=%q] .avatar`, at)); red != want || !plain {
					t.Errorf("the corner of %s's avatar is red: %v, want %v; and of one color: %v", at, red, want, plain)
				}
				if covered := eval[bool](tb, fmt.Sprintf(`(e => !e.hidden && getComputedStyle(e).backgroundColor != "rgba(0, 0, 0, 0)")(document.querySelector('[data-customer-id=%q] img'))`, at)); covered != (want && !d.noScripts) {
					t.Errorf("the initials of %s are covered: %v", at, covered)
				}
			}
		})
	}
}

// corner reports whether the upper left of an avatar, where browsers draw a broken image,
// is as red as the image of TestApp_Avatars, and of one color.
func corner(tb *tab, screen image.Image, selector string) (red, plain bool) {
	tb.t.Helper()
	at := eval[map[string]float64](tb, fmt.Sprintf(`(r => ({x: r.x, y: r.y}))(document.querySelector(%s).getBoundingClientRect())`, quote(selector)))
	pixel := func(x, y float64) color.Color {
		return color.RGBAModel.Convert(screen.At(int((at["x"]+x)*tb.device.scale), int((at["y"]+y)*tb.device.scale)))
	}
	first := pixel(10, 9)
	r, g, b, _ := first.RGBA()
	red, plain = r>>8 > 180 && g>>8 < 80 && b>>8 < 80, true
	for x := 10.0; x < 15; x++ {
		for y := 9.0; y < 15; y++ {
			plain = plain && pixel(x, y) == first
		}
	}
	return red, plain
}
