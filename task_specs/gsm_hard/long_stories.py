"""Word problems of six steps and more."""

from .story import Story

LONG = (
    Story(
        "A farm has {cows} cows, and each gives {litres} litres of milk a day. The family drinks {drunk} "
        "litres a day, {percent}% of the rest becomes cheese, and what remains is sold at ${price} a litre. "
        "How many dollars does the milk bring in {days} days?",
        "cows:big litres:10-35 drunk:2-9 percent:percent price:money days:5-60",
        "milk = cows * litres; rest = milk - drunk; cheese = rest * percent / 100; sold = rest - cheese; "
        "daily = sold * price; income = daily * days",
        fine="cheese sold daily income",
    ),
    Story(
        "A hotel has {floors} floors with {rooms} rooms each. {percent}% of the rooms are doubles for "
        "${double} a night, the others are singles for ${single}. Tonight {empty} doubles and {vacant} "
        "singles are free. How many dollars does the night bring?",
        "floors:big rooms:10-60 percent:percent double:90-180 single:40-85 empty:2-30 vacant:2-30",
        "total = floors * rooms; doubles = total * percent / 100; singles = total - doubles; taken = "
        "doubles - empty; filled = singles - vacant; large = taken * double; small = filled * single; "
        "income = large + small",
    ),
    Story(
        "{guests} guests are invited to a feast, and {percent}% of them decline. The others sit at tables "
        "of {table}. A table costs ${rent}, a meal ${meal}, and the band ${band}. How many dollars does the "
        "feast cost?",
        "guests:big percent:percent table:4-12 rent:10-60 meal:money band:big",
        "away = guests * percent / 100; come = guests - away; tables = come / table; places = tables * "
        "rent; meals = come * meal; bill = places + meals; cost = bill + band",
        fine="meals bill cost",
    ),
    Story(
        "Each of {buses} buses drives {distance} km a day and burns {litres} litres of fuel on 100 km. Fuel "
        "costs ${price} a litre, and the company gets {percent}% off. How many dollars does it pay for "
        "{days} days?",
        "buses:big distance:100-400 litres:20-45 price:money percent:percent days:5-30",
        "daily = buses * distance; total = daily * days; burnt = total * litres / 100; full = burnt * "
        "price; off = full * percent / 100; cost = full - off",
        fine="burnt full off cost",
    ),
    Story(
        "A field is {length} m long and {width} m wide, and {percent}% of it lies fallow. On every other "
        "square metre stand {plants} plants with {ears} ears each, and an ear holds {grains} grains. How "
        "many grains grow on the field?",
        "length:big width:20-90 percent:percent plants:20-60 ears:2-5 grains:15-40",
        "area = length * width; fallow = area * percent / 100; used = area - fallow; stalks = used * "
        "plants; heads = stalks * ears; total = heads * grains",
    ),
    Story(
        "A shop buys {crates} crates with {bottles} bottles each and pays ${buy} a crate. {broken} bottles "
        "break, the others are sold for ${sell} each. Wages take ${wages}. How many dollars of profit are "
        "left?",
        "crates:big bottles:12-24 buy:5-20 broken:2-60 sell:money wages:big",
        "total = crates * bottles; good = total - broken; income = good * sell; cost = crates * buy; gross "
        "= income - cost; profit = gross - wages",
        fine="income gross profit",
    ),
    Story(
        "{name} cycles for {days} days: {long} km on each of the first {first} days, {short} km on each of "
        "the others. {other} travels {ratio} times as far in all, but {train} km of it by train. How many "
        "km does {other} not go by train?",
        "days:big long:40-120 first:2-9 short:10-39 ratio:2-5 train:big",
        "early = first * long; later = days - first; late = later * short; total = early + late; far = "
        "total * ratio; rest = far - train",
    ),
    Story(
        "{lorries} lorries bring {pallets} pallets of {boxes} boxes each to a warehouse. {percent}% of the "
        "boxes are damaged. The good ones go in equal shares to {shops} shops; each shop sells {sold} boxes "
        "and sends the others back. How many boxes come back?",
        "lorries:big pallets:6-30 boxes:10-60 percent:percent shops:2-12 sold:big",
        "loaded = lorries * pallets; total = loaded * boxes; damaged = total * percent / 100; good = total "
        "- damaged; share = good / shops; returned = share - sold; back = returned * shops",
    ),
    Story(
        "{percent}% of the {people} people who may vote in a town do so. {spoilt} votes are spoilt. Of the "
        "valid ones {name} gets {share}%, and the rest is divided equally between {other} and {third}. By "
        "how many votes is {name} ahead of {third}?",
        "percent:40|50|60|75|80 people:big spoilt:2-60 share:40|50|60|70|80",
        "votes = people * percent / 100; valid = votes - spoilt; most = valid * share / 100; rest = valid - "
        "most; half = rest / 2; ahead = most - half",
    ),
    Story(
        "A will leaves ${estate}. First, debts of ${debts} are paid; then {percent}% of the rest is paid "
        "as tax. Half of what remains goes to {name}, the other half in equal shares to {heirs} nephews. "
        "One nephew spends ${spent} of his share. How many dollars does he still have?",
        "estate:big debts:big percent:10|20|25|30|40 heirs:2-5 spent:big",
        "rest = estate - debts; tax = rest * percent / 100; net = rest - tax; half = net / 2; share = half "
        "/ heirs; left = share - spent",
        fine="tax net half share left",
    ),
    Story(
        "{houses} houses have {panels} solar panels each. A panel gives {watts} watts, {hours} hours a day. "
        "Each house uses {used} kilowatt hours a day and sells the rest. How many kilowatt hours do all the "
        "houses sell in {days} days?",
        "houses:big panels:10-40 watts:300|350|400 hours:3-9 used:5-20 days:5-90",
        "power = panels * watts; made = power * hours; units = made / 1000; spare = units - used; daily = "
        "spare * houses; sold = daily * days",
        fine="units spare daily sold",
    ),
    Story(
        "{name} reads {pages} pages on Monday, and on each of the next three days {more} pages more than on "
        "the day before. How many pages are then left of {books} books with {length} pages each?",
        "pages:big more:2-40 books:3-20 length:big",
        "tuesday = pages + more; wednesday = tuesday + more; thursday = wednesday + more; done = pages + "
        "tuesday + wednesday + thursday; total = books * length; left = total - done",
    ),
    Story(
        "{ferries} ferries cross a strait {trips} times a day, each time with {cars} cars and {people} "
        "people. A car costs ${car}, a person ${fare}. Fuel and crews cost ${costs} a day. How many dollars "
        "are left of a day's income?",
        "ferries:big trips:4-20 cars:10-60 people:50-400 car:10-40 fare:money costs:big",
        "vehicles = cars * car; fares = people * fare; trip = vehicles + fares; crossings = ferries * "
        "trips; income = trip * crossings; left = income - costs",
        fine="fares trip income left",
    ),
    Story(
        "A quarry sells {trucks} truckloads of {tons} tons of sand. A ton fills {bags} bags, and {burst} "
        "bags burst. {percent}% of the others are sold for ${high} each, the rest for ${low} each. How many "
        "dollars do the bags bring?",
        "trucks:big tons:10-30 bags:20|25|40 burst:2-90 percent:percent high:10-20 low:3-9",
        "sand = trucks * tons; filled = sand * bags; whole = filled - burst; dear = whole * percent / 100; "
        "cheap = whole - dear; income = dear * high + cheap * low",
    ),
    Story(
        "A zoo is open {days} days a week for {weeks} weeks a year. On each of these days {adults} adults "
        "and {children} children come; an adult pays ${full}, a child half as much. {percent}% of the "
        "income is spent on food, and ${rent} a week on rent. How many dollars are left at the end of the "
        "year?",
        "days:4-7 weeks:20-50 adults:big children:big full:10-40 percent:percent rent:big",
        "opened = days * weeks; half = full / 2; large = adults * full; small = children * half; daily = "
        "large + small; income = daily * opened; food = income * percent / 100; rents = rent * weeks; left "
        "= income - food - rents",
        fine="half small daily income food left",
    ),
    Story(
        "A reservoir holds {start} cubic metres of water. In {dry} dry days {used} cubic metres a day are "
        "used. In the {wet} rainy days after that {rain} cubic metres a day flow in, of which {leak} leak "
        "away. Then a tenth of all the water is let off. How many cubic metres remain?",
        "start:big dry:5-40 used:2-60 wet:3-20 rain:big leak:2-30",
        "gone = dry * used; low = start - gone; kept = rain - leak; added = wet * kept; high = low + added; "
        "off = high / 10; rest = high - off",
        fine="off rest",
    ),
    Story(
        "A mill grinds {wheat} sacks of wheat and {rye} sacks of rye, {weight} kg each. {percent}% of the "
        "weight is lost as bran. The flour is filled into bags of {bag} kg; {name} takes {taken} bags, and "
        "{shops} bakers share the others equally. How many dollars does each baker pay if a bag costs "
        "${price}?",
        "wheat:big rye:big weight:40|50|60 percent:percent bag:5|10|20 taken:2-60 shops:2-9 price:money",
        "sacks = wheat + rye; grain = sacks * weight; bran = grain * percent / 100; flour = grain - bran; "
        "bags = flour / bag; others = bags - taken; each = others / shops; bill = each * price",
        fine="bill",
    ),
    Story(
        "A dairy fills {morning} bottles in the morning and {ratio} times as many in the afternoon. "
        "{percent}% of all bottles hold cream, which brings ${cream} each; the others hold milk, which "
        "brings ${milk} each. Bottles cost ${glass} each, and wages ${wages}. How many dollars are gained?",
        "morning:big ratio:2-4 percent:percent cream:3-9 milk:money glass:0.25|0.5|0.75 wages:big",
        "afternoon = morning * ratio; total = morning + afternoon; rich = total * percent / 100; plain = "
        "total - rich; first = rich * cream; second = plain * milk; income = first + second; bottles = "
        "total * glass; gross = income - bottles; gain = gross - wages",
        fine="second income bottles gross gain",
    ),
)
