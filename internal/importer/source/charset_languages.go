package source

// language is a language as names are written in it.
type language struct {
	// encodings are those that its texts come in, the usual ones first.
	encodings string
	// letters are its lower-case letters that are not ASCII.
	letters string
	// words are names and names of columns. How often letters follow each other in them
	// distinguishes the right decoding of a name from others.
	words string
}

const (
	western  = "Windows-1252 MacRoman CP850 CP437 ISO-8859-15"
	central  = "Windows-1250 ISO-8859-2 CP852"
	baltic   = "Windows-1257 ISO-8859-13 ISO-8859-4"
	cyrillic = "Windows-1251 KOI8-R CP866 MacCyrillic ISO-8859-5 CP855"
)

var languages = [...]language{
	{western, "äöüß", `Müller Schäfer Köhler König Schröder Krüger Jürgen Günther Jörg Björn Böhm Jäger Groß Weiß Strauß
		Straße Köln München Düsseldorf Nürnberg Käthe Günter Bärbel Hübner Grünwald Kühn Lück Götz Löffler Händler Geschäft
		Geschäftsführer Büro Größe Vollständiger Äußerung Österreich Übersicht Özil Verkäufer Schöne Für Über Brückner Böttcher
		Völker Förster Möller Hölzl Jäckel Süß Thür Zürich Dürr Würz Höfer Fröhlich Brühl Mädchen Wörner Bäcker Sänger`},
	{western + " CP863", "éèêëàâçîïôùûüÿœæ", `André René François Françoise Hélène Éric Étienne Éléonore Frédéric Stéphane Jérôme Gérard
		Thérèse Joël Noël Gaëlle Raphaël Michaël Benoît Mickaël Zoë Chloé Zoé Anaïs Loïc Maïté Lefèvre Lefebvre Mercière Prénom
		Société Téléphone Numéro Adresse Médecin Côté Bérénice Cécile Geneviève Céline Rémi Rémy Sébastien Valérie Irène Solène
		Françoise Garçon Désiré Aimé Émile Gérald Hervé Josée Lévêque Forêt Château Hôtel Père Mère Frère Créé le Propriétaire
		Dubé Bouchér Desprès Béatrice Aurélie Amélie Mélanie Noémie Clément Grégoire Théo Léa Léo Inès Agnès Gisèle`},
	{western, "áéíóúñüºª", `José María Jesús Ramón Martín Ángel Óscar Raúl Íñigo Begoña Iñaki Núñez Muñoz Peña Ibáñez Yáñez Nuñez
		García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Jiménez Hernández Díaz Álvarez Gutiérrez Domínguez
		Vázquez Suárez Ramírez Benítez Méndez Núñez Águeda Concepción Asunción Ramírez Teléfono Móvil Dirección Compañía Correo
		Electrónico Título Sofía Lucía Andrés Nicolás Tomás Sebastián Julián Adrián Verónica Mónica Bárbara Inés Belén Cortés Solís
		Nº Español Señor España Iñigo Mañana Año Cáceres León Córdoba Málaga Bermúdez Chávez Ordóñez Rubén Iván Hernán`},
	{western + " CP860", "áàâãçéêíóôõúüºª", `João José Antônio Sebastião Conceição Assunção Gonçalves Gonçalo Magalhães Guimarães Simões
		Araújo Mendonça Lourenço França Fátima Inês Mónica Mônica Sônia Cláudia Cláudio Flávio Fábio Sérgio Júlio Lúcia Luís Vitória
		Patrícia Letícia Antônia Estêvão Aragão Falcão Leitão Romão Paixão Encarnação Brandão Galvão Leão Damião Camões Endereço Telefone
		Responsável Observações Título Número Razão Situação Função Descrição Nº Ângela Átila Érica Ítalo Úrsula André Tomé Zé Moisés
		Inácio Ignácio Cícero Otávio Márcio Márcia Célia Aurélio Vinícius Irmãos São Irmã Maçã Corrêa Valença Íris Caçador`},
	{western, "àèéìíîòóù", `Niccolò Nicolò Mosè Noè Calò Cantù Barillà Cinà Città Società Attività Perché Più Università Responsabilità
		Papà Virtù Salomè Aimè Totò Giosuè Isaù Zanè Pirrò Alì Lunedì Martedì Fà Morabbì Cefalù Corrù Forlì Patanè Scirè Sanfilippò Privacità`},
	{western + " CP865", "æøåéäöü", `Søren Jørgen Jørn Bjørn Bjørk Kjær Bøgh Møller Sørensen Jørgensen Nørgaard Østergaard Åse Åge Bødker
		Kjærsgaard Pål Håkon Håkan Ås Øystein Øyvind Ørsted Rødgrød Sæther Sæbø Næss Bråten Bråthen Solbråt Nygård Strøm Grønn Høyer
		Skåne Aalborg Træ Præst Læge Jæger Kærlighed Ærø Æbel Bækgaard Bæk Skjærvø Tromsø Malmø Fødselsdag Direktør Sælger
		Bygård Grønlund Lindegård Lærke Søndergaard Kåre Mågård Torbjørg Thorbjørn Hårfagre Brønd Gårde`},
	{western, "åäöéü", `Åsa Åke Åberg Åkesson Ångström Österberg Öberg Östlund Äpple Björn Björk Sjöberg Sjögren Söderberg Lindström
		Lundström Nyström Holmström Bergström Sandström Engström Hällström Hägg Hägglund Mårten Pär Gösta Göran Jörgen Håkan Märta Kjällström
		Strömberg Ström Löfgren Löf Öhman Näslund Väinö Päivi Mäkinen Mäkelä Hämäläinen Heikkilä Järvinen Jääskeläinen Särkkä Väisänen
		Virtanen Nieminen Pöyhönen Höglund Sköld Fältström Företag Försäljning Ägare Säljare Yritys Sähköposti Nimi Räsänen Törmänen
		Källström Persson Bäckström Häkkinen Räikkönen Könönen Kärkkäinen Leppänen Lähde Sirkkä Ylönen Mörk Hård Gård Vård`},
	{western, "áéíóúýðþæö", `Þór Þorsteinn Þórður Þóra Guðrún Guðmundur Sigurður Jón Ólafur Gísli Ævar Örn Össur Áslaug Sæmundur
		Kristín Björn Björk Ragnheiður Hallgrímur Guðni Davíð Bjarni Þorlákur Helgadóttir Jónsdóttir Sigurðardóttir Magnúsdóttir Eiríkur
		Ásgeir Ingibjörg Sólveig Steinunn Jóhannesson Jóhann Guðjónsson Þórunn Hreiðar Auður Unnur Kjartan Nafn Sími Netfang Fyrirtæki
		Ýmir Íris Óðinn Úlfur Ágúst Hrönn Snæfríður Friðrik Rögnvaldur Valgerður Heiða Óskar Rúnar`},
	{"Windows-1254 MacRoman", "çğıöşüâîû", `Şahin Yıldız Yılmaz Öztürk Çelik Doğan Güneş Işık Ayşe Gökhan Çağla Çağrı Uğur Oğuz Barış Şükrü İbrahim İsmail
		Özlem Özgür Gül Gülşen Tuğba Buğra Aydın Aydoğan Kılıç Arslan Şimşek Kaplan Coşkun Özdemir Koç Kurt Tekin Türk Güler Bülent Müşteri
		Adı Soyadı Şirket Ünvan Görev Eşref Ümit Ünal Ülkü Çetin Çınar Ertuğrul Sıla Pınar Yağmur Tunç Balcı Kaya Kırmızı Yüksel Ateş Güngör
		Işıl İlknur İpek İrem Şule Şeyma Taş Bozkır Akın Altıntaş Keleş Karabıyık Sağlam Ağaoğlu Nurşen Zübeyde Büşra Küçük Hüseyin Şenol`},
	{central, "ąćęłńóśźż", `Łukasz Paweł Michał Małgorzata Władysław Stanisław Mirosław Jarosław Wiesław Przemysław Rafał Karolina Wójcik
		Kamiński Wiśniewski Zieliński Szymański Woźniak Dąbrowski Kozłowski Jabłoński Górski Pawłowski Michałowski Wróbel Kaźmierczak
		Krzyżanowski Żak Żuk Żółć Świątek Śliwa Gałązka Król Kołodziej Głowacki Jasiński Gajewski Łapiński Łuczak Błaszczyk Mąka Zając
		Józef Róża Zdzisław Grażyna Bożena Elżbieta Agnieszka Łucja Imię Nazwisko Nazwa Telefon komórkowy Województwo Właściciel Źródło
		Spółka Ćwik Ósmy Gołąb Gęś Kwiatkowski Stępień Sobczyński Cieśla Wiśniewska Kamińska Dąbrowska Zielińska Piątek Święcki Pająk
		Barańska Mroźny Kośmider Wąsik Lewińska Tomasz Kłos Brzęczyszczykiewicz Ziółkowski`},
	{central, "áčďéěíňóřšťúůýžäľĺôŕ", `Dvořák Němec Novák Novotný Černý Procházka Kučera Veselý Horák Pokorný Marešová Růžička Beneš Fiala
		Sedláček Doležal Zeman Kolář Navrátil Čermák Vaněk Urbánek Blažek Kříž Kopecký Kratochvíl Šimek Křížová Jiří Tomáš Lukáš Ondřej
		Matěj Vojtěch Šimon Zdeněk Bořivoj Božena Jiřina Květa Miloš Luboš Řehoř Štěpán Aleš Eliška Tereza Kateřina Lenka Věra Žaneta
		Příjmení Jméno Společnost Město Země Ředitel Přemysl Dušan Ľuboš Ľudmila Ľubica Juraj Štúr Mäsiar Kováč Hudák Tóth Baláž
		Krajčír Šťastný Žilina Košice Bratislavský Priezvisko Spoločnosť Telefónne číslo Mobil Svoboda Nováková Dvořáková Svobodová
		Černá Novotná Veselá Králová Jančařík Hájek Jelínek Růžena Říha Vlček Bartoš Fišer Kočí Polák Hruška Ševčík`},
	{central, "áéíóöőúüű", `László Zoltán István József János Gábor András Miklós György Tamás Attila Péter Géza Árpád Béla Jenő Gergő Ernő
		Dezső Győző Mátyás Ádám Dávid Máté Gellért Kálmán Sándor Zsófia Éva Ágnes Kovács Szabó Tóth Horváth Kiss Nagy Németh Balázs
		Molnár Juhász Mészáros Oláh Simon Rácz Fekete Szűcs Erdős Szőke Győri Kőműves Hegedűs Fűzfa Vezetéknév Keresztnév Cégnév Név Telefonszám
		Ügyfél Város Cím Értékesítő Beosztás Ödön Örs Őri Üveges Zoé Rózsa Ildikó Katalin Erzsébet Márta Mária Réka Ötvös Bőr Csilla
		Pintér Sípos Lukács Gál Fodor Gáspár Szántó Bánó Bíró Király Fülöp Dobó Halász Kocsis Soós Fábián Sütő Hűség Vörös Főző`},
	{central + " ISO-8859-16", "ăâîşţșț", `Ștefan Ionuț Șerban Țăranu Roșu Funcție Oraș Mureșan Ştefan Ionuţ Constanţa Brătianu Bălan Mădălina Cătălin Răzvan Ţepeş Moraru Dănilă Sârbu Vîlcu Pârvu
		Mihăilescu Văcărescu Lupaşcu Grigoraş Popăescu Ilinca Anghelache Şerban Ţăranu Oprişan Năstase Drăghici Roşu Ungureanu Roşca
		Cârstea Ghiţă Petriţa Luminiţa Măriuca Mureşan Timiş Prenume Funcţie Adresă Oraş Observaţii Societate Îngrijire Ştefania Ţiriac
		Bârsan Brînduşa Crăciun Făgăraş Păun Săndulescu Stănescu Tănase Bogdănescu Nuţu Nicuşor Vasîlca Lăcrămioara Împărat`},
	{central, "čćđšž", `Kovačević Horvat Babić Marić Jurić Novaković Božić Knežević Perić Petrović Jovanović Marković Đorđević Nikolić
		Ilić Stojanović Šarić Šimić Žarko Željko Željka Đuro Đurđica Čedomir Ćosić Čačić Lončar Hadžić Begić Miloš Uroš Saša Nataša
		Dušan Aleš Boštjan Žiga Špela Žan Gašper Mojca Krajnc Zupančič Žnidaršič Kovač Hočevar Košir Oblak Primož Tomaž Urška Maša
		Tvrtka Priimek Prezime Račun Poduzeće Adresa Bančić Vuković Blažević Matić Tomić Pavlović Radić Kovačič Potočnik Janežič Čeh`},
	{baltic, "āčēģīķļņšūž", `Jānis Andris Kārlis Ēriks Māris Pēteris Juris Bērziņš Kalniņš Ozoliņš Liepiņš Krūmiņš Zariņš Balodis Kļaviņš
		Jānbērziņš Zālītis Ķēniņš Ļaudams Ģirts Ņina Šķēle Čakste Žanis Anžela Ilze Līga Līva Inese Dāvis Kristīne Zane Ilzīte Uzvārds Vārds
		Uzņēmums Tālrunis Pilsēta Rīga Jūrmala Liepāja Kristaps Edgārs Mārtiņš Miķelis Jēkabs Raitis Guntis Vītols Sproģis Pētersone Šmits Āboliņa`},
	{baltic, "ąčęėįšųūž", `Jonas Petraitis Kazlauskas Stankevičius Žukauskas Butkevičius Paulauskienė Šimkutė Žemaitis Vaitkevičiūtė
		Mindaugas Gediminas Žydrūnas Saulė Rūta Eglė Gražina Živilė Šarūnas Ąžuolas Įmonė Pavardė Vardas Telefonas Adresas Pastabos
		Balčiūnas Urbonavičius Jankauskaitė Navickienė Bružas Čepaitis Ėringis Ūsas Birutė Aistė Ieva Agnė Viltė Kęstutis Vytautė Daugėla Mažeikių
		Kėdainių Šiaulių Klaipėda Pareigos Įstaiga Juškevičius Grybauskaitė Skvernelė Marčiulionis Jasikevičius Lukošius Žilvinas Rasutė Sąskaita`},
	{"Windows-1257 Windows-1252 ISO-8859-13 ISO-8859-15", "äõöüšž", `Tõnu Tõnis Õnne Mõttus Kõiv Sõber Põld Lõhmus Rõõm Jõgi Õun Võsu Pärn Pärnu Märt Jüri Jürgen Ülle Ülo Külli
		Tiiu Mägi Tamm Mäe Kärt Köster Lõoke Väli Rätsep Sõrmus Tõll Vööle Jõesaar Tõlkija Perekonnanimi Eesnimi Ettevõte Nõukogu Šmidt Žanna Kõrgõzstan Öpik`},
	{"Windows-1253 ISO-8859-7", "άέήίόύώαβγδεζηθικλμνξοπρστυφχψωςϊϋΐΰ", `Γιώργος Παπαδόπουλος Δημήτρης Νίκος Κώστας Κωνσταντίνος Γιάννης Ιωάννης
		Μαρία Ελένη Κατερίνα Αικατερίνη Βασίλης Βασιλική Σοφία Άννα Αγγελική Χρήστος Παναγιώτης Σπύρος Θανάσης Θεόδωρος Ανδρέας Μιχάλης Στέλιος Ευάγγελος
		Όνομα Επώνυμο Τηλέφωνο Κινητό Εταιρεία Διεύθυνση Θέση Σημειώσεις Πελάτης Πόλη Χώρα Αθήνα Θεσσαλονίκη Οικονόμου Νικολάου Αντωνίου Γεωργίου
		Ιωάννου Δημητρίου Παπανικολάου Βλάχος Μακρής Καραγιάννης Αλεξίου Κυριακίδης Παππάς Ζαχαρίας Φώτης Ξένια Ψαρράς Αλέξανδρος Ευαγγελία Έλλη Ήρα Ίρις Ώρα
		Ιωαννίδης Πέτρος Ρένα Δέσποινα Ειρήνη Τάσος Λάμπρου Χατζής Καλλιόπη`},
	{cyrillic, "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", `Иванов Иванова Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов
		Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев
		Александр Сергей Владимир Дмитрий Алексей Андрей Николай Евгений Михаил Юрий Анна Елена Ольга Наталья Татьяна Ирина Светлана Екатерина Мария Анастасия Юлия
		Людмила Галина Валентина Иванович Сергеевич Александровна Петровна Имя Фамилия Отчество Телефон Почта Компания Должность Адрес Город Примечание Заметки Название
		Мобильный Электронная Клиент Организация Директор Менеджер Москва Цветков Щербаков Чернышёв Жуков Шевченко Эльвира Ярослав Хабаров Ульянов Общество
		Ольховский Дарья Наталия Крылов Быков Пётр Фомин Тарасов Белов Комаров Киселёв Ильин Гусев Титов Кудрявцев Баранов Куликов Связь Объект`},
	{"Windows-1251 KOI8-U CP866 MacCyrillic ISO-8859-5", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", `Шевченко Ковальчук Коваленко Бондаренко Ткаченко Кравченко Олійник Шевчук Поліщук
		Лисенко Мельник Мороз Савченко Руденко Марченко Петренко Павленко Гончаренко Олександр Володимир Сергій Андрій Микола Дмитро Іван Василь Тарас Михайло Юрій Євген
		Оксана Олена Наталія Тетяна Ірина Світлана Катерина Марія Юлія Людмила Ганна Надія Любов Віктор Віктория Анатолій Прізвище Телефон Пошта Компанія Посада Адреса Місто
		Київ Львів Харків Україна Нотатки Ім Їжакевич Євдокимов Ґалаґан Гриценко Кучеренко Яценко Хоменко Шаповал Зінченко Ольга Богдан Ярослава Щербина Чорновіл Федір Данилюк`},
	{"Windows-1251 MacCyrillic ISO-8859-5 CP866", "абвгдежзийклмнопрстуфхцчшщъьюя", `Георги Иванов Димитър Петров Николай Стоянов Христо Йорданов Тодоров Ангелов Атанасов Маринов
		Мария Елена Цветанка Гергана Десислава Пенка Снежана Румяна Йорданка Стефка Василка Пламен Красимир Светослав Асен Боян Кирил Методий Име Фамилия Фирма Длъжност
		Телефон Имейл Бележки Град София Пловдив Българе Търговище Къдринка Щерев Ъгъл Жечев Чавдар Хаджиев`},
	{"Windows-1251 ISO-8859-5 CP855 MacCyrillic", "абвгдђежзијклљмнњопрстћуфхцчџшѓѕќ", `Јовановић Петровић Николић Марковић Ђорђевић Стојановић Илић Станковић Павловић Милошевић Јован Марко Никола
		Милан Душан Зоран Драган Љубица Његош Ђурђа Џемал Јелена Марија Ана Милица Снежана Весна Радмила Име Презиме Телефон Предузеће Адреса Београд Нови Сад Напомена Шћепан Жика Ћирић Хаџић
		Љубомир Јелић Живковић Бранислав Вук Цветковић Ружа Фирма Чедомир`},
	{"Windows-1255 ISO-8859-8 CP862", "אבגדהוזחטיךכלםמןנסעףפץצקרשת", `משה כהן דוד לוי יוסף יעקב אברהם יצחק שרה רחל לאה רבקה מרים אסתר חנה נועה תמר מיכל יעל דניאל איתן עומר
		אורי גיא רון שלום מזרחי פרץ ביטון אוחיון פרידמן כץ אזולאי מלכה גבאי חדד עמר שפירא גולן ברק צדוק שם פרטי משפחה טלפון נייד דואל חברה תפקיד הערות כתובת עיר לקוח אימייל
		שמעון אהרון בנימין אליהו גדעון ישראל טובה צבי זאב נתן סופר ציון רוזן קליין וייס לביא`},
	{"Windows-1256 ISO-8859-6", "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيپچژگک", `محمد أحمد علي حسن حسين عبدالله عبد الرحمن فاطمة عائشة خديجة مريم يوسف إبراهيم خالد عمر سعيد صالح ناصر سالم
		الاسم الأول الأخير العائلة الهاتف الجوال البريد الإلكتروني الشركة المنصب العنوان المدينة ملاحظات العميل زينب سارة ليلى نورة هدى طارق كريم جمال مصطفى محمود الشريف المصري
		العربي القحطاني الزهراني الحربي غسان ظافر ثامر ذياب ضياء رضا شريف بشار وليد هند رائد مؤمن آمنة`},
	{"Windows-1258", "àáâãảạăắằẳẵặấầẩẫậèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵđ", `Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý
		Văn Thị Hữu Đức Công Quốc Minh Tuấn Hùng Dũng Cường Hằng Hương Lan Nga Thủy Thảo Trang Tùng Sơn Đình Xuân Hồng Ngọc Bích Mỹ Linh Phương Điện thoại Họ tên Địa chỉ Công ty Chức vụ Ghi chú`},
	{"Windows-874", "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรฤลวศษสหฬอฮะัาำิีึืฺุูเแโใไๅ็่้๊๋์", `สมชาย สมศรี สมหญิง ประยุทธ์ วิชัย สุดา อนันต์ กมล ณัฐ พงษ์ ธนา ศรี ใจดี รักไทย ชื่อ นามสกุล โทรศัพท์ อีเมล บริษัท
		ตำแหน่ง ที่อยู่ หมายเหตุ ลูกค้า สุวรรณ วงศ์ ทองดี แก้ว นภา เพ็ญ มานะ ปรีชา จันทร์`},
}
