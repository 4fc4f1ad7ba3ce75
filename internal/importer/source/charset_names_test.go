package source

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/transform"
)

// nameFiles are short files of invented people: the header and a name a line.
var nameFiles = []struct{ encoding, header, names string }{
	{"Windows-1252", "Name;Telefon", "Ulrich Möbius|Gerd Büttner|Kerstin Weißmann"},
	{"Windows-1252", "Name,Phone", "Maëlle Gauthier|Grégory Brûlé|Gwénaël Tréguier"},
	{"Windows-1252", "Nombre;Teléfono", "Joaquín Ordoñez|Tomás Quiñones|Belén Villalón"},
	{"Windows-1252", "Nome;Telefone", "Simão Brandão|Inês Falcão|Tomé Conceição"},
	{"Windows-1252", "Navn;Telefon", "Jens Kjærgård|Bjørg Sønderby|Åshild Grøtting"},
	{"Windows-1252", "Namn;Telefon", "Hjördis Sjödahl|Gunvör Åkerblom|Jonas Häggström"},
	{"Windows-1252", "Nafn;Sími", "Þorbjörg Eiríksdóttir|Guðlaugur Þráinsson|Ástríður Ýr"},
	{"Windows-1252", "Nome;Telefono", "Nicolò Bortolà|Mosè Calò|Ambrogio Cantù"},
	{"Windows-1252", "Name,Phone", "Zoë D’Arcy|José O’Neill|Renée Müller"},
	{"Windows-1250", "Imię;Telefon", "Zbigniew Śliwiński|Grażyna Żurek|Jędrzej Łoś"},
	{"Windows-1250", "Name,Phone", "Paweł Źrebiec|Wacław Gęsiński|Bożena Miąsko"},
	{"Windows-1250", "Jméno;Telefon", "Břetislav Škvorecký|Jaroměr Říčan|Zuzana Ptáčková"},
	{"Windows-1250", "Name,Phone", "Kvěťa Hrubešová|Ladislav Ďurica|Oldřich Šťáva"},
	{"Windows-1250", "Név;Telefon", "Győrfi Ottó|Szörényi Ödön|Pethő Szilárd"},
	{"Windows-1250", "Ime;Telefon", "Krešimir Blagojević|Tihana Šušnjar|Đurđa Čavić"},
	{"Windows-1250", "Nume;Telefon", "Dragoş Bărbulescu|Ruxandra Ţîrdea|Sînziana Pătraşcu"},
	{"Windows-1251", "Имя;Телефон", "Геннадий Щукин|Раиса Воробьёва|Игорь Чижов"},
	{"Windows-1251", "Name,Phone", "Тимур Хасанов|Вера Дроздова|Глеб Юдин"},
	{"Windows-1251", "Ім'я;Телефон", "Остап Їжак|Зіновій Щур|Галина Стельмах"},
	{"Windows-1251", "Име;Телефон", "Любомир Гърков|Ралица Пъшева|Живко Щилянов"},
	{"Windows-1251", "Име;Телефон", "Љиљана Ђурић|Недељко Њежић|Срђан Ћосић"},
	{"KOI8-R", "Имя;Телефон", "Геннадий Щукин|Раиса Воробьёва|Игорь Чижов"},
	{"KOI8-R", "Name,Phone", "Кирилл Лаптев|Эмма Зуева|Роман Шишкин"},
	{"KOI8-U", "Ім'я;Телефон", "Остап Їжак|Зіновій Щур|Галина Стельмах"},
	{"CP866", "Имя;Телефон", "Вадим Рябов|Зинаида Ежова|Артём Сухов"},
	{"ISO-8859-5", "Имя;Телефон", "Вадим Рябов|Зинаида Ежова|Артём Сухов"},
	{"MacCyrillic", "Имя;Телефон", "Вадим Рябов|Зинаида Ежова|Артём Сухов"},
	{"Windows-1253", "Όνομα;Τηλέφωνο", "Λευτέρης Τσιτσάνης|Ουρανία Ζώη|Μάνος Άγγελος"},
	{"Windows-1253", "Name,Phone", "Ηλίας Κατράκης|Φανή Δούκα|Στράτος Μπέκας"},
	{"ISO-8859-7", "Όνομα;Τηλέφωνο", "Άρης Τσιτσάνης|Ουρανία Ζώη|Μάνος Άγγελος"},
	{"Windows-1254", "Ad;Telefon", "Tuğrul Işıkçı|Gülay Şengül|Çiğdem Ağdağ"},
	{"Windows-1254", "Name,Phone", "Orçun Yıldıray|İlkay Başaran|Fatoş Güçlü"},
	{"Windows-1255", "שם;טלפון", "רפאל אדלר|ציפי שטרן|גלעד הראל"},
	{"Windows-1256", "الاسم;الهاتف", "رشيد بنعلي|سلوى الخطيب|فؤاد حداد"},
	{"ISO-8859-6", "الاسم;الهاتف", "رشيد بنعلي|سلوى الخطيب|فؤاد حداد"},
	{"Windows-1257", "Vardas;Telefonas", "Aušra Žilinskienė|Rytis Kupčinskas|Ingrida Šadžiūtė"},
	{"Windows-1257", "Vārds;Tālrunis", "Zigurds Ķirsis|Vēsma Bērziņa|Ņikita Šņore"},
	{"Windows-1257", "Nimi;Telefon", "Õie Kõrvits|Priit Pöial|Jaanus Võrk"},
	{"Windows-1258", "Tên;Điện thoại", "Nguyễn Thị Hạnh|Trần Quốc Toản|Đỗ Kim Phụng"},
	{"ISO-8859-2", "Imię;Telefon", "Zbigniew Śliwiński|Grażyna Żurek|Jędrzej Łoś"},
	{"ISO-8859-2", "Jméno;Telefon", "Břetislav Škvorecký|Jaroměr Říčan|Zuzana Ptáčková"},
	{"ISO-8859-15", "Nom;Téléphone", "Élodie Cœur|Gaël Bœuf|Chloë Šimon"},
	{"MacRoman", "Nombre;Teléfono", "Joaquín Ordoñez|Tomás Quiñones|Belén Villalón"},
	{"MacRoman", "Name,Phone", "Ulrich Möbius|Gerd Büttner|Kerstin Weißmann"},
	{"MacRoman", "Name,Phone", "Maëlle Gauthier|Grégory Brûlé|Françoise Tréguier"},
	{"CP850", "Name;Telefon", "Ulrich Möbius|Gerd Büttner|Kerstin Weißmann"},
	{"CP850", "Nombre;Teléfono", "Joaquín Ordoñez|Tomás Quiñones|Belén Villalón"},
	{"CP850", "Navn;Telefon", "Jens Kjærgård|Bjørg Sønderby|Åshild Grøtting"},
	{"CP437", "Nom;Téléphone", "Grégory Brûlé|Maëlle Gauthier|Françoise Tréguier"},
	{"CP852", "Imię;Telefon", "Zbigniew Śliwiński|Grażyna Żurek|Jędrzej Łoś"},
	{"CP852", "Jméno;Telefon", "Břetislav Škvorecký|Jaroměr Říčan|Zuzana Ptáčková"},
	{"Shift_JIS", "氏名,電話番号", "宮沢 賢吾|表 能登子|ソニア 望月"},
	{"Shift_JIS", "Name,Phone", "土井 彩乃|神谷 修|熊谷 守"},
	{"Shift_JIS", "名前,電話番号", "ｽｽﾞｷ ｲﾁﾛｰ|ﾀﾅｶ ﾊﾅｺ|ｳｴﾀﾞ ﾘｮｳｼﾞ"},
	{"Shift_JIS", "Name,Phone", "ｶﾜｲ ﾐﾎ|ﾌｼﾞﾓﾄ ｹﾝ|ﾇﾏﾀ ﾕｳｷﾁ"},
	{"EUC-JP", "氏名,電話番号", "宮沢 賢吾|表 能登子|望月 涼子"},
	{"ISO-2022-JP", "氏名,電話番号", "宮沢 賢吾|表 能登子|望月 涼子"},
	{"GBK", "姓名,电话", "王晓东|欧阳明珠|李雪琴"},
	{"GBK", "Name,Phone", "何志强|孟庆华|陆佳琪"},
	{"GB18030", "姓名,电话", "王晓东|㐀明珠|李雪琴"},
	{"Big5", "姓名,電話", "陳怡安|許功蓋|林淑惠"},
	{"Big5", "Name,Phone", "郭子豪|鄭雅文|謝宗翰"},
	{"EUC-KR", "이름,전화", "박서준|최은경|남궁민수"},
	{"EUC-KR", "Name,Phone", "권혁수|배두나|윤미래"},
	{"Windows-874", "ชื่อ,โทรศัพท์", "วิชัย บุญมี|สมพร แสงทอง|นิภา ใจเย็น"},
}

