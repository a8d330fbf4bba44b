/*
 * Rules of the Galician stemmer, "Regras do lematizador para o galego", Biblioteca Virtual Galega,
 * in the form of the RSLP stemmer. Data as in Lucene 9.12 (Apache License 2.0).
 */
#include "rslp.h"

/* clang-format off */
static const auk_rslp_rule plural[] = {
    {u"ns", 1, u"n", u"luns furatapóns furatapons"},
    {u"ós", 3, u"ón", NULL},
    {u"ões", 3, u"ón", NULL},
    {u"ães", 1, u"ão", u"mães magalhães"},
    {u"ais", 2, u"al", u"cais tais mais pais ademais"},
    {u"áis", 2, u"al", u"cáis táis máis páis ademáis"},
    {u"éis", 2, u"el", NULL},
    {u"eis", 2, u"el", NULL},
    {u"óis", 2, u"ol", u"escornabóis"},
    {u"ois", 2, u"ol", u"escornabois"},
    {u"ís", 2, u"il", u"país"},
    {u"is", 2, u"il", u"menfis pais kinguis"},
    {u"les", 2, u"l", u"ingles marselles montreales senegales manizales móstoles nápoles"},
    {u"res", 3, u"r", 
        u"petres henares cáceres baleares linares londres mieres miraflores mércores venres "
        u"pires"},
    {u"ces", 2, u"z", NULL},
    {u"zes", 2, u"z", NULL},
    {u"ises", 3, u"z", NULL},
    {u"ás", 1, u"al", u"más"},
    {u"ses", 2, u"s", NULL},
    {u"s", 2, u"", 
        u"barbadés barcelonés cantonés gabonés llanés medinés escocés escocês francês "
        u"barcelonês cantonês macramés reves barcelones cantones gabones llanes magallanes "
        u"medines escoces frances xoves martes aliás pires lápis cais mais mas menos férias "
        u"pêsames crúcis país cangas atenas asturias canarias filipinas honduras molucas "
        u"caldas mascareñas micenas covarrubias psoas óculos nupcias xoves martes llanes"},
};

static const auk_rslp_rule unification[] = {
    {u"íssimo", 5, u"ísimo", NULL},
    {u"íssima", 5, u"ísima", NULL},
    {u"aço", 4, u"azo", NULL},
    {u"aça", 4, u"aza", NULL},
    {u"uça", 4, u"uza", NULL},
    {u"lhar", 2, u"llar", NULL},
    {u"lher", 2, u"ller", NULL},
    {u"lhor", 2, u"llor", NULL},
    {u"lho", 1, u"llo", NULL},
    {u"nhar", 2, u"ñar", NULL},
    {u"nhor", 2, u"ñor", NULL},
    {u"nho", 1, u"ño", NULL},
    {u"nha", 1, u"ña", NULL},
    {u"ário", 3, u"ario", NULL},
    {u"ária", 3, u"aria", NULL},
    {u"able", 2, u"ábel", NULL},
    {u"ável", 2, u"ábel", NULL},
    {u"ible", 2, u"íbel", NULL},
    {u"ível", 2, u"íbel", NULL},
    {u"çom", 2, u"ción", NULL},
    {u"agem", 2, u"axe", NULL},
    {u"age", 2, u"axe", NULL},
    {u"ão", 3, u"ón", NULL},
    {u"ao", 1, u"án", NULL},
    {u"au", 1, u"án", NULL},
    {u"om", 3, u"ón", NULL},
    {u"m", 2, u"n", NULL},
};

static const auk_rslp_rule adverb[] = {
    {u"mente", 4, u"", u"experimente vehemente sedimente"},
};

