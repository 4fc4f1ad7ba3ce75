package sample

// Names of people, for parseWords.
const (
	latinGiven = `Ada,Aisha,Åsa=asa,Ágnes=agnes,Alejandro,Alice,Amélie=amelie,Ana,Anaïs=anais,Anders,André=andre,Anna,Antônio=antonio,
Arjun,Astrid,Beatriz,Ben,Bjarne,Björn=bjorn,Bobby,Bruno,Carlos,Carmen,Caroline,Catarina,Cédric=cedric,Charlotte,Chiara,
Chloé=chloe,Christian,Clara,Daniel,David,Defne,Dina,Đặng=dang,Edith,Élodie=elodie,Emeka,Emil,Emma,Eszter,Esra,Eva,Fatima,
Fernando,Filip,Fiona,François=francois,Freya,Gabriela,George,Giulia,Grace,Gülşen=gulsen,Hana,Hannah,Håkan=hakan,Hélène=helene,
Henrik,Hiro,Hugo,Ilse,Inès=ines,Ingrid,Isabel,Ivana,Jack,Jakub,James,Jan,Jessie,João=joao,John,Jónína=jonina,José=jose,
Jürgen=jurgen,Kari,Katarzyna,Kwame,Lars,Laura,Léa=lea,Leila,Liam,Linh,Lucía=lucia,Łukasz=lukasz,Magnus,Maja,Małgorzata=malgorzata,
Marek,María=maria,Marta,Mateusz,Mehmet,Mia,Michał=michal,Minh,Miriam,Nadia,Ngozi,Niamh,Niels,Noah,Nuno,Oğuz=oguz,Olga,Oliver,
Oluwaseun,Øystein=oystein,Paolo,Patricia,Pedro,Peter,Petra,Priya,Quentin,Rafał=rafal,Raúl=raul,Renée=renee,Ruth,Sándor=sandor,
Santiago,Sara,Siân=sian,Siobhán=siobhan,Sofía=sofia,Sørine=sorine,Stefany,Susan,Svetlana,Tamás=tamas,Thảo=thao,Theo,Thomas,
Tiago,Tomáš=tomas,Ülkü=ulku,Ursula,Vera,Victor,Walid,William,Wojciech,Yasmin,Yusuf,Zainab,Zoë=zoe,Željka=zeljka`
	latinFamily = `Adeyemi,Almeida,Andersson,Araújo=araujo,Bakker,Bălan=balan,Baptiste,Becker,Bernard,Bianchi,Björk=bjork,Brown,Çelik=celik,
Černý=cerny,Chukwu,Clarke,Costa,da Silva,Davies,de Boer,de la Cruz,Díaz=diaz,Dubois,Dupont,Duarte,Đorđević=djordjevic,
Eriksen,Esposito,Evans,Fernández=fernandez,Ferrari,Fischer,Fitzgerald,Fodor,Fournier,Gallagher,García=garcia,Gómez=gomez,
González=gonzalez,Grabowski,Green,Gruber,Gustafsson,Haddad,Hansen,Hernández=hernandez,Hoang,Horváth=horvath,Hughes,Ibáñez=ibanez,
Ivanova,Jansen,Janssens,Jóhannsdóttir=johannsdottir,Johnson,Jovanović=jovanovic,Kamara,Kaya,Keller,Kelly,Khan,Kim,Kowalski,
Kovács=kovacs,Krüger=kruger,Kumar,Lambert,Larsen,Laurent,Le Goff,Lefèvre=lefevre,Lindqvist,López=lopez,Łuczak=luczak,MacDonald,
Mâncio=mancio,Marchetti,Marín=marin,Martin,Martínez=martinez,Mbeki,Meyer,Molnár=molnar,Moreau,Moretti,Müller=muller,Murphy,
Nagy,Ndiaye,Nguyễn=nguyen,Nielsen,Nilsson,Novák=novak,Nowak,Núñez=nunez,O'Brien=obrien,O'Connor=oconnor,O'Neil=oneil,Okafor,
Olsen,Ørsted=orsted,Østergaard=ostergaard,Øvergård=overgard,Owusu,Öztürk=ozturk,Park,Patel,Pereira,Pérez=perez,Petrov,Phạm=pham,
Popescu,Quinn,Ramírez=ramirez,Reyes,Ricci,Roberts,Robinson,Rodríguez=rodriguez,Romano,Rossi,Roux,Ruiz,Şahin=sahin,Sánchez=sanchez,
Santos,Schäfer=schafer,Schmidt,Schneider,Silva,Singh,Smith,Sørensen=sorensen,Strauß=strauss,Svensson,Şimşek=simsek,Szabó=szabo,
Tanaka,Taylor,Thibault,Torres,Trần=tran,Türk=turk,Van den Berg,Van Dyck,Vargas,Vega,Virtanen,von Trapp,Walsh,Weber,Weiß=weiss,
Williams,Wilson,Wiśniewski=wisniewski,Wójcik=wojcik,Wood,Yılmaz=yilmaz,Zając=zajac,Zhao,Zimmermann`
	cyrillicGiven = `Елена=elena,Иван=ivan,Ольга=olga,Дмитрий=dmitri,Анна=anna,Сергей=sergei,Наталья=natalia,Олексій=oleksii,
Ірина=iryna,Богдан=bohdan,Милица=milica,Ђорђе=djordje,Борис=boris,Людмила=liudmila`
	cyrillicFamily = `Иванова=ivanova,Петров=petrov,Соколов=sokolov,Кузнецова=kuznetsova,Шевченко=shevchenko,Коваленко=kovalenko,
Бондаренко=bondarenko,Јовановић=jovanovic,Димитров=dimitrov,Ёлкин=yolkin,Морозова=morozova,Васильев=vasiliev`
	greekGiven  = `Ελένη=eleni,Γιώργος=giorgos,Μαρία=maria,Νίκος=nikos,Σοφία=sofia,Δημήτρης=dimitris,Άννα=anna`
	greekFamily = `Παπαδόπουλος=papadopoulos,Νικολαΐδη=nikolaidi,Οικονόμου=oikonomou,Γεωργίου=georgiou,Βασιλείου=vasileiou`

	arabicGiven      = `محمد=mohammed,فاطمة=fatima,أحمد=ahmed,ليلى=layla,يوسف=youssef,مريم=maryam,خالد=khaled,نور=nour`
	arabicFamily     = `الحداد=alhaddad,المصري=almasri,العلي=alali,منصور=mansour,الخطيب=alkhatib,حسن=hassan,النجار=alnajjar`
	hebrewGiven      = `דוד=david,שרה=sarah,יוסף=yosef,רחל=rachel,נועה=noa,אורי=uri,מיכל=michal`
	hebrewFamily     = `כהן=cohen,לוי=levi,מזרחי=mizrahi,פרץ=peretz,ביטון=biton,אברהם=avraham`
	hanGiven         = `伟=wei,芳=fang,秀英=xiuying,小龙=xiaolong,静怡=jingyi,志明=zhiming,太郎=taro,花子=hanako,健一=kenichi,美咲=misaki`
	hanFamily        = `王=wang,李=li,张=zhang,刘=liu,陳=chen,黃=huang,欧阳=ouyang,山田=yamada,佐藤=sato,鈴木=suzuki`
	kanaGiven        = `さくら=sakura,ひかり=hikari,カレン=karen,ジョン=john,みどり=midori,ヒロ=hiro`
	kanaFamily       = `たなか=tanaka,すずき=suzuki,スミス=smith,はやし=hayashi,あべ=abe`
	hangulGiven      = `민준=minjun,서연=seoyeon,지호=jiho,하은=haeun,도윤=doyun,수빈=subin`
	hangulFamily     = `김=kim,이=lee,박=park,최=choi,정=jung,남궁=namgung`
	devanagariGiven  = `प्रिया=priya,राहुल=rahul,अनिता=anita,विजय=vijay,सुनीता=sunita,कृष्ण=krishna`
	devanagariFamily = `शर्मा=sharma,वर्मा=verma,सिंह=singh,पटेल=patel,गुप्ता=gupta,मिश्रा=mishra`
)