func encode(t testing.TB, name, text string) string {
	t.Helper()
	if name == "Windows-1258" {
		text = splitTones(text)
	}
	raw, _, err := transform.String(mustEncoding(name).NewEncoder(), text)
	if err != nil {
		t.Fatalf("%s cannot write %q: %v", name, text, err)
	}
	return raw
}

// nameFile returns a file of some people.
func nameFile(header string, names []string) string {
	delim := ","
	if strings.Contains(header, ";") {
		delim = ";"
	}
	text := header + "\r\n"
	for i, name := range names {
		text += fmt.Sprintf("%s%s+415550101%02d\r\n", name, delim, i)
	}
	return text
}

func TestDetect_ReadsShortFilesOfNames(t *testing.T) {
	for people := 1; people <= 3; people++ {
		right, total := 0, 0
		for _, f := range nameFiles {
			names := strings.Split(f.names, "|")
			for from := 0; from+people <= len(names); from++ {
				text := nameFile(f.header, names[from:from+people])
				d := detecting(strings.NewReader(encode(t, f.encoding, text)))
				got, err := io.ReadAll(d)
				if err != nil {
					t.Fatal(err)
				}
				total++
				switch {
				case string(got) == text:
					right++
				case !d.assumed:
					t.Errorf("%s is read as %s without a word: %.90q", f.encoding, d.name(), got)
				default:
					t.Logf("%s is assumed to be %s: %.90q", f.encoding, d.name(), got)
				}
			}
		}
		t.Logf("of files with %d people %d of %d are right", people, right, total)
		if people > 1 && right*100 < 95*total {
			t.Errorf("of files with %d people only %d of %d are right", people, right, total)
		}
	}
}
