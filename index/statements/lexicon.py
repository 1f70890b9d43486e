"""What names, titles and roles look like in English news: closed word lists, all in lower case.

Written from general knowledge for the resolution of speakers. None is complete; what they lack ends as "unresolved".
"""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text that has blanks between them."""
    return frozenset(text.split())


MASCULINE = word_set(
    """aaron abdul abdullah abraham adam adel adrian ahmad ahmed akio akram al alan alastair albert alberto alec
    alejandro alex alexander alexei alfred ali alistair alvin amir amr anders andre andrei andres andrew andy
    angus anthony antonin antonio antony anwar ari arif arnold art arthur asher asif ashraf austin ayman aziz
    barack barry bart bashar bashir ben benjamin benny bernard bernie bert bill billy bob bobby boris brad
    bradley brendan brent bret brett brian bruce bruno bryan bryce caleb calvin cameron carl carlos cedric
    cesar chad charles charlie chester chip chris christian christoph christopher chuck clarence clark claude
    clay clayton cliff clifford clint clive cody colin conrad corey cory craig curt curtis cyril cyrus dale
    damon dan daniel danny darrell darren darryl dave david dean dennis denis derek derrick desmond devin dick
    diego dieter dirk dmitry dominic don donald doug douglas duncan dustin dwayne dwight dylan earl ed eddie
    edgar eduardo edward edwin ehud eli elias elijah elliot elliott emmanuel enrique eric erik ernest ernesto
    ethan eugene evan fabian fadhel faisal farid felipe felix fernando fidel francis francisco francois frank
    franklin fred frederick gabriel gareth garrett gary gavin gene geoff geoffrey george gerald gerard gerhard
    gerry gilbert giovanni glen glenn gordon graham grant greg gregg gregory guillermo gus gustavo guy habib
    hamid hank hans harold harry harvey hasan hashim hassan hector henry herbert herman hiroshi howard hugh
    hugo hussein ian ibrahim igor ilya imran isaac ismail ivan jack jackson jacob jacques jaime jake jamal
    james jamie jan jared jason javad javier jay jean jeb jeff jefferson jeffrey jeh jens jeremy jerome jerry
    jesse jesus jim jimmy joachim joaquin joe joel johan johannes john johnny jon jonas jonathan jordan jorge
    jose josef joseph josh joshua juan julian julio jun justin kamal karim karl keith ken kenneth kenny kent
    kevin khaled khalid kirk klaus kofi kurt kyle lamar lance larry lars laurence lawrence lee len leo leon
    leonard leroy leslie lester lewis liam lindsey lionel lloyd logan lou louis lucas luis luke luther mahmoud
    malcolm manuel marc marcel marco marcos marcus mario mark markus marshall martin marty martín marvin
    mathew matt matthew maurice max maxwell mehdi mehmet mel melvin michael michel miguel mikael mike mikhail
    miles mitch mitchell mohamed mohammad mohammed moqtada morgan moshe muhammad muqtada murray mustafa nabil
    naftali naser nasser nate nathan nathaniel neal ned neil nelson newt nicholas nick nicolas nigel noah noam
    noel norman nouri oleg oliver omar oscar osama otto owen pablo paul pedro percy perry pete peter phil
    philip philippe phillip pierre preston qais qassem quentin rafael raheem rahm ralph ramon ramzi rand
    randall randy rashid raul ray raymond recep reid rene reince rex ricardo richard rick ricky rob robert
    roberto robin rod roderick rodney rodrigo roger roland rolf ron ronald ronnie rory roy ruben rudolf rudy
    rush russ russell ryan saad saddam saeed salman salvador sam sami samir samuel sanjay saul scott sean
    sebastian seth sergei sergey sergio shane shaun shawn shimon shinzo sidney simon spencer stan stanley
    stefan stephen stephon steve steven stewart stuart sven syed tareq tariq ted terrence terry theodore
    thomas tim timothy toby todd tom tomas tommy tony travis trevor trey troy tyler vernon victor vijay vince
    vincent viktor vitaly vladimir wade walter warren wayne wendell werner wesley wilbur will willard william
    willie winston wolfgang woodrow xavier yair yasser yitzhak yousef yuri yusuf zach zachary ziyad zbigniew
    nicolás andrés josé jesús raúl sébastien françois jean-claude jean-pierre robbie matteo giorgio luca carlo
    paolo pietro sheldon sherrod jeffery buddy clyde dallas darius denny dexter drew elon floyd forrest garry
    gideon grover harlan hal herschel horace ike ira irving jody jonah jules kris levi lincoln lorenzo lyle
    lyndon mack marlon merle micah mick mickey milton mitt mort myron nikolai orrin orlando pat patrick quincy
    reggie rupert salim sander sandy sherman sonny stanton strom sylvester thad trent ty vaclav vance vito
    wallace wes zack zane tucker hakeem deval jamaal ronan niall eamon declan ciaran giuseppe sajid rishi
    kwasi jürgen günter mateusz pavel petr jiri stanislav anatoly volodymyr oleksandr dmytro mykola yevgeny
    alexey narendra amit rahul arvind manmohan xi hu jong ban mohandas asghar hamad nasrallah jalal massoud
    barham haider fouad ghassan walid saeb ismael nizar fawzi zaid jawad wael bilal idris tunde goodluck thabo
    julius"""
)
FEMININE = word_set(
    """abby abigail adele adriana agnes aisha alexandra alexis alice alicia alison allison alyssa amanda amber
    amelia amy ana andrea angela angelina anita ann anna annabel anne annette annie antonia april ariana
    ashley audrey barbara beatrice becky benazir bernadette beth bethany betsy betty beverly blanca bonnie
    brenda bridget brittany brooke camille candace carla carly carmen carol carole caroline carolyn carrie
    catherine cathy cecilia celeste charlene charlotte chelsea cheryl christie christina christine christy
    cindy claire clara claudia colleen condoleezza connie constance cristina crystal cynthia daisy dana
    daniela danielle dawn deborah debbie debra delia denise diana diane dianne dina dolores donna dora doreen
    doris dorothy edith eileen elaine eleanor elena elisabeth elise elizabeth ella ellen eloise elsa emily
    emma erica erika erin esther ethel eva eve evelyn faith fatima faye felicia fiona florence frances
    gabriela gabrielle gail geraldine gina ginger giorgia gladys glenda gloria grace greta gretchen gwen
    hannah harriet hazel heather heidi helen helena helene hilary hillary hope huma ida ilyse ingrid irene
    iris irma isabel isabella ivanka jackie jacqueline jane janet janice jasmine jeanette jeanne jenna
    jennifer jenny jess jessica jill jo joan joanna joanne jodi josephine joy joyce juanita judith judy julia
    juliana julie juliet june kamala karen kara karin kate katharine katherine kathleen kathryn kathy katie
    kayleigh kellyanne keisha kelli kelly kendra kim kimberly kirsten kirstjen krista kristen kristi kristin
    kristina kyra lael laila latoya laura lauren leah leila lena letitia lidia lila lillian linda lindsay lisa
    liz liza lois lopa loretta lori lorraine louise lucia lucy lupita lydia lynn lynne mabel madeleine
    madeline maggie malala mandy marcia margaret margarita maria marian marianne marie marilyn marina marion
    marissa marjorie marsha martha mary maryam maureen maxine mazie megan meghan melania melanie melinda
    melissa mercedes meredith mia michele michelle mika mildred millie mina miranda miriam moira molly mona
    monica myra nadia nancy naomi natalia natalie natasha nellie nicole nikki nina noor nora norma olga olivia
    pam pamela patricia patti patty paula pauline peggy penelope penny phyllis polly priscilla rachel ramona
    rebecca regina rhonda rita roberta rosa rosalind rose rosemary roxanne ruby ruth sabrina sally samantha
    samira sandra sara sarah selena shannon sharon shahar sheila shelley sherry shirley silvia simone sonia
    sophia sophie stacey stacy stella stephanie sue susan susana susanna susie suzanne sylvia tamara tammy
    tania tanya tara tatiana teresa terri tessa thelma theresa tiffany tina tracey tracy tricia tulsi ursula
    valerie vanessa vera veronica vicki vicky victoria viola violet virginia vivian wanda wendy whitney winnie
    xochitl yasmin yolanda yvette yvonne zainab zoe jacinda sonja marine ségolène christiane aung nuland condi
    anya annalena svetlana oksana yulia ludmila nadezhda irina ekaterina priti nicola arlene sanna mette erna
    kaja maia roza maryanne anne-marie mary-kay jeannette carolyne oprah beyoncé madonna katy malia diann
    barbra muriel ayanna alexandria rashida ilhan pramila jeanine laurene meg ginni marla tomi megyn savannah
    norah soledad hoda ainsley abbie"""
)
FIRST_NAMES = MASCULINE | FEMININE
# The honorifics that say nothing about an office.
MR = word_set("mr mr. sir lord mister")
MRS = word_set("mrs mrs. ms ms. miss madam lady dame baroness")
HONORIFICS = MR | MRS
# Titles and offices that stand before a name and are no part of it.
TITLES = (
    MR
    | MRS
    | word_set(
        """president vice-president pres pres. sen sen. sens. senator senators rep rep. reps. representative
    congressman congresswoman gov gov. governor lt lt. lieutenant gen gen. general brig brig. brigadier maj
    maj. major col col. colonel capt capt. captain cmdr cmdr. commander sgt sgt. sergeant cpl cpl. corporal
    pvt pvt. private adm adm. admiral det det. detective insp insp. inspector supt supt. superintendent
    constable officer sheriff deputy chief marshal dr dr. doctor prof prof. professor rev rev. reverend fr fr.
    father bishop archbishop cardinal pastor rabbi imam sheikh ayatollah mullah judge justice attorney atty
    atty. solicitor prosecutor minister ministers premier chancellor secretary secretary-general ambassador
    envoy speaker leader whip chairman chairwoman chairperson chair director manager spokesman spokeswoman
    spokesperson commissioner councilman councilwoman councillor councilor alderman assemblyman assemblywoman
    delegate mayor ex-president ex-governor ceo cfo coo founder co-founder editor editor-in-chief
    correspondent reporter anchor host columnist commentator analyst strategist adviser advisor aide coach
    candidate nominee administrator treasurer comptroller counsel ombudsman undersecretary under-secretary
    sub-secretary trooper chaplain engineer author activist actor actress singer rapper economist scientist
    historian sociologist dean provost principal lawmaker legislator mp mep senator-elect president-elect
    sultan emir warden staff-sergeant psychologist consultant expert attorneys mufti pm first-sergeant agent"""
    )
)
# Words that stand before a title and are part of it.
TITLE_MODIFIERS = word_set(
    """executive managing senior assistant associate foreign interior finance defence defense treasury
    communications press acting interim former prime rear vice deputy staff lead first chief"""
)
TITLE_WORDS = TITLES | TITLE_MODIFIERS
# Titles without which a single name is not whole ("Pope Francis").
KEPT_TITLES = word_set("pope king queen prince princess saint st st. sister emperor duke duchess")
# What a title tells about the role nouns by which the same person may be called later.
TITLE_ROLES = {
    "sen": ("senator", "lawmaker"),
    "rep": ("congressman", "congresswoman", "representative", "lawmaker"),
    "gov": ("governor",),
    "gen": ("general", "commander", "officer"),
    "lt": ("lieutenant", "officer"),
    "maj": ("major", "officer"),
    "col": ("colonel", "officer"),
    "capt": ("captain", "officer"),
    "cmdr": ("commander", "officer"),
    "sgt": ("sergeant", "officer"),
    "adm": ("admiral",),
    "det": ("detective", "officer"),
    "dr": ("doctor", "physician", "surgeon"),
    "prof": ("professor",),
    "rev": ("reverend", "pastor"),
    "pm": ("minister",),
    "mp": ("lawmaker", "legislator"),
    "senator": ("lawmaker",),
    "congressman": ("lawmaker", "representative"),
    "congresswoman": ("lawmaker", "representative"),
    "supt": ("superintendent",),
}
# Words after which a number belongs to the name: "Channel 4".
CHANNELS = word_set("channel news radio tv bbc sky fox abc nbc cbs kcal edp france itv wsb")
# Forms of one first name: who is called by two of them with one surname is one person.
NICKNAMES = (
    word_set("joseph joe joey"),
    word_set("william bill will billy willie"),
    word_set("robert bob bobby rob robbie"),
    word_set("james jim jimmy jamie"),
    word_set("michael mike mick mickey"),
    word_set("thomas tom tommy"),
    word_set("richard rick dick rich ricky"),
    word_set("edward ed eddie ted ned teddy"),
    word_set("john johnny jack jon"),
    word_set("daniel dan danny"),
    word_set("david dave davey"),
    word_set("donald don donny"),
    word_set("timothy tim"),
    word_set("anthony tony"),
    word_set("charles charlie chuck"),
    word_set("christopher chris"),
    word_set("matthew matt"),
    word_set("andrew andy drew"),
    word_set("benjamin ben benny"),
    word_set("samuel sam sammy"),
    word_set("stephen steven steve"),
    word_set("gregory greg gregg"),
    word_set("jeffrey jeffery jeff geoffrey geoff"),
    word_set("kenneth ken kenny"),
    word_set("ronald ron ronnie"),
    word_set("lawrence larry laurence"),
    word_set("nicholas nick nicolas"),
    word_set("patrick pat"),
    word_set("peter pete"),
    word_set("philip phil phillip"),
    word_set("raymond ray"),
    word_set("alexander alex"),
    word_set("frederick fred freddie"),
    word_set("gerald gerry jerry"),
    word_set("bernard bernie"),
    word_set("albert al bert"),
    word_set("leonard len lenny"),
    word_set("douglas doug"),
    word_set("mitchell mitch"),
    word_set("zachary zach zack"),
    word_set("jonathan jon"),
    word_set("joshua josh"),
    word_set("elizabeth liz beth betsy betty liza"),
    word_set("katherine catherine kathryn kate katie kathy cathy"),
    word_set("margaret maggie meg peggy"),
    word_set("susan sue susie"),
    word_set("deborah debbie debra"),
    word_set("jennifer jenny jen"),
    word_set("patricia pat patty patti tricia"),
    word_set("barbara barb barbra"),
    word_set("rebecca becky"),
    word_set("jessica jess jessie"),
    word_set("victoria vicki vicky"),
    word_set("pamela pam"),
    word_set("cynthia cindy"),
    word_set("abigail abby"),
    word_set("samantha sam"),
    word_set("judith judy"),
    word_set("theresa teresa terri terry"),
    word_set("kimberly kim"),
    word_set("amanda mandy"),
    word_set("jacqueline jackie"),
)
# What a relative is to somebody: in a family the surname alone is kept for somebody else.
KIN = word_set(
    """wife husband son daughter father mother brother sister cousin uncle aunt nephew niece widow widower grandfather
    grandmother grandson granddaughter fiance fiancee fiancé fiancée parent child twin stepson stepdaughter spouse
    girlfriend boyfriend partner ex-wife ex-husband sibling"""
)
# Suffixes that belong to a name but say no surname.
SUFFIXES = word_set("jr jr. sr sr. ii iii iv vi vii viii xii xiv xvi xxiii")
# Small words that hold a name together.
PARTICLES = word_set(
    "al el bin ibn bint abu de la las los del della di da dos das du van von der den ter ten le y ul ur ben"
)
# Last words, or words with "of" after them, of organisations, outlets and other things that are no persons.
ORGANISATIONS = word_set(
    """academy act administration agency airlines airways airport alliance amendment army assembly association
    associates athletics authority authorities award bank bar battalion baseball bill board brigade brigades
    broadcasting bureau business cabinet campaign capital caucus center centre centers centres control chamber
    channel chronicle church city club coalition college comedy command commerce commission committee
    community commonwealth communications company conference congress constitution convention corp corp. corporation
    corps council county court courts daily defense democrats department dept dept. dispatch district division
    drive economist education election emergency energy enquirer enterprise entertainment environment examiner
    exchange express fbi federation force forces forum foundation front fund gazette globe government group
    guard guards guardian health herald homeland hospital hospitals hotel house inc inc. independent
    industries initiative inquirer institute institution insurance intelligence international investigation
    investigations investors irs journal judiciary labor laboratory labs law league legislature library life
    llc llp ltd ltd. magazine mail market media medicine mirror military militia mine ministry mission monitor
    motors movement museum nation nations national navy network networks news newspaper newspapers observatory
    observer office online operations orchestra organisation organization parliament partners partnership
    party patriots people plc plumbing police post press program project protection quds radio reform register
    registry republic republicans research reserve resistance resources response review royal school schools
    science sciences security senate service services sheriffs society standard star state states station
    store street studies studio studios sun supreme survey survivors syndicate system systems task taskforce
    team technologies technology telegraph television theater theatre times today tower transit transportation
    treasury tribune tribunal troika trust tv union united universities university veterans voice watch
    website week weekly workers works world brotherhood hezbollah hamas taliban parenthood lives matter pac
    super games olympics cup bowl tuesday factions embassy consulate pentagon kremlin twitter facebook google
    microsoft apple amazon uber sox yankees cowboys lakers yorker atlantic politico breitbart cnn nbc abc cbs
    msnbc bbc npr pbs cnbc reuters bloomberg huffington buzzfeed gallup quinnipiac marist rasmussen instagram
    youtube reddit snapchat newsweek isis isil nato unicef fed nypd lapd gop dnc rnc nra nsa cia epa fda cdc
    faa fcc sec un eu u.n. hud nasa noaa fema osce opec imf avenue road boulevard park island islands river
    lake mountain mountains valley beach bay square bridge building township report article deal agreement
    treaty plan code rule laws war day night year festival prize medal show movie series caliphate gold mosque
    temple synagogue abbey chapel cathedral jail prison penitentiary medical clinic"""
)
# Organisation words that are surnames as well: after a first name they are part of a person's name.
SURNAMES_TOO = word_set(
    "post church house power bank law day park lake bay star street royal bridge beach gold mail standard bar sun"
    " rivers mountain temple bill west black guy river mine force christian life board chambers"
)
_PLACES = """
    alabama; alaska; arizona; arkansas; california; colorado; connecticut; delaware; florida; georgia; hawaii;
    idaho; illinois; indiana; iowa; kansas; kentucky; louisiana; maine; maryland; massachusetts; michigan;
    minnesota; mississippi; missouri; montana; nebraska; nevada; new hampshire; new jersey; new mexico; new
    york; new york city; north carolina; north dakota; ohio; oklahoma; oregon; pennsylvania; rhode island;
    south carolina; south dakota; tennessee; texas; utah; vermont; virginia; washington; west virginia;
    wisconsin; wyoming; puerto rico; america; united states; u.s.; us; u.k.; uk; u.s; united kingdom; britain;
    great britain; england; scotland; wales; ireland; northern ireland; france; germany; spain; italy;
    portugal; greece; turkey; russia; ukraine; poland; hungary; austria; switzerland; belgium; netherlands;
    denmark; sweden; norway; finland; iceland; estonia; latvia; lithuania; belarus; romania; bulgaria; serbia;
    croatia; bosnia; kosovo; albania; macedonia; slovakia; slovenia; czech republic; china; japan; india;
    pakistan; afghanistan; iran; iraq; syria; lebanon; israel; jordan; egypt; libya; tunisia; algeria;
    morocco; sudan; south sudan; ethiopia; somalia; kenya; uganda; rwanda; congo; nigeria; ghana; zimbabwe;
    zambia; south africa; angola; mali; niger; chad; cameroon; senegal; saudi arabia; yemen; oman; qatar;
    kuwait; bahrain; united arab emirates; dubai; abu dhabi; kazakhstan; uzbekistan; bangladesh; sri lanka;
    nepal; myanmar; burma; thailand; vietnam; cambodia; laos; malaysia; singapore; indonesia; philippines;
    north korea; south korea; korea; taiwan; hong kong; mongolia; australia; new zealand; canada; mexico;
    cuba; haiti; jamaica; brazil; argentina; chile; peru; colombia; venezuela; ecuador; bolivia; uruguay;
    paraguay; guatemala; honduras; el salvador; nicaragua; costa rica; panama; dominican republic; europe;
    asia; africa; middle east; london; paris; berlin; moscow; beijing; tokyo; baghdad; tehran; kabul;
    jerusalem; gaza; gaza strip; west bank; tel aviv; damascus; cairo; kiev; kyiv; brussels; geneva; vienna;
    rome; madrid; athens; istanbul; ankara; islamabad; mumbai; new delhi; delhi; shanghai; seoul; pyongyang;
    sydney; melbourne; toronto; ottawa; vancouver; mexico city; havana; los angeles; san francisco; san diego;
    chicago; houston; dallas; phoenix; philadelphia; boston; detroit; seattle; denver; miami; atlanta;
    cleveland; cincinnati; columbus; las vegas; baltimore; pittsburgh; st. louis; minneapolis; milwaukee;
    orlando; tampa; new orleans; portland; charlotte; des moines; san antonio; austin; salt lake city;
    hollywood; silicon valley; capitol hill; wall street; manhattan; brooklyn; queens; bronx; harlem; long
    island; manchester; liverpool; birmingham; glasgow; edinburgh; dublin; belfast; balad; taji; basra; mosul;
    fallujah; aleppo; kandahar; karachi; lahore; harare; johannesburg; cape town; nairobi; mogadishu;
    khartoum; darfur; lagos; crimea; donetsk; chechnya; kashmir; tibet; ferguson; sandy hook; newtown; san
    bernardino; guantanamo; guantanamo bay; palestine; caribbean; atlantic; pacific; persian gulf; midwest;
    northeast; south; north; east; west; earth; mars; moon; jersey; vatican; catalonia; quebec; ontario;
    british columbia; d.c.; washington d.c.; silver spring; santa monica; palm beach; staten island; st.
    petersburg; rio; rio de janeiro; sao paulo; bogota; caracas; lima; buenos aires; santiago; beirut;
    tripoli; benghazi; riyadh; doha; sanaa; amman; hanoi; bangkok; manila; jakarta