static const auk_rslp_rule augmentative[] = {
    {u"dísimo", 5, u"", NULL},
    {u"dísima", 5, u"", NULL},
    {u"bilísimo", 3, u"", NULL},
    {u"bilísima", 3, u"", NULL},
    {u"ísimo", 3, u"", NULL},
    {u"ísima", 3, u"", NULL},
    {u"ésimo", 3, u"", NULL},
    {u"ésima", 3, u"", NULL},
    {u"érrimo", 4, u"", NULL},
    {u"érrima", 4, u"", NULL},
    {u"ana", 2, u"", 
        u"argana banana choupana espadana faciana iguana lantana macana membrana mesana "
        u"nirvana obsidiana palangana pavana persiana pestana porcelana pseudomembrana "
        u"roldana sábana salangana saragana ventana"},
    {u"án", 3, u"", 
        u"ademán bardán barregán corricán curricán faisán furacán fustán gabán gabián galán "
        u"gañán lavacán mazán mourán rabadán serán serrán tabán titán tobogán verán volcán "
        u"volován"},
    {u"azo", 4, u"", 
        u"abrazo espazo andazo bagazo balazo bandazo cachazo carazo denazo engazo famazo "
        u"lampreazo pantocazo pedazo preñazo regazo ribazo sobrazo terrazo trompazo"},
    {u"aza", 3, u"", 
        u"alcarraza ameaza baraza broucaza burgaza cabaza cachaza calaza carpaza carraza "
        u"coiraza colmaza fogaza famaza labaza liñaza melaza mordaza paraza pinaza rabaza "
        u"rapaza trancaza"},
    {u"allo", 4, u"", u"traballo"},
    {u"alla", 4, u"", NULL},
    {u"arra", 3, u"", u"cigarra cinzarra"},
    {u"astro", 3, u"", u"balastro bimbastro canastro retropilastro"},
    {u"astra", 3, u"", u"banastra canastra contrapilastra piastra pilastra"},
    {u"ázio", 3, u"", u"topázio"},
    {u"elo", 4, u"", 
        u"bacelo barrelo bicarelo biquelo boquelo botelo bouquelo cacarelo cachelo cadrelo "
        u"campelo candelo cantelo carabelo carambelo caramelo cercelo cerebelo chocarelo "
        u"coitelo conchelo corbelo cotobelo couselo destelo desvelo esfácelo fandelo fardelo "
        u"farelo farnelo flabelo ganchelo garfelo involucelo mantelo montelo outerelo "
        u"padicelo pesadelo pinguelo piquelo rampelo rastrelo restelo tornecelo trabelo "
        u"restrelo portelo ourelo zarapelo"},
    {u"eta", 3, u"", 
        u"arqueta atleta avoceta baioneta baldeta banqueta barraganeta barreta borleta buceta "
        u"caceta calceta caldeta cambeta canaleta caneta carreta cerceta chaparreta chapeta "
        u"chareta chincheta colcheta cometa corbeta corveta cuneta desteta espeta espoleta "
        u"estafeta esteta faceta falanxeta frasqueta gaceta gabeta galleta garabeta gaveta "
        u"glorieta lagareta lambeta lanceta libreta maceta macheta maleta malleta mareta "
        u"marreta meseta mofeta muleta peseta planeta raqueta regreta saqueta veleta vendeta "
        u"viñeta"},
    {u"ete", 3, u"", 
        u"alfinete ariete bacinete banquete barallete barrete billete binguelete birrete "
        u"bonete bosquete bufete burlete cabalete cacahuete cavinete capacete carrete "
        u"casarete casete chupete clarinete colchete colete capete curupete disquete estilete "
        u"falsete ferrete filete gallardete gobelete inglete machete miquelete molete "
        u"mosquete piquete ribete rodete rolete roquete sorvete vedete vendete"},
    {u"ica", 3, u"", 
        u"andarica botánica botica dialéctica dinámica física formica gráfica marica túnica"},
    {u"ico", 3, u"", u"conico acetifico acidifico"},
    {u"exo", 3, u"", 
        u"arpexo arquexo asexo axexo azulexo badexo bafexo bocexo bosquexo boubexo cacarexo "
        u"carrexo cascarexo castrexo convexo cotexo desexo despexo forcexo gabexo gargarexo "
        u"gorgolexo inconexo manexo merexo narnexo padexo patexo sopexo varexo"},
    {u"exa", 3, u"", u"airexa bandexa carrexa envexa igrexa larexa patexa presexa sobexa"},
    {u"idão", 3, u"", NULL},
    {u"iño", 3, u"o", u"camiño cariño comiño golfiño padriño sobriño viciño veciño"},
    {u"iña", 3, u"a", u"camariña campiña entreliña espiña fariña moriña valiña"},
    {u"ito", 3, u"", NULL},
    {u"ita", 3, u"", NULL},
    {u"oide", 3, u"", 
        u"anaroide aneroide asteroide axoide cardioide celuloide coronoide discoide "
        u"espermatozoide espiroide esquizoide esteroide glenoide linfoide hemorroide "
        u"melaloide sacaroide tetraploide varioloide"},
    {u"ola", 3, u"", 
        u"aixola ampola argola arola arteríola bandola bítola bractéola cachola carambola "
        u"carapola carola carrandiola catrapola cebola centola champola chatola cirola cítola "
        u"consola corola empola escarola esmola estola fitola florícola garañola gárgola "
        u"garxola glicocola góndola mariola marola michola pirola rebola rupícola saxícola "
        u"sémola tachola tómbola"},
    {u"olo", 3, u"", 
        u"arrolo babiolo cacharolo caixarolo carolo carramolo cascarolo cirolo codrolo "
        u"correolo cotrolo desconsolo rebolo repolo subsolo tixolo tómbolo torolo trémolo "
        u"vacúolo xermolo zócolo"},
    {u"ote", 3, u"", 
        u"aigote alcaiote barbarote balote billote cachote camarote capote cebote chichote "
        u"citote cocorote escote gañote garrote gavote lamote lapote larapote lingote lítote "
        u"magote marrote matalote pandote paparote rebote tagarote zarrote"},
    {u"ota", 3, u"", 
        u"asíntota caiota cambota chacota compota creosota curota derrota díspota gamota "
        u"maniota pelota picota pillota pixota queirota remota"},
    {u"cho", 3, u"", u"abrocho arrocho carocho falucho bombacho borracho mostacho"},
    {u"cha", 3, u"", u"borracha carracha estacha garnacha limacha remolacha abrocha"},
    {u"uco", 4, u"", u"caduco estuco fachuco malluco saluco trabuco"},
    {u"uzo", 3, u"", u"carriñouzo fachuzo mañuzo mestruzo tapuzo"},
    {u"uza", 3, u"", 
        u"barruza chamuza chapuza charamuza conduza deduza desluza entreluza induza reluza "
        u"seduza traduza trasluza"},
    {u"uxa", 3, u"", 
        u"caramuxa carrabouxa cartuxa coruxa curuxa gaturuxa maruxa meruxa miruxa moruxa "
        u"muruxa papuxa rabuxa trouxa"},
    {u"uxo", 3, u"", 
        u"caramuxo carouxo carrabouxo curuxo debuxo ganduxo influxo negouxo pertuxo refluxo"},
    {u"ello", 3, u"", 
        u"alborello artello botello cachafello calello casarello cazabello cercello cocerello "
        u"concello consello desparello escaravello espello fedello fervello gagafello "
        u"gorrobello nortello pendello troupello trebello"},
    {u"ella", 3, u"", 
        u"alborella bertorella bocatella botella calella cercella gadella grosella lentella "
        u"movella nocella noitevella parella pelella percebella segorella sabella"},
};

