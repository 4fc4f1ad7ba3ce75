package importer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer"
)

// person is what an import made of a row, without its id and owners.
func person(name string, change func(*customer.Customer), channels ...customer.Channel) customer.Customer {
	c := customer.Customer{Name: name, Channels: channels}
	if change != nil {
		change(&c)
	}
	return c
}

func at(company, title string) func(*customer.Customer) {
	return func(c *customer.Customer) { c.Company, c.JobTitle = company, title }
}

// checkPeople compares the customers of a text with those wanted, in any order.
func checkPeople(t *testing.T, text, region string, want []customer.Customer) importer.Report {
	t.Helper()
	list, report := imported(t, text, importer.Options{Region: region})
	got := map[string]customer.Customer{}
	for _, c := range list {
		c.ID, c.Workers, c.Links = "", nil, nil
		got[c.Name] = c
	}
	wanted := map[string]customer.Customer{}
	for _, c := range want {
		wanted[c.Name] = c
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("customers (-want +got):\n%s\n%s", diff, show(report))
	}
	return report
}

func TestImport_ReadsTheHeadersAndCellsOfTheSharedCases(t *testing.T) {
	for _, c := range []struct {
		file, region string
		want         []customer.Customer
	}{
		{"outlook-polish.csv", "", []customer.Customer{
			person("Łukasz Żółć", at("Zorza sp. z o.o.", "Kierownik"), sms("+48500555101"), email("lukasz@example.com")),
			person("Anna Nowak", at("Zorza sp. z o.o.", ""), sms("+48500555102"), email("anna@example.com"))}},
		{"outlook-danish.csv", "", []customer.Customer{
			person("Søren Kjær", at("Nordlys ApS", "Direktør"), sms("+4520550101"), email("soren@example.com")),
			person("Mette Holm", at("Nordlys ApS", "Sælger"), sms("+4520550102"), email("mette@example.com"))}},
		{"customer-flag.csv", "", []customer.Customer{
			person("Bobby Baker", nil, email("bobby@example.com")), person("Ann Lee", nil, email("ann@example.com"))}},
		{"linkedin-connections.csv", "", []customer.Customer{person("Bobby Baker", at("Acme", "Buyer"), email("bobby@example.com"))}},
		{"excel-shift-jis.csv", "JP", []customer.Customer{
			person("山田太郎", nil, sms("+81355500101"), email("taro@example.com")), person("表 十子", nil, sms("+81355500102"), email("hyo@example.com"))}},
		{"formula-cells.csv", "FR", []customer.Customer{person("Bobby Baker", nil, sms("+15557040101"), sms("+33612345678"))}},
		{"odoo-apostrophe.csv", "", []customer.Customer{
			person("Ola Petrenko", nil, sms("+380993456789"), sms("+380993456780"), email("ola@example.com")),
			person("'t Hooft, Piet", nil, sms("+31205550101"), email("piet@example.com"))}},
	} {
		t.Run(c.file, func(t *testing.T) { checkPeople(t, shared(t, "cases/"+c.file), c.region, c.want) })
	}
}

func TestImport_ReadsAFractionOfAPhoneNumberAsWhole(t *testing.T) {
	list, _ := imported(t, shared(t, "cases/float-phone.csv"), importer.Options{Region: "US"})
	for _, c := range list {
		if c.Name == "Bobby Baker" && c.Channels[0].Value != "+15557040101" {
			t.Errorf("Bobby's channels = %v, want +15557040101", c.Channels)
		}
	}
}