"""
PLACES = frozenset(" ".join(place.split()) for place in _PLACES.split(";"))
# Adjectives and nouns of peoples, parties, faiths: alone no names, before a name no part of it.
PEOPLES = word_set(
    """american americans african african-american british briton britons english scottish welsh irish french
    german germans spanish italian italians portuguese greek greeks turkish turks russian russians ukrainian
    ukrainians polish hungarian austrian swiss belgian dutch danish swedish norwegian finnish chinese japanese
    indian indians pakistani pakistanis afghan afghans iranian iranians iraqi iraqis syrian syrians lebanese
    israeli israelis palestinian palestinians jordanian egyptian egyptians libyan libyans sudanese ethiopian
    somali kenyan nigerian nigerians ghanaian zimbabwean saudi saudis yemeni kuwaiti canadian canadians
    mexican mexicans cuban cubans brazilian brazilians colombian venezuelan argentine chilean korean koreans
    vietnamese thai filipino indonesian malaysian australian australians european europeans asian asians arab
    arabs kurdish kurds latino latinos hispanic hispanics republican republicans democrat democrats democratic
    gop libertarian conservative conservatives liberal liberals progressive progressives tory tories labour
    socialist communist communists muslim muslims christian christians catholic catholics protestant
    evangelical evangelicals jewish jews hindu buddhist sunni sunnis shia shiite shiites islamic islamist
    islamists web mormon orthodox texan floridian californian western southern northern eastern black white
    burmese tibetan georgian romanian serbian croatian algerian moroccan tunisian senegalese zambian ugandan
    rwandan congolese bangladeshi nepali sri-lankan taiwanese haitian"""
)
# Capitalised but never part of a name.
NEVER = word_set(
    """a an the and but or nor so yet if then than that this these those there here it its he she they we you i
    him her his their our your my me them us who whom whose which what when where why how as at by for from in
    into of on onto off over under up down out to with without within about above across after against along
    among around before behind below beneath beside besides between beyond during except inside since through
    throughout till toward towards until upon while whether because although though unless once despite both
    either neither each every all any some many most more several other others another such no not only also
    just even still again ever never always often sometimes perhaps maybe indeed however meanwhile moreover
    furthermore nevertheless nonetheless therefore thus hence instead otherwise finally later earlier now
    today tonight yesterday tomorrow is are was were be been being am has have had do does did can could shall
    should would might must let lets yes well oh ok okay one two three four five six seven eight nine ten
    dozens hundreds thousands millions next old asked according added commenting speaking responding citing
    noting calling monday tuesday wednesday thursday friday saturday sunday tue wed thu fri january february
    march april june july august september october november december jan. feb. mar. apr. jun. jul. aug. sept.
    sep. oct. nov. dec. i'm i've i'll i'd it's that's there's he's she's they're we're we've don't didn't
    doesn't can't won't isn't wasn't aren't what's let's you're a.m. p.m. et est pdt pst edt gmt mr.'s
    re via per amid amidst following given considering regarding whatever christmas thanksgiving easter
    ramadan god internet english photo photos story image caption related please thank thanks nobody everyone
    everybody someone somebody nothing everything something people says said told tells"""
)
MONTH_NAMES = word_set("may march april june august jan jun")
# Nouns for what a person is, as in "the spokesman"; gendered ones tell gender.
MASCULINE_ROLES = word_set(
    """spokesman chairman congressman councilman assemblyman businessman man father husband son brother uncle
    grandfather boyfriend actor king prince nephew gentleman boy widower stepfather stepson statesman frontman
    schoolboy cameraman fireman policeman salesman anchorman clergyman priest monk pope imam grandson patriarch dad
    grandpa pitchman waiter"""
)
FEMININE_ROLES = word_set(
    """spokeswoman chairwoman congresswoman councilwoman assemblywoman businesswoman woman mother wife daughter
    sister aunt grandmother girlfriend actress queen princess niece lady girl widow stepmother stepdaughter
    schoolgirl policewoman nun granddaughter mom mum grandma waitress saleswoman anchorwoman duchess"""
)
ROLES = (
    MASCULINE_ROLES
    | FEMININE_ROLES
    | word_set(
        """spokesperson head chair chairperson president vice-president senator representative governor general
    brigadier lieutenant major colonel captain commander sergeant corporal admiral detective inspector
    superintendent constable officer sheriff deputy chief marshal doctor physician surgeon nurse professor
    lecturer teacher principal dean reverend bishop archbishop cardinal pastor rabbi cleric judge justice
    attorney lawyer solicitor barrister prosecutor minister premier chancellor secretary ambassador envoy
    diplomat speaker leader whip director manager executive commissioner councillor mayor ceo founder
    co-founder editor correspondent reporter journalist anchor host columnist commentator analyst strategist
    adviser advisor aide coach candidate nominee front-runner frontrunner contender rival administrator
    treasurer comptroller counsel engineer author writer novelist blogger poet activist organizer singer
    rapper musician comedian star artist designer filmmaker producer playwright economist scientist historian
    sociologist psychologist psychiatrist researcher scholar expert specialist consultant fellow lawmaker
    legislator mp politician democrat republican libertarian socialist conservative liberal billionaire
    millionaire mogul magnate tycoon developer entrepreneur investor banker financier trader broker owner
    proprietor shopkeeper farmer rancher driver pilot passenger worker employee student pupil resident
    neighbor neighbour tourist victim survivor witness suspect defendant plaintiff inmate prisoner fugitive
    gunman shooter attacker killer hacker whistleblower soldier veteran sailor marine trooper agent
    investigator examiner coroner pathologist veterinarian vet biologist physicist chemist astronomer
    astronaut geologist meteorologist climatologist mathematician statistician anthropologist archaeologist
    criminologist demographer pollster lobbyist donor fundraiser volunteer supporter delegate superdelegate
    operative staffer coordinator member partner associate co-chair cochair colleague friend parent child
    teenager teen youth native immigrant refugee champion player athlete golfer boxer swimmer midfielder
    striker quarterback pitcher goalkeeper runner racer cyclist trainer model socialite philanthropist plumber
    carpenter mechanic electrician builder architect contractor chef cook baker butcher bartender hunter
    fisherman ranger warden firefighter paramedic tsar czar emir sheikh dictator autocrat strongman warlord
    militant insurgent rebel jihadist terrorist heir successor predecessor incumbent newcomer cousin spouse
    fiance fiancee fiancé fiancée twin sibling relative guardian official bureaucrat ombudsman curator
    librarian archivist translator interpreter negotiator mediator chaplain missionary deacon elder prophet
    theologian philosopher critic reviewer observer essayist biographer publisher broadcaster presenter
    moderator podcaster youtuber vlogger influencer gamer programmer coder technician operator inventor
    explorer climber diver surfer skier skater guitarist drummer bassist pianist violinist conductor composer
    dancer choreographer director-general secretary-general vice-chairman vice-chair vice-chancellor
    undersecretary cofounder freshman sophomore independent standard-bearer hopeful newsman naturalist
    ecologist epidemiologist virologist immunologist neurologist cardiologist oncologist dentist pharmacist
    therapist counselor counsellor customer client buyer seller tenant landlord homeowner dealer grower rider
    juror clerk bailiff registrar auditor accountant actuary planner surveyor hotelier restaurateur caterer
    voter schoolboy schoolgirl pensioner neurosurgeon legend entertainer hitmaker matriarch defender adolescent toddler
    motorist commuter passerby bystander onlooker homemaker filmgoer texan hairdresser nanny
    stylist ex-president ex-governor ex-wife ex-husband great-grandson trustee regent appointee"""
    )
)
# Role nouns that mean the same person as another ("the lawyer" for an attorney).
SAME_ROLE = (
    word_set("attorney lawyer counsel solicitor barrister"),
    word_set("attorney prosecutor"),
    word_set("attorney lawyer defender"),
    word_set("chairman chairwoman chair chairperson vice-chairman co-chair"),
    word_set("spokesman spokeswoman spokesperson"),
    word_set("congressman congresswoman representative lawmaker legislator"),
    word_set("senator lawmaker legislator"),
    word_set("chief head leader commander boss"),
    word_set("ceo executive chief"),
    word_set("scientist researcher biologist physicist geologist astronomer"),
    word_set("professor academic scholar"),
    word_set("journalist reporter correspondent writer columnist editor author"),
    word_set("candidate nominee contender front-runner frontrunner hopeful standard-bearer"),
    word_set("billionaire mogul magnate tycoon businessman developer"),
    word_set("adviser advisor aide strategist"),
    word_set("officer sergeant lieutenant detective trooper policeman"),
    word_set("doctor physician surgeon pathologist"),
    word_set("vet veterinarian"),
    word_set("pastor reverend minister preacher"),
    word_set("singer musician artist"),
    word_set("comedian host"),
    word_set("expert specialist analyst"),
)
# Heads of sources that are groups or papers: who speaks is the organisation they come from, if it is named.
DOCUMENTS = word_set(
    """poll polls average averages tally tracker survey surveys report reports statement statements study studies
    analysis article articles story stories release releases editorial document documents filing filings memo
    memos letter letters bulletin briefing website site blog post tweet tweets message messages video ad ads
    advertisement campaign lawsuit suit complaint ruling decision order paper papers newspaper newspapers
    magazine channel network agency broadcast program book email emails e-mail e-mails press account page
    transcript transcripts record records data figures statistics numbers results findings index review
    projection projections estimate estimates forecast forecasts autopsy disclosure disclosures research indictment
    affidavit profile posting headline obituary column op-ed interview broadcaster station news feed"""
)
GROUPS = word_set(
    """officials family authorities police investigators prosecutors lawyers attorneys aides advisers advisors
    staffers executives editors reporters journalists researchers scientists experts analysts economists
    pollsters sources insiders leaders lawmakers members representatives spokesmen spokespeople diplomats
    commanders soldiers troops officers doctors employees workers organizers activists campaigners supporters
    critics observers team staff office department ministry government administration camp campaign
    organization organisation group committee commission board council union party network movement company
    firm inspectors agents detectives strategists operatives delegates producers forces militants rebels
    brigades faction factions coalition embassy court judges authority service bureau division unit force
    foundation institute institution center centre hospital university college school bank fund league
    federation association society church club agency"""
)
COLLECTIVES = GROUPS | DOCUMENTS
# Papers and words that are somebody's own: "Mr. Hoff's letter".
PERSONAL = word_set(
    """statement letter tweet tweets post memo email op-ed column essay speech remarks words comments argument message
    address book blog testimony account story report filing complaint lawsuit video note release motion communique"""
)
# Nouns that belong to the name before them: "the Clinton campaign", "Munich police".
NAMING = word_set("campaign movement administration family police party government ministry army council commission")
# With a people or a place before them they name one body: "the Lebanese army", "China's consulate".
STATE_BODIES = word_set(
    """army military navy police government ministry embassy consulate parliament cabinet television broadcaster
    coastguard treasury judiciary"""
)
# Nouns by which one body is called, once it has been named.
BODY_NOUNS = word_set(
    """company firm corporation business group organization organisation agency charity nonprofit non-profit
    association foundation institute institution center centre party campaign administration government ministry
    department bureau council committee commission panel union federation airline carrier bank lender retailer chain
    maker carmaker automaker manufacturer giant startup developer newspaper paper tabloid daily magazine outlet site
    website network channel broadcaster station service app platform publisher studio label university college school
    hospital museum church team club league court police military army constabulary force watchdog regulator authority
    embassy consulate mission coalition alliance movement militia faction pac super-pac thinktank think-tank lobby
    board body office observatory clearinghouse insurer utility operator brand show program programme skit sketch"""
)
# Members that stand for their party.
PARTIES = word_set("republicans democrats tories conservatives liberals")
# What a ministry may be of.
PORTFOLIOS = word_set(
    """interior foreign defence defense finance health justice education transport transportation information oil energy
    agriculture labour labor trade culture environment economy home state police fire"""
)
# What a body may be called by a word of its name.
BODY_KINDS = (
    (word_set("airline carrier company"), word_set("airlines airways air airline jet")),
    (
        word_set("company firm maker retailer chain giant business corporation manufacturer"),
        word_set(
            """inc inc. corp corp. corporation ltd llc plc company co co. group motors industries technologies stores
            foods brands pharmaceuticals google microsoft apple amazon facebook twitter uber disney netflix nintendo
            sony ford toyota tesla walmart starbucks boeing nike samsung pfizer"""
        ),
    ),
    (word_set("university college school institution"), word_set("university college school institute")),
    (word_set("party group"), word_set("party democrats republicans")),
    (
        word_set(
            "newspaper paper daily tabloid outlet publication magazine report article story editorial website site"
        ),
        word_set(
            """post times journal mirror tribune herald mail telegraph guardian gazette chronicle globe sun observer
            independent courier star dispatch inquirer examiner express register enquirer today advocate argus politico
            breitbart buzzfeed huffpost newsweek magazine yorker ilbo"""
        ),
    ),
    (
        word_set("network channel broadcaster station outlet report"),
        word_set(
            "cnn nbc abc cbs msnbc bbc npr pbs cnbc news fox television tv radio broadcasting sky jazeera arabiya"
        ),
    ),
    (word_set("agency outlet service report"), word_set("reuters press associated afp xinhua tass bloomberg")),
    (
        word_set("poll survey result finding number"),
        word_set("poll gallup quinnipiac marist rasmussen ipsos pew yougov survey"),
    ),
    (word_set("pac group organization committee"), word_set("pac action fund project solutions")),
    (
        word_set("group organization organisation charity nonprofit non-profit foundation association"),
        word_set(
            """foundation association society project fund watch rights alliance coalition league council union cross
            observatory action amnesty greenpeace trust spca institute center centre humane international parenthood"""
        ),
    ),
    (
        word_set("agency department administration office service bureau"),
        word_set(
            """agency department dept dept. administration bureau service nasa fbi cia epa fda cdc nsa irs tsa noaa
        commission authority ministry office security"""
        ),
    ),
    (word_set("force police service constabulary department"), word_set("police constabulary rcmp sheriff nypd lapd")),
    (
        word_set("group organization movement militant faction militia"),
        word_set(
            """hezbollah hamas taliban isis isil qaeda al-qaida al-qaeda al-shabaab brigades brigade army front haram
            state farc"""
        ),
    ),
    (word_set("bank lender"), word_set("bank fed reserve")),
    (word_set("union federation"), word_set("union workers teamsters afl-cio federation seiu")),
    (word_set("committee panel"), word_set("committee")),
    (word_set("hospital center"), word_set("hospital clinic medical")),
)
SPEECH = word_set(
    """said says say saying told tells tell added adds argued argues asked asks announced acknowledged admitted
    believes believed believe claimed claims called calls confirmed confirms declared denied denies explained
    explains expressed insisted insists noted notes predicted promised pointed recalled remarked replied
    reported responded revealed stated states stressed suggested suggests testified thinks thought tweeted
    urged vowed warned warns wrote writes continued concluded described dismissed emphasized hoped joked
    quipped wants wanted"""
)
PREPOSITIONS = word_set(
    """of for at in from with by on to about against over under among who that which whose where when while as
    after before during since until like than into through between near and or but whom"""
)