static const auk_rslp_rule noun[] = {
    {u"dade", 3, u"", u"acridade calidade"},
    {u"ificar", 2, u"", NULL},
    {u"eiro", 3, u"", 
        u"agoireiro bardalleiro braseiro barreiro canteiro capoeiro carneiro carteiro "
        u"cinceiro faroleiro mareiro preguiceiro quinteiro raposeiro retranqueiro regueiro "
        u"sineiro troleiro ventureiro"},
    {u"eira", 3, u"", u"cabeleira canteira cocheira folleira milleira"},
    {u"ario", 3, u"", u"armario calcario lionario salario"},
    {u"aria", 3, u"", 
        u"cetaria coronaria fumaria linaria lunaria parietaria saponaria serpentaria"},
    {u"ístico", 3, u"", u"balístico ensaístico"},
    {u"ista", 3, u"", u"batista ciclista fadista operista tenista verista"},
    {u"ado", 2, u"", u"grado agrado"},
    {u"ato", 2, u"", u"agnato"},
    {u"ido", 3, u"", u"cándido cândido consolido decidido duvido marido rápido"},
    {u"ida", 3, u"", u"bastida dúbida dubida duvida ermida éxida guarida lapicida medida morida"},
    {u"ída", 3, u"", NULL},
    {u"ido", 3, u"", NULL},
    {u"udo", 3, u"", u"estudo escudo"},
    {u"uda", 3, u"", NULL},
    {u"ada", 3, u"", u"abada alhada allada pitada"},
    {u"dela", 3, u"", 
        u"cambadela cavadela forcadela erisipidela mortadela espadela fondedela picadela "
        u"arandela candela cordela escudela pardela"},
    {u"ela", 3, u"", 
        u"canela capela cotela cubela curupela escarapela esparrela estela fardela flanela "
        u"fornela franela gabela gamela gavela glumela granicela lamela lapela malvela manela "
        u"manganela mexarela micela mistela novela ourela panela parcela pasarela patamela "
        u"patela paxarela pipela pitela postela pubela restela sabela salmonela secuela "
        u"sentinela soldanela subela temoncela tesela tixela tramela trapela varela vitela "
        u"xanela xestela"},
    {u"ábel", 2, u"", u"afábel fiábel"},
    {u"íbel", 2, u"", u"críbel imposíbel posíbel fisíbel falíbel"},
    {u"nte", 3, u"", 
        u"alimente adiante acrescente elefante frequente freqüente gigante instante oriente "
        u"permanente posante possante restaurante"},
    {u"ncia", 3, u"", NULL},
    {u"nza", 3, u"", NULL},
    {u"acia", 3, u"", u"acracia audacia falacia farmacia"},
    {u"icia", 3, u"", 
        u"caricia delicia ledicia malicia milicia noticia pericia presbicia primicia "
        u"regalicia sevicia tiricia"},
    {u"iza", 3, u"", 
        u"alvariza baliza cachiza caniza cañiza carbaliza carriza chamariza chapiza fraguiza "
        u"latiza longaniza mañiza nabiza peliza preguiza rabiza"},
    {u"exar", 3, u"", u"palmexar"},
    {u"ación", 2, u"", u"aeración"},
    {u"ición", 3, u"", 
        u"condición gornición monición nutrición petición posición sedición volición"},
    {u"ción", 3, u"t", NULL},
    {u"sión", 3, u"s", u"abrasión alusión"},
    {u"azón", 2, u"", u"armazón"},
    {u"ón", 3, u"", 
        u"abalón acordeón alción aldrabón alerón aliñón ambón bombón calzón campón canalón "
        u"cantón capitón cañón centón ciclón collón colofón copón cotón cupón petón tirón "
        u"tourón turón unción versión zubón zurrón"},
    {u"ona", 3, u"", 
        u"abandona acetona aleurona amazona anémona bombona cambona carona chacona charamona "
        u"cincona condona cortisona cretona cretona detona estona fitohormona fregona gerona "
        u"hidroquinona hormona lesiona madona maratona matrona metadona monótona neurona "
        u"pamplona peptona poltrona proxesterona quinona quinona silicona sulfona"},
    {u"oa", 3, u"", 
        u"abandoa madroa barbacoa estoa airoa eiroa amalloa ámboa améndoa anchoa antinéboa "
        u"avéntoa avoa bágoa balboa bisavoa boroa canoa caroa comadroa coroa éngoa espácoa "
        u"filloa fírgoa grañoa lagoa lanzoa magoa mámoa morzoa noiteboa noraboa parañoa "
        u"persoa queiroa rañoa táboa tataravoa teiroa"},
    {u"aco", 3, u"", NULL},
    {u"aca", 3, u"", 
        u"alpaca barraca bullaca buraca carraca casaca cavaca cloaca entresaca ervellaca "
        u"espinaca estaca farraca millaca pastinaca pataca resaca urraca purraca"},
    {u"al", 4, u"", 
        u"afinal animal estatal bisexual bissexual desleal fiscal formal pessoal persoal "
        u"liberal postal virtual visual pontual puntual homosexual heterosexual"},
    {u"dor", 2, u"", u"abaixador"},
    {u"tor", 3, u"", u"autor motor pastor pintor"},
    {u"or", 2, u"", u"asesor assessor favor mellor melhor redor rigor sensor tambor tumor"},
    {u"ora", 3, u"", 
        u"albacora anáfora áncora apisoadora ardora ascospora aurora avéspora bitácora "
        u"canéfora cantimplora catáfora cepilladora demora descalcificadora diáspora "
        u"empacadora epífora ecavadora escora eslora espora fotocompoñedora fotocopiadora "
        u"grampadora isícora lavadora lixadora macrospora madrépora madrágora masora mellora "
        u"metáfora microspora milépora milpéndora nécora oospora padeadora pasiflora pécora "
        u"píldora pólvora ratinadora rémora retroescavadora sófora torradora trémbora "
        u"uredospora víbora víncora zoospora"},
    {u"aría", 3, u"", u"libraría"},
    {u"axe", 3, u"", 
        u"aluaxe amaraxe amperaxe bagaxe balaxe barcaxe borraxe bescaxe cabotaxe carraxe "
        u"cartilaxe chantaxe colaxe coraxe carruaxe dragaxe embalaxe ensilaxe epistaxe "
        u"fagundaxe fichaxe fogaxe forraxe fretaxe friaxe garaxe homenaxe leitaxe liñaxe "
        u"listaxe maraxe marcaxe maridaxe masaxe miraxe montaxe pasaxe peaxe portaxe ramaxe "
        u"rebelaxe rodaxe romaxe sintaxe sondaxe tiraxe vantaxe vendaxe viraxe"},
    {u"dizo", 3, u"", NULL},
    {u"eza", 3, u"", u"alteza beleza fereza fineza vasteza vileza"},
    {u"ez", 3, u"", u"acidez adultez adustez avidez candidez mudez nenez nudez pomez"},
    {u"engo", 3, u"", NULL},
    {u"ego", 3, u"", u"corego derrego entrego lamego sarego sartego"},
    {u"oso", 3, u"", 
        u"afanoso algoso caldoso caloso cocoso ditoso favoso fogoso lamoso mecoso mocoso "
        u"precioso rixoso venoso viroso xesoso"},
    {u"osa", 3, u"", 
        u"mucosa glicosa baldosa celulosa isoglosa nitrocelulosa levulosa ortosa pectosa "
        u"preciosa sacarosa serosa ventosa"},
    {u"ume", 3, u"", 
        u"agrume albume alcume batume cacume cerrume chorume churume costume curtume estrume "
        u"gafume legume perfume queixume zarrume"},
    {u"ura", 3, u"", u"albura armadura imatura costura"},
    {u"iñar", 3, u"", NULL},
    {u"il", 3, u"", 
        u"abril alfil anil atril badil baril barril brasil cadril candil cantil carril chamil "
        u"chancil civil cubil dátil difícil dócil edil estéril fácil fráxil funil fusil "
        u"grácil gradil hábil hostil marfil"},
    {u"esco", 4, u"", NULL},
    {u"isco", 4, u"", NULL},
    {u"ivo", 3, u"", u"pasivo positivo passivo possessivo posesivo pexotarivo relativo"},
};