func TestImport_LeavesOwnersByNameWhole(t *testing.T) {
	store := newStore(t)
	report := run(t, store, shared(t, "cases/owner-names.csv"), importer.Options{})
	got := map[string]string{}
	for _, c := range all(t, store) {
		got[c.Name] = strings.Join(c.Workers, "|")
	}
	want := map[string]string{"Bobby Baker": "Alice Adams", "Ann Lee": "Alice Adams", "Cid Diaz": "Brown, Bob", "Eva Ode": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	if report.Unassigned != 1 {
		t.Errorf("Unassigned = %d, want 1", report.Unassigned)
	}
}

func TestImport_KnowsTheColumnsOfContactsInManyLanguages(t *testing.T) {
	// The salutation, both names, company, job title, fax, mobile phone, email and notes, as
	// mail programs name these columns.
	for language, header := range map[string]string{
		"Arabic":               "اللقب,الاسم الأول,اسم العائلة,الشركة,المسمى الوظيفي,فاكس العمل,الهاتف المحمول,عنوان البريد الإلكتروني,ملاحظات",
		"Bulgarian":            "Обръщение,Име,Фамилия,Фирма,Длъжност,Служебен факс,Мобилен телефон,Имейл адрес,Бележки",
		"Chinese":              "称谓,名,姓,单位,职务,商务传真,移动电话,电子邮件地址,附注",
		"Chinese in Taiwan":    "稱謂,名字,姓氏,公司,職稱,商務傳真,行動電話,電子郵件地址,附註",
		"Croatian":             "Titula,Ime,Prezime,Tvrtka,Radno mjesto,Poslovni faks,Mobitel,Adresa e-pošte,Bilješke",
		"Czech":                "Oslovení,Jméno,Příjmení,Společnost,Funkce,Fax do zaměstnání,Mobilní telefon,E-mailová adresa,Poznámky",
		"Danish":               "Titel,Fornavn,Efternavn,Firma,Stilling,Fax (arbejde),Mobiltelefon,E-mail-adresse,Noter",
		"Dutch":                "Titel,Voornaam,Achternaam,Bedrijf,Functie,Fax op werk,Mobiele telefoon,E-mailadres,Notities",
		"English":              "Title,First Name,Last Name,Company,Job Title,Business Fax,Mobile Phone,E-mail Address,Notes",
		"Finnish":              "Titteli,Etunimi,Sukunimi,Yritys,Tehtävänimike,Työfaksi,Matkapuhelin,Sähköpostiosoite,Muistiinpanot",
		"French":               "Titre,Prénom,Nom,Société,Fonction,Télécopie (bureau),Tél. mobile,Adresse de messagerie,Notes",
		"German":               "Anrede,Vorname,Nachname,Firma,Position,Fax geschäftlich,Mobiltelefon,E-Mail-Adresse,Notizen",
		"Greek":                "Τίτλος,Όνομα,Επώνυμο,Εταιρεία,Θέση,Φαξ εργασίας,Κινητό τηλέφωνο,Διεύθυνση ηλεκτρονικού ταχυδρομείου,Σημειώσεις",
		"Hebrew":               "תואר,שם פרטי,שם משפחה,חברה,תפקיד,פקס בעבודה,טלפון נייד,כתובת דואר אלקטרוני,הערות",
		"Hungarian":            "Megszólítás,Utónév,Vezetéknév,Cég,Beosztás,Hivatali fax,Mobiltelefon,E-mail cím,Jegyzetek",
		"Indonesian":           "Sapaan,Nama Depan,Nama Belakang,Perusahaan,Jabatan,Faks Kantor,Telepon Seluler,Alamat Email,Catatan",
		"Italian":              "Titolo,Nome,Cognome,Società,Posizione,Fax (uff.),Cellulare,Indirizzo posta elettronica,Note",
		"Japanese":             "敬称,名,姓,会社名,役職,会社 FAX,携帯電話,電子メール アドレス,メモ",
		"Korean":               "호칭,이름,성,회사,직함,근무처 팩스,휴대폰,전자 메일 주소,메모",
		"Norwegian":            "Tittel,Fornavn,Etternavn,Firma,Stilling,\"Faks, arbeid\",Mobiltelefon,E-postadresse,Notater",
		"Polish":               "Tytuł,Imię,Nazwisko,Firma,Stanowisko,Faks służbowy,Telefon komórkowy,Adres e-mail,Notatki",
		"Portuguese":           "Título,Nome,Apelido,Empresa,Cargo,Fax da empresa,Telemóvel,Endereço de e-mail,Notas",
		"Romanian":             "Titlu,Prenume,Nume de familie,Firmă,Funcție,Fax serviciu,Telefon mobil,Adresă de e-mail,Note",
		"Russian":              "Обращение,Имя,Фамилия,Организация,Должность,Рабочий факс,Телефон переносной,Адрес эл. почты,Заметки",
		"Serbian":              "Титула,Име,Презиме,Предузеће,Радно место,Факс на послу,Мобилни телефон,Адреса е-поште,Белешке",
		"Slovak":               "Titul,Meno,Priezvisko,Spoločnosť,Funkcia,Fax do zamestnania,Mobilný telefón,E-mailová adresa,Poznámky",
		"Spanish":              "Título,Nombre,Apellidos,Organización,Puesto,Fax del trabajo,Móvil,Dirección de correo electrónico,Notas",
		"Swedish":              "Titel,Förnamn,Efternamn,Företag,Befattning,\"Fax, arbete\",Mobiltelefon,E-postadress,Anteckningar",
		"Turkish":              "Unvan,Ad,Soyadı,Şirket,İş Unvanı,İş Faksı,Cep Telefonu,E-posta Adresi,Notlar",
		"Ukrainian":            "Звертання,Ім'я,Прізвище,Організація,Посада,Робочий факс,Мобільний телефон,Адреса електронної пошти,Нотатки",
		"Vietnamese":           "Danh xưng,Tên,Họ,Công ty,Chức vụ,Fax cơ quan,Điện thoại di động,Địa chỉ email,Ghi chú",
		"Portuguese in Brazil": "Título,Nome,Sobrenome,Empresa,Cargo,Fax comercial,Telefone celular,Endereço de email,Anotações",
	} {
		t.Run(language, func(t *testing.T) {
			want := []string{"", "first_name", "last_name", "company", "job_title", "", "phone", "email", "notes"}
			if diff := cmp.Diff(want, fieldsOf(t, header, "X.,Anna,Lee,Acme,Buyer,+15557040199,+15557040102,a@example.com,VIP")); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// fieldsOf returns the fields that the columns of a CSV with one row are mapped to.
func fieldsOf(t *testing.T, header, row string) (fields []string) {
	t.Helper()
	file, err := importer.Open(t.Context(), strings.NewReader(header+"\n"+row+"\n"), importer.Options{Worker: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Columns() {
		fields = append(fields, c.Field)
	}
	return fields
}

func TestImport_KnowsTheColumnsOfListsInManyLanguages(t *testing.T) {
	// The customer's number, the whole name, company, number, email and owner, as people name
	// these columns in spreadsheets, and as customer databases do.
	for language, header := range map[string]string{
		"Arabic":              "رقم العميل,الاسم الكامل,اسم الشركة,رقم الجوال,البريد الإلكتروني,المسؤول",
		"Bitrix24":            "ID,Contact,Company,Mobile,Work E-mail,Responsible person",
		"Bulgarian":           "Клиентски номер,Име и фамилия,Фирма,Телефонен номер,Имейл,Отговорник",
		"Chinese":             "客户编号,姓名,公司名称,手机号码,邮箱,负责人",
		"Czech":               "Číslo zákazníka,Jméno a příjmení,Firma,Telefon,E-mail,Odpovědná osoba",
		"Danish":              "Kundenr.,Navn,Virksomhed,Telefonnummer,E-mail,Kundeansvarlig",
		"Dutch":               "Klantnr,Naam,Bedrijfsnaam,Telefoonnummer,E-mail,Eigenaar",
		"Dynamics":            "Contact ID,Full Name,Company Name,Business Phone,Email,Owner",
		"Finnish":             "Asiakasnumero,Nimi,Yritys,Puhelinnumero,Sähköposti,Vastuuhenkilö",
		"French":              "Code client,Nom et prénom,Raison sociale,N° de téléphone,Courriel,Commercial",
		"German":              "Kunden-Nr.,Kunde,Firma,Tel.,E-Mail,Betreuer",
		"Greek":               "Κωδικός πελάτη,Ονοματεπώνυμο,Επωνυμία,Κινητό,E-mail,Υπεύθυνος",
		"Hebrew":              "מספר לקוח,שם מלא,שם החברה,נייד,אימייל,אחראי",
		"HubSpot in German":   "Datensatz-ID,Kontaktname,Unternehmensname,Telefonnummer,E-Mail-Adresse,Zuständiger Mitarbeiter",
		"HubSpot in Spanish":  "ID de registro,Nombre del contacto,Nombre de la empresa,Número de teléfono,Correo,Propietario del contacto",
		"Hungarian":           "Ügyfélszám,Név,Cégnév,Telefonszám,E-mail,Ügyintéző",
		"Indonesian":          "ID Pelanggan,Nama,Perusahaan,No. HP,Email,Penanggung Jawab",
		"Italian":             "Codice cliente,Cognome e nome,Ragione sociale,Cellulare,E-mail,Responsabile",
		"Japanese":            "顧客番号,氏名,会社名,電話番号,メールアドレス,担当者",
		"Korean":              "고객번호,성명,회사명,연락처,이메일,담당자",
		"Norwegian":           "Kundenummer,Navn,Bedrift,Mobil,E-post,Ansvarlig",
		"Odoo":                "External ID,Name,Company Name,Phone,Email,Salesperson",
		"Polish":              "Nr klienta,Imię i nazwisko,Nazwa firmy,Nr telefonu,E-mail,Opiekun",
		"Portuguese":          "Código do cliente,Nome completo,Razão social,Celular,E-mail,Responsável",
		"Romanian":            "Cod client,Nume și prenume,Companie,Nr. telefon,E-mail,Responsabil",
		"Russian":             "Код клиента,ФИО,Компания,Номер телефона,Электронная почта,Ответственный",
		"Slovak":              "Číslo zákazníka,Meno a priezvisko,Firma,Telefón,E-mail,Zodpovedná osoba",
		"Spanish":             "Código cliente,Nombre y apellidos,Razón social,Celular,Correo electrónico,Vendedor",
		"SugarCRM":            "ID,Full Name,Account Name,Office Phone,Email Address,Assigned to",
		"Swedish":             "Kundnr,Namn,Företag,Mobilnr,E-post,Säljare",
		"Traditional Chinese": "客戶編號,姓名,公司名稱,手機,電子信箱,業務員",
		"Turkish":             "Müşteri No,Ad Soyad,Firma,Cep Telefonu,E-posta,Müşteri Temsilcisi",
		"Ukrainian":           "Код клієнта,ПІБ,Компанія,Номер телефону,Електронна пошта,Відповідальний",
		"Vietnamese":          "Mã khách hàng,Họ và tên,Công ty,SĐT,Email,Người phụ trách",
	} {
		t.Run(language, func(t *testing.T) {
			want := []string{"customer_id", "display_name", "company", "phone", "email", "owner"}
			if diff := cmp.Diff(want, fieldsOf(t, header, "K-7,Anna Lee,Acme,+15557040102,a@example.com,Carol Jones")); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImport_DecidesWhatAColumnHoldsByTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		header, rows string
		want         []string
	}{
		"a salutation":                     {"Titel,Fornavn,Efternavn,Jobtitel", "Hr.,Bo,Holm,Chef", []string{"", "first_name", "last_name", "job_title"}},
		"a title is the job":               {"Name,Title", "Ann Lee,Buyer", []string{"display_name", "job_title"}},
		"a customer who is one or not":     {"First Name,Last Name,Customer", "Ann,Lee,Yes", []string{"first_name", "last_name", ""}},
		"a customer in German, or not":     {"Kunde,Firma", "ja,Acme\nnein,Hooli", []string{"", "company"}},
		"a customer by name":               {"Customer,Phone", "Ann Lee,+15557040101", []string{"display_name", "phone"}},
		"a contact beside names":           {"Contact,Vorname,Nachname", "Lee (Acme),Ann,Lee", []string{"", "first_name", "last_name"}},
		"a name that is an address":        {"Name,First Name,Last Name", "ann@example.com,Ann,Lee", []string{"", "first_name", "last_name"}},
		"a name that is a number":          {"Name,Customer", "10045,Ann Lee\n10046,Bob Ray", []string{"", "display_name"}},
		"only addresses for names":         {"Name,Phone", "ann@example.com,+15557040101", []string{"display_name", "phone"}},
		"a blank column of names":          {"氏名,Name", ",山田太郎", []string{"", "display_name"}},
		"a name beside a family name":      {"Nimi,Sukunimi", "Aino,Virtanen", []string{"first_name", "last_name"}},
		"a name beside a first name":       {"Név,Keresztnév", "Kovács,Péter", []string{"last_name", "first_name"}},
		"a middle name that is the last":   {"Име,Презиме", "Ана,Петровић", []string{"first_name", "last_name"}},
		"a middle name that is none":       {"Име,Презиме,Фамилия", "Ана,Иванова,Петрова", []string{"first_name", "middle_name", "last_name"}},
		"a person's page":                  {"First Name,Last Name,URL", "Ann,Lee,https://www.linkedin.com/in/ann", []string{"first_name", "last_name", "linkedin"}},
		"owners by address, name and id":   {"Name,Owner ID,Owner Name,Owner Email", "Ann,005000000000001AAA,Carol Jones,carol@example.com", []string{"display_name", "", "", "owner"}},
		"a salutation beside a title":      {"Titre,Prénom,Deuxième prénom,Nom,Titre,Profession", "Mme,Zoé,,Lefèvre,Gérante,", []string{"", "first_name", "middle_name", "last_name", "job_title", ""}},
		"a blank column of companies":      {"Nome,Account,Società", "Ann,,Acme", []string{"display_name", "", "company"}},
		"a home with numbers":              {"Name,Home,Work", "Ann,+15557040101,Acme Inc", []string{"display_name", "phone", ""}},
		"a birthday, an address, a gender": {"Name,Birthday,Street,Gender,Language,Business Fax,Assistant's Name", "Ann,1990-01-02,Road 1,f,en,+15557040109,Bob", []string{"display_name", "", "", "", "", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, fieldsOf(t, c.header, c.rows)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpen_TakesCompaniesForNamesOnlyInAFileWithoutPeople(t *testing.T) {
	for header, isUsed := range map[string]bool{
		"Firma,Telefon,Ort":            true,
		"Nr,Firma,Telefon":             true,
		"Firma,Stanowisko,Telefon":     false, // a job title is a person's
		"Fornafn,Firma,Farsími":        false, // nobody knows what is before it
		"Fornafn,Eftirnafn,Fyrirtæki":  false,
		"Customer,Company,Phone":       true,
		"Vorname,Nachname,Firma,Beruf": true,
	} {
		row := strings.NewReplacer("Nr", "1", "Telefon", "+48500555101", ",", " Value,").Replace(header)
		_, err := importer.Open(t.Context(), strings.NewReader(header+"\n"+strings.Replace(row, "1 Value", "1", 1)+"\n"), importer.Options{Worker: "bob"})
		var usage *importer.UsageError
		if needed := errors.As(err, &usage) && usage.Need == importer.NeedName; needed == isUsed || err != nil && !needed {
			t.Errorf("Open(%s) = %v, want no need of a name: %v", header, err, isUsed)
		}
	}
	list, report := imported(t, "Firma,Telefon\nAcme,+48500555101\n", importer.Options{})
	if len(list) != 1 || list[0].Name != "Acme" {
		t.Errorf("Import(companies) = %s", show(report))
	}
}

func TestReport_NotesThatOwnersAreIDs(t *testing.T) {
	report := run(t, newStore(t), "Name,HubSpot Owner ID\nAnn Lee,1234\n", importer.Options{})
	if len(report.Notes) != 1 || !strings.Contains(report.Notes[0], `"HubSpot Owner ID"`) {
		t.Errorf("Notes = %q, want one about the column of ids", report.Notes)
	}
}
