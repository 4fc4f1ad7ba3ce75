package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImport_KnowsTheColumnsOfMailPrograms(t *testing.T) {
	// The salutation, three names, company, job title, fax, six numbers, two email addresses,
	// notes and web page, as mail programs name these columns.
	for language, header := range map[string]string{
		"Arabic":               "اللقب,الاسم الأول,الاسم الأوسط,اسم العائلة,الشركة,المسمى الوظيفي,فاكس العمل,هاتف العمل,هاتف العمل 2,هاتف المنزل,هاتف السيارة,الهاتف الأساسي,هاتف آخر,عنوان البريد الإلكتروني,عنوان البريد الإلكتروني 2,ملاحظات,صفحة ويب",
		"Bulgarian":            "Обръщение,Собствено име,Бащино име,Фамилно име,Фирма,Длъжност,Служебен факс,Служебен телефон,Служебен телефон 2,Домашен телефон,Автомобилен телефон,Основен телефон на фирмата,Друг телефон,Имейл адрес,Имейл адрес 2,Бележки,Уеб страница",
		"Chinese":              "英文称谓,名,中间名,姓,单位,职务,商务传真,商务电话,商务电话 2,住宅电话,车载电话,单位主要电话,其他电话,电子邮件地址,电子邮件 2 地址,附注,网页",
		"Chinese in Taiwan":    "頭銜,名字,中間名,姓氏,公司,職稱,商務傳真,商務電話,商務電話 2,住家電話,汽車電話,公司代表線,代表電話,電子郵件地址,電子郵件 2 地址,記事,網頁",
		"Croatian":             "Titula,Ime,Srednje ime,Prezime,Tvrtka,Poslovna titula,Službeni faks,Službeni telefon,Službeni telefon 2,Kućni telefon,Automobilski telefon,Telefonski broj centrale tvrtke,Primarni telefon,Adresa e-pošte,Adresa e-pošte 2,Bilješke,Web-stranica",
		"Czech":                "Titul,Jméno,2. křestní jméno,Příjmení,Společnost,Funkce,Fax (zam.),Telefon (zam.),Telefon 2 (zam.),Telefon domů,Telefon do auta,Telefon společnosti,Primární telefon,E-mailová adresa,E-mailová adresa 2,Poznámky,Webová stránka",
		"Danish":               "Titel,Fornavn,Mellemnavn,Efternavn,Firma,Stilling,Fax (arbejde),Telefon (arbejde),Telefon 2 (arbejde),Telefon (privat),Biltelefon,Primær telefon (firma),Anden telefon,E-mail-adresse,E-mail 2-adresse,Notater,webside",
		"Dutch":                "Titel,Voornaam,Middelste naam,Achternaam,Bedrijf,Functie,Fax op werk,Telefoon op werk,Telefoon op werk 2,Telefoon thuis,Autotelefoon,Hoofdtelefoon bedrijf,Andere telefoon,E-mailadres,E-mailadres 2,Notities,Webpagina",
		"English":              "Title,First Name,Middle Name,Last Name,Company,Job Title,Business Fax,Business Phone,Business Phone 2,Home Phone,Car Phone,Company Main Phone,Radio Phone,E-mail Address,E-mail 2 Address,Notes,Web Page",
		"Estonian":             "Tiitel,Eesnimi,Teine nimi,Perekonnanimi,Ettevõte,Ametinimetus,Tööfaks,Töötelefon,Töötelefon 2,Kodutelefon,Autotelefon,Ettevõtte põhitelefon,Esmane telefon,Meiliaadress,Meiliaadress 2,Märkmed,Veebileht",
		"Finnish":              "Titteli,Etunimi,Toinen nimi,Sukunimi,Yritys,Tehtävänimike,Työfaksi,Työpuhelin,Työpuhelin 2,Kotipuhelin,Autopuhelin,Yrityksen puhelinvaihde,Muu puhelin,Sähköpostiosoite,Sähköpostiosoite 2,Muistilaput,Web-sivu",
		"French":               "Titre,Prénom,Deuxième prénom,Nom,Société,Titre,Télécopie (bureau),Téléphone (bureau),Téléphone 2 (bureau),Téléphone (domicile),Téléphone (voiture),Téléphone société,Téléphone (autre),Adresse de messagerie,Adresse de messagerie 2,Notes,Page Web",
		"German":               "Anrede,Vorname,Weitere Vornamen,Nachname,Firma,Position,Fax geschäftlich,Telefon geschäftlich,Telefon geschäftlich 2,Telefon privat,Autotelefon,Telefon Firma,Weiteres Telefon,E-Mail-Adresse,E-Mail 2: Adresse,Notizen,Webseite",
		"Hebrew":               "תואר,שם פרטי,שם פרטי שני,שם משפחה,חברה,תפקיד,פקס בעבודה,טלפון בעבודה,טלפון בעבודה 2,טלפון בבית,טלפון ברכב,טלפון ראשי של החברה,טלפון עיקרי,כתובת דואר אלקטרוני,כתובת דואר אלקטרוני 2,הערות,דף אינטרנט",
		"Hungarian":            "Cím,Utónév,Középső,Vezetéknév,Cég,Beosztás,Hivatali fax,Hivatali telefon,Másik hivatali telefon,Otthoni telefon,Autótelefon,Cég fővonala,Egyéb telefon,E-mail cím,2. e-mail cím,Feljegyzések,Weblap",
		"Italian":              "Titolo,Nome,Secondo nome,Cognome,Società,Posizione,Fax (uff.),Ufficio,Ufficio 2,Abitazione,Telefono auto,Telefono principale società,Altro telefono,Indirizzo posta elettronica,Indirizzo posta elettronica 2,Note,Pagina Web",
		"Japanese":             "肩書き,名,ミドル ネーム,姓,会社名,役職,会社 FAX,会社電話,会社電話 2,自宅電話,自動車電話,会社代表電話,通常の電話,電子メール アドレス,電子メール 2 アドレス,メモ,Web ページ",
		"Korean":               "호칭(영문),이름,중간 이름,성,회사,직함,근무지 팩스,근무처 전화,근무처 전화 2,집 전화 번호,카폰,회사 대표 전화,기타 전화,전자 메일 주소,전자 메일 2 주소,메모,웹 페이지",
		"Latvian":              "Tituls,Vārds,Otrais vārds,Uzvārds,Uzņēmums,Amats,Fakss darbā,Tālrunis darbā,2. tālrunis darbā,Tālrunis mājās,Tālrunis automašīnā,Uzņēmuma galvenais tālrunis,Cits tālrunis,E-pasta adrese,2. e-pasta adrese,Piezīmes,Tīmekļa lapa",
		"Lithuanian":           "Titulas,Vardas,Antras vardas,Pavardė,Įmonė,Pareigos,Darbo faksograma,Darbo telefonas,2-as darbo telefonas,Namų telefonas,Automobilinis telefonas,Pagrindinis įmonės telefonas,Kitas telefonas,El. pašto adresas,2-as el. pašto adresas,Pastabos,Tinklalapis",
		"Norwegian":            "Tittel,Fornavn,Mellomnavn,Etternavn,Firma,Stilling,\"Telefaks, arb.\",\"Telefon, arb.\",\"Telefon 2, arb.\",\"Telefon, priv.\",Biltelefon,Hovedtelefon for firma,Annen telefon,E-postadresse,E-postadresse 2,Notater,Webside",
		"Polish":               "Tytuł,Imię,Drugie imię,Nazwisko,Firma,Stanowisko,Faks służbowy,Telefon służbowy,Telefon służbowy 2,Telefon domowy,Telefon w samochodzie,Główny telefon do firmy,Telefon podstawowy,Adres e-mail,Adres e-mail 2,Notatki,Strona sieci Web",
		"Portuguese":           "Título,Primeiro nome,Outros nomes/apelidos,Apelido,Empresa,Cargo,Fax da empresa,Telefone da empresa,2º telefone da empresa,Telefone da residência,Telefone do carro,Telefone principal da empresa,Outro telefone,Endereço de correio electrónico,Endereço do correio electrónico 2,Notas,Página na Web",
		"Portuguese in Brazil": "Tratamento,Primeiro nome,Segundo nome,Sobrenome,Empresa,Cargo,Fax comercial,Telefone comercial,Telefone comercial 2,Telefone residencial,Telefone do carro,Telefone principal da empresa,Outro telefone,Endereço de email,Endereço de email 2,Anotações,Página da Web",
		"Romanian":             "Titlu,Prenume,Al doilea nume,Nume de familie,Firmă,Ocupaţie,Fax firmă,Telefon firmă,Telefon 2 firmă,Telefon domiciliu,Telefon pe maşină,Telefon principal firmă,Alt telefon,Adresă de poştă electronică,Adresă poştă electronică 2,Note,Pagină Web",
		"Russian":              "Обращение,Имя,Отчество,Фамилия,Организация,Должность,Рабочий факс,Рабочий телефон,Телефон раб. 2,Домашний телефон,Телефон в машине,Основной телефон организации,Радиотелефон,Адрес эл. почты,Адрес 2 эл. почты,Заметки,Веб-страница",
		"Serbian":              "Zvanje,Ime,Srednje ime,Prezime,Kompanija,Radno mesto,Faks na poslu,Telefon na poslu,Telefon na poslu 2,Telefon kod kuće,Telefon u automobilu,Glavni telefon kompanije,Primarni telefon,E-adresa,E-adresa 2,Beleške,Veb stranica",
		"Slovak":               "Titul,Krstné meno,Ďalšie meno,Priezvisko,Spoločnosť,Funkcia,Fax do práce,Telefón do práce,Telefón do práce 2,Telefón domov,Autotelefón,Hlavný telefón spoločnosti,Primárny telefón,E-mailová adresa,E-mailová adresa 2,Poznámky,Webová stránka",
		"Slovenian":            "Naziv,Ime,Drugo ime,Priimek,Podjetje,Delovno mesto,Službeni faks,Službeni telefon,Službeni telefon 2,Domači telefon,Prenosni telefon,Centrala podjetja,Primarni telefon,E-poštni naslov,E-poštni naslov 2,Opombe,Spletna stran",
		"Spanish":              "Tratamiento,Nombre,Segundo nombre,Apellidos,Organización,Puesto,Fax del trabajo,Teléfono del trabajo,Teléfono del trabajo 2,Particular,Teléfono del automóvil,Número de centralita de la organización,Otro teléfono,Dirección de correo electrónico,Dirección del correo electrónico 2,Notas,Página web",
		"Swedish":              "Titel,Förnamn,Mellannamn,Efternamn,Företag,Befattning,Fax arbete,Arbete,\"Telefon 2, arbete\",Hem,Biltelefon,\"Företag, växel\",\"Telefon, annan\",E-postadress,E-postadress 2,Anteckningar,Webbsida",
		"Thai":                 "คำนำหน้า,ชื่อ,ชื่อกลาง,นามสกุล,บริษัท,ตำแหน่งงาน,โทรสาร (ธุรกิจ),โทรศัพท์ (ธุรกิจ),โทรศัพท์ 2 (ธุรกิจ),โทรศัพท์ (บ้าน),โทรศัพท์ในรถ,โทรศัพท์หลักของบริษัท,โทรศัพท์หลัก,ที่อยู่อีเมล,ที่อยู่อีเมล 2,บันทึกย่อ,เว็บเพจ",
		"Turkish":              "Unvan,İlk Adı,İkinci Adı,Soyadı,Şirket,İş Unvanı,İş Faks No,İş Telefon No,İş Telefonu 2,Ev Telefonu,Araç Telefonu,Şirket Santral Telefonu,Diğer Telefon No,Elektronik Posta Adresi,Elektronik Posta 2 Adres,Notlar,Web Sayfası",
		"Ukrainian":            "Звернення,Ім'я,По батькові,Прізвище,Організація,Посада,Робочий факс,Робочий телефон,Телефон роб. 2,Домашній телефон,Телефон у машині,Основний телефон організації,Радіотелефон,Адреса ел. пошти,Адреса 2 ел. пошти,Нотатки,Веб-сторінка",
	} {
		t.Run(language, func(t *testing.T) {
			want := []string{"", "first_name", "middle_name", "last_name", "company", "job_title", "",
				"phone", "phone", "phone", "phone", "phone", "phone", "email", "email", "notes", "website"}
			row := "X.,Anna,Eva,Lee,Acme,Buyer" + strings.Repeat(",+15557040102", 7) + ",a@example.com,b@example.com,VIP,www.example.com"
			if diff := cmp.Diff(want, fieldsOf(t, header, row)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}