static const auk_rslp_rule verb[] = {
    {u"aba", 2, u"", NULL},
    {u"abade", 2, u"", NULL},
    {u"ábade", 2, u"", NULL},
    {u"abamo", 2, u"", NULL},
    {u"ábamo", 2, u"", NULL},
    {u"aban", 2, u"", NULL},
    {u"ache", 2, u"", NULL},
    {u"ade", 2, u"", NULL},
    {u"an", 2, u"", NULL},
    {u"ando", 2, u"", NULL},
    {u"ar", 2, u"", u"azar bazar patamar"},
    {u"arade", 2, u"", NULL},
    {u"aramo", 2, u"", NULL},
    {u"arán", 2, u"", NULL},
    {u"aran", 2, u"", NULL},
    {u"árade", 2, u"", NULL},
    {u"aría", 2, u"", NULL},
    {u"ariade", 2, u"", NULL},
    {u"aríade", 2, u"", NULL},
    {u"arian", 2, u"", NULL},
    {u"ariamo", 2, u"", NULL},
    {u"aron", 2, u"", NULL},
    {u"ase", 2, u"", NULL},
    {u"asede", 2, u"", NULL},
    {u"ásede", 2, u"", NULL},
    {u"asemo", 2, u"", NULL},
    {u"ásemo", 2, u"", NULL},
    {u"asen", 2, u"", NULL},
    {u"avan", 2, u"", NULL},
    {u"aríamo", 2, u"", NULL},
    {u"assen", 2, u"", NULL},
    {u"ássemo", 2, u"", NULL},
    {u"eríamo", 2, u"", NULL},
    {u"êssemo", 2, u"", NULL},
    {u"iríamo", 3, u"", NULL},
    {u"íssemo", 3, u"", NULL},
    {u"áramo", 2, u"", NULL},
    {u"árei", 2, u"", NULL},
    {u"aren", 2, u"", NULL},
    {u"aremo", 2, u"", NULL},
    {u"aríei", 2, u"", NULL},
    {u"ássei", 2, u"", NULL},
    {u"ávamo", 2, u"", NULL},
    {u"êramo", 1, u"", NULL},
    {u"eremo", 1, u"", NULL},
    {u"eríei", 1, u"", NULL},
    {u"êssei", 1, u"", NULL},
    {u"íramo", 3, u"", NULL},
    {u"iremo", 3, u"", NULL},
    {u"iríei", 3, u"", NULL},
    {u"íssei", 3, u"", NULL},
    {u"issen", 3, u"", NULL},
    {u"endo", 1, u"", NULL},
    {u"indo", 3, u"", NULL},
    {u"ondo", 3, u"", NULL},
    {u"arde", 2, u"", NULL},
    {u"arei", 2, u"", NULL},
    {u"aria", 2, u"", NULL},
    {u"armo", 2, u"", NULL},
    {u"asse", 2, u"", NULL},
    {u"aste", 2, u"", NULL},
    {u"ávei", 2, u"", NULL},
    {u"erão", 1, u"", NULL},
    {u"erde", 1, u"", NULL},
    {u"erei", 1, u"", NULL},
    {u"êrei", 1, u"", NULL},
    {u"eren", 2, u"", NULL},
    {u"eria", 1, u"", NULL},
    {u"ermo", 1, u"", NULL},
    {u"este", 1, u"", u"faroeste agreste"},
    {u"íamo", 1, u"", NULL},
    {u"ian", 2, u"", u"enfian eloxian ensaian"},
    {u"irde", 2, u"", NULL},
    {u"irei", 3, u"", u"admirei"},
    {u"iren", 3, u"", NULL},
    {u"iria", 3, u"", NULL},
    {u"irmo", 3, u"", NULL},
    {u"isse", 3, u"", NULL},
    {u"iste", 4, u"", NULL},
    {u"iava", 1, u"", u"ampliava"},
    {u"amo", 2, u"", NULL},
    {u"iona", 3, u"", NULL},
    {u"ara", 2, u"", u"arara prepara"},
    {u"ará", 2, u"", u"alvará bacará"},
    {u"are", 2, u"", u"prepare"},
    {u"ava", 2, u"", u"agrava"},
    {u"emo", 2, u"", NULL},
    {u"era", 1, u"", u"acelera espera"},
    {u"erá", 1, u"", NULL},
    {u"ere", 1, u"", u"espere"},
    {u"íei", 1, u"", NULL},
    {u"in", 3, u"", NULL},
    {u"imo", 3, u"", u"reprimo intimo íntimo nimo queimo ximo"},
    {u"ira", 3, u"", u"fronteira sátira"},
    {u"ído", 3, u"", NULL},
    {u"irá", 3, u"", NULL},
    {u"tizar", 4, u"", u"alfabetizar"},
    {u"izar", 3, u"", u"organizar"},
    {u"itar", 5, u"", u"acreditar explicitar estreitar"},
    {u"ire", 3, u"", u"adquire"},
    {u"omo", 3, u"", NULL},
    {u"ai", 2, u"", NULL},
    {u"ear", 4, u"", u"alardear nuclear"},
    {u"uei", 3, u"", NULL},
    {u"uía", 5, u"u", NULL},
    {u"ei", 3, u"", NULL},
    {u"er", 1, u"", u"éter pier"},
    {u"eu", 1, u"", u"chapeu"},
    {u"ia", 1, u"", 
        u"estória fatia acia praia elogia mania lábia aprecia polícia arredia cheia ásia"},
    {u"ir", 3, u"", NULL},
    {u"iu", 3, u"", NULL},
    {u"eou", 5, u"", NULL},
    {u"ou", 3, u"", NULL},
    {u"i", 1, u"", NULL},
    {u"ede", 1, u"", u"rede bípede céspede parede palmípede vostede hóspede adrede"},
    {u"ei", 3, u"", NULL},
    {u"en", 2, u"", NULL},
    {u"erade", 1, u"", NULL},
    {u"érade", 1, u"", NULL},
    {u"eran", 2, u"", NULL},
    {u"eramo", 1, u"", NULL},
    {u"éramo", 1, u"", NULL},
    {u"erán", 1, u"", NULL},
    {u"ería", 1, u"", NULL},
    {u"eriade", 1, u"", NULL},
    {u"eríade", 1, u"", NULL},
    {u"eriamo", 1, u"", NULL},
    {u"erian", 1, u"", NULL},
    {u"erían", 1, u"", NULL},
    {u"eron", 1, u"", NULL},
    {u"ese", 1, u"", NULL},
    {u"esedes", 1, u"", NULL},
    {u"ésedes", 1, u"", NULL},
    {u"esemo", 1, u"", NULL},
    {u"ésemo", 1, u"", NULL},
    {u"esen", 1, u"", NULL},
    {u"êssede", 1, u"", NULL},
    {u"ía", 1, u"", NULL},
    {u"iade", 1, u"", NULL},
    {u"íade", 1, u"", NULL},
    {u"iamo", 1, u"", NULL},
    {u"ían", 1, u"", NULL},
    {u"iche", 1, u"", NULL},
    {u"ide", 1, u"", NULL},
    {u"irade", 3, u"", NULL},
    {u"írade", 3, u"", NULL},
    {u"iramo", 3, u"", NULL},
    {u"irán", 3, u"", NULL},
    {u"iría", 3, u"", NULL},
    {u"iriade", 3, u"", NULL},
    {u"iríade", 3, u"", NULL},
    {u"iriamo", 3, u"", NULL},
    {u"irian", 3, u"", NULL},
    {u"irían", 3, u"", NULL},
    {u"iron", 3, u"", NULL},
    {u"ise", 3, u"", NULL},
    {u"isede", 3, u"", NULL},
    {u"ísede", 3, u"", NULL},
    {u"isemo", 3, u"", NULL},
    {u"ísemo", 3, u"", NULL},
    {u"isen", 3, u"", NULL},
    {u"íssede", 3, u"", NULL},
    {u"tizar", 3, u"", u"alfabetizar"},
    {u"ondo", 3, u"", NULL},
};

