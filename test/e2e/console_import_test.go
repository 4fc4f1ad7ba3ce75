package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// polishFile is a Polish export of contacts in Windows-1250, with national numbers.
const polishFile = "Imi\xea;Nazwisko;Firma;Telefon kom\xf3rkowy;Adres e-mail\r\n" +
	"\xa3ukasz;\xaf\xf3\xb3\xe6;Zorza sp. z o.o.;500 555 101;lukasz@example.com\r\n" +
	"Wies\xb3awa;Wi\x9cniewska;Zorza sp. z o.o.;500 555 102;wieslawa@example.com\r\n" +
	"Gra\xbfyna;\x8cl\xb9ska;K\xb9cik;500 555 103;grazyna@example.com\r\n"

// workbook returns an Excel workbook with sheets of texts.
func workbook(t *testing.T, sheets ...[][]string) string {
	t.Helper()
	const spreadsheet, relations = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`, "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	parts := map[string]string{}
	var types, list, links strings.Builder
	for i, rows := range sheets {
		var data strings.Builder
		for r, row := range rows {
			fmt.Fprintf(&data, `<row r="%d">`, r+1)
			for c, cell := range row {
				fmt.Fprintf(&data, `<c r="%c%d" t="inlineStr"><is><t>%s</t></is></c>`, 'A'+c, r+1, cell)
			}
			data.WriteString(`</row>`)
		}
		parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = `<worksheet ` + spreadsheet + `><sheetData>` + data.String() + `</sheetData></worksheet>`
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, i+1)
		fmt.Fprintf(&list, `<sheet name="Sheet %d" sheetId="%d" r:id="rId%d"/>`, i+1, i+1, i+1)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relations, i+1)
	}
	const packageRelations = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	parts["[Content_Types].xml"] = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` + types.String() + `</Types>`
	parts["_rels/.rels"] = `<Relationships ` + packageRelations + `><Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	parts["xl/workbook.xml"] = `<workbook ` + spreadsheet + ` xmlns:r="` + relations + `"><sheets>` + list.String() + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships ` + packageRelations + `>` + links.String() + `</Relationships>`
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, `<?xml version="1.0" encoding="UTF-8"?>`+text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// choose sets a setting of an import. With scripts off it also updates the preview.
func (tb *tab) choose(selector, value string) {
	tb.t.Helper()
	eval[bool](tb, fmt.Sprintf(`(() => {
		const field = document.querySelector(%s);
		if (field.type == "checkbox") field.checked = true; else field.value = %s;
		field.dispatchEvent(new Event("input", {bubbles: true}));
		return true;
	})()`, quote(selector), quote(value)))
	if tb.device.noScripts {
		tb.pressAndLoad(`.settings [value=choose]`)
	}
}

// waitForPreview waits until the first customer of the preview has a text.
func (tb *tab) waitForPreview(text string) {
	tb.t.Helper()
	tb.until("the preview has "+text, fmt.Sprintf(`!!document.querySelector(".become tbody tr")?.textContent.includes(%s)`, quote(text)))
}

// runImport imports the file, and waits until it is imported.
func (tb *tab) runImport() {
	tb.t.Helper()
	tb.waitForEnd("Ready to import")
	tb.press(`button[value=run].main`)
	tb.waitForEnd("Imported")
	tb.checkScreen("imported")
}

// wizard opens the console of a new installation as the administrator.
func wizard(t *testing.T, d device) (*tab, *server) {
	t.Helper()
	in, secrets := staff(t, admin, bob)
	srv := in.serveConsole(t)
	tb := open(t, d)
	tb.setSession(srv, secrets[admin])
	return tb, srv
}

func TestConsole_ImportsAnotherEncoding(t *testing.T) {
	t.Parallel()
	tb, srv := wizard(t, phone)
	tb.uploadFile(srv, "kontakty.csv", polishFile)
	tb.until("the encoding is detected", `document.querySelector("#encoding option:checked").textContent.includes("Windows-1250")`)
	tb.waitForPreview("Łukasz Żółć")
	tb.checkScreen("import needs an owner")
	tb.choose(`#encoding`, "Windows-1252")
	tb.waitForPreview("£ukasz")
	tb.choose(`#encoding`, "")
	tb.waitForPreview("Łukasz Żółć")
	tb.choose(`#everyone`, "")
	tb.waitForEnd("Ready to import")
	tb.waitForText("3 phone numbers have no country code")
	tb.checkScreen("import ready")
	tb.choose(`#numbers-region`, "PL")
	tb.waitForPreview("+48 500 555 101")
	tb.runImport()
	tb.goTo(srv.url + "/console/customers")
	tb.waitForText("Grażyna Śląska")
}

func TestConsole_ImportsAWorkbook(t *testing.T) {
	t.Parallel()
	tb, srv := wizard(t, desktop)
	tb.uploadFile(srv, "customers.xlsx", workbook(t,
		[][]string{{"Customers of November"}, {"Name", "Phone", "Shoe size"}, {"Ada Lovelace", "+493012345671", "38"}},
		[][]string{{"Name", "Email"}, {"Grace Hopper", "grace@example.com"}, {"Pat Doe", "pat@example.com"}}))
	tb.until("both sheets can be chosen", `document.querySelectorAll("#sheet option").length == 3 && !document.querySelector("#encoding")`)
	tb.choose(`#sheet`, "Sheet 1")
	tb.waitForPreview("Ada Lovelace")
	tb.until("the line above the header shows", `document.querySelector(".sheet .above").textContent.includes("November")`)
	tb.choose(`.mapping tr:nth-child(3) select`, "notes")
	tb.until("the column is mapped", `document.querySelector(".sheet .targets td:nth-child(4)").textContent == "Notes"`)
	tb.choose(`#everyone`, "")
	tb.runImport()
	tb.goTo(srv.url + "/console/customers")
	tb.waitForText("1 customer")
	tb.waitForText("Ada Lovelace")
}

func TestConsole_ImportsOwnersByName(t *testing.T) {
	t.Parallel()
	d := desktop
	d.noScripts = true
	tb, srv := wizard(t, d)
	tb.uploadFile(srv, "contacts.csv", "Record ID,First Name,Last Name,Phone Number,Contact owner\n"+
		"51,Bobby,Baker,+15557040101,Alice Adams\n52,Ann,Lee,+15557040102,Alice Adams\n53,Cid,Diaz,555 704 0103,\"Brown, Bob\"\n")
	tb.waitForEnd("Ready to import")
	tb.waitForText("2 owners have no account yet (3 customers)")
	tb.checkScreen("owners without an account")
	tb.choose(`#region`, "US")
	tb.waitForEnd("Ready to import")
	tb.waitForPreview("Bobby Baker")
	tb.pressAndLoad(`#live a[href^="/console/people/owners"]`)
	tb.waitForText("Alice Adams")
	tb.checkScreen("matching owners")
	tb.choosePerson("Alice Adams", bob)
	tb.choosePerson("Brown, Bob", "")
	tb.pressAndLoad(`button[value=check]`)
	tb.waitForEnd("Ready to import")
	tb.waitForText("1 owner has no account yet (1 customer)")
	tb.runImport()
	tb.goTo(srv.url + "/console/customers?worker=" + bob)
	tb.until("the customers of Alice Adams are the matched person’s", `document.querySelectorAll(".customer-table .name a").length == 2`)
}

// choosePerson chooses a person for an owner.
func (tb *tab) choosePerson(owner, person string) {
	tb.t.Helper()
	eval[bool](tb, fmt.Sprintf(`(() => {
		const row = [...document.querySelectorAll(".owners li")].find(li => li.querySelector("[name=owner]").value == %s);
		row.querySelector("[name=person]").value = %s;
		return true;
	})()`, quote(owner), quote(person)))
}
