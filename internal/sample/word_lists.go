package sample

// Companies, job titles and notes.
const (
	companies = `Alder,Amber Coast,Ashgrove,Bellweather,Birchwood,Blue Heron,Bramble & Finch,Brightwater,Calder,Cedar Lane,Clearbrook,
Cobalt,Copperfield,Crane & Sons,Dovetail,Eastgate,Elm Street,Fairweather,Falcon,Fernhill,Five Bridges,Foxglove,Glasshouse,Goldfinch,
Greenway,Harbour,Hawthorn,Hazel,Highfield,Ironbridge,Juniper,Kestrel,Kingfisher,Lakeside,Lantern,Larkspur,Lindenhof,Longmeadow,
Maple,Marigold,Meridian,Mill Lane,Moorland,Nightingale,Northlight,Oakridge,Old Mill,Orchard,Osprey,Papaya,Pinecrest,Quarry,
Redwood,Ridgeway,Riverbend,Rosewood,Sandpiper,Silverline,Skylark,Southbank,Stonegate,Sunrise,Swift,Tamarind,Thistle,Three Rivers,
Tidewater,Umber,Valley,Wayfarer,Westerly,Whitestone,Willow,Windmill,Woodpecker,Yarrow,Zephyr`
	companyForms = `Ltd,GmbH,Inc.,S.A.,S.r.l.,AB,Oy,B.V.,Bakery,Logistics,Foods,Insurance,Studio,Dental,Motors,Fabrics,Legal,Clinic,
Interiors,Travel,Energy,Books,Farms,Hotels,Partners,Consulting,Security,Software`
	jobTitles = `Account manager,Architect,Area manager,Buyer,Chef,Chief executive,Clinic manager,Customer success lead,Dentist,Designer,
Director,Electrician,Engineer,Estate agent,Facilities manager,Finance director,Florist,Foreman,General manager,Head of operations,
Head of purchasing,Human resources,Journalist,Lawyer,Librarian,Marketing manager,Office manager,Owner,Partner,Pharmacist,Photographer,
Procurement,Project manager,Receptionist,Sales representative,Site manager,Store manager,Teacher,Veterinarian,Warehouse manager`
	headings  = `Notes,Purchase history,Account,Preferences,Background`
	noteLines = `
Prefers to be called in the morning.
Asked for a quote for the spring order.
Renewal is due in March.
Speaks French and Portuguese.
Met at the trade fair, stand 14.
Delivery at the back door, please ring twice.
Interested in the larger model.
Do not call during school holidays.
Invoice goes to the head office.
VIP, always offer the loyalty discount.
Was referred by a neighbour.
Waiting for the sample to arrive.
Said “call me back”, twice.
Product: Unobtanium
Quantity: 1000 units
Sales rep: Jessie Robinson
Contract signed, copy in the archive.
Vegetarian; allergic to nuts.
Wants text messages only.
Complained about a late parcel, solved with a voucher.
Second contact is the assistant.
Birthday in November.`
)