static const auk_rslp_rule vowel[] = {
    {u"gue", 2, u"g", u"azougue dengue merengue nurague merengue rengue"},
    {u"que", 2, u"c", 
        u"alambique albaricoque abaroque alcrique almadraque almanaque arenque arinque "
        u"baduloque ballestrinque betoque bivaque bloque bodaque bosque breque buque cacique "
        u"cheque claque contradique coque croque dique duque enroque espeque estoque "
        u"estoraque estraloque estrinque milicroque monicreque orinque arinque palenque "
        u"parque penique picabeque pique psique raque remolque xeque repenique roque "
        u"sotobosque tabique tanque toque traque truque vivaque xaque"},
    {u"a", 3, u"", u"amasadela cerva"},
    {u"e", 3, u"", u"marte"},
    {u"o", 3, u"", u"barro fado cabo libro cervo"},
    {u"â", 3, u"", NULL},
    {u"ã", 3, u"", u"amanhã arapuã fã divã manhã"},
    {u"ê", 3, u"", NULL},
    {u"ô", 3, u"", NULL},
    {u"á", 3, u"", NULL},
    {u"é", 3, u"", NULL},
    {u"ó", 3, u"", NULL},
    {u"i", 3, u"", NULL},
};

#define STEP(least, exact, only, rules) {least, exact, only, rules, sizeof rules / sizeof rules[0]}

const auk_rslp_step auk_rslp_galician[AUK_RSLP_STEPS] = {
    [AUK_RSLP_PLURAL] = STEP(3, true, u"s", plural),
    [AUK_RSLP_SECOND] = STEP(3, false, NULL, unification),
    [AUK_RSLP_ADVERB] = STEP(9, false, NULL, adverb),
    [AUK_RSLP_AUGMENTATIVE] = STEP(5, true, NULL, augmentative),
    [AUK_RSLP_NOUN] = STEP(4, false, NULL, noun),
    [AUK_RSLP_VERB] = STEP(2, false, NULL, verb),
    [AUK_RSLP_VOWEL] = STEP(4, false, NULL, vowel),
};
/* clang-format on */
