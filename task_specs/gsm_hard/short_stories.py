"""Word problems of two to five steps."""

from .story import Story

SHORT = (
    # two or three steps
    Story(
        "{name} picks {ripe} ripe apples and {green} green ones and gives {given} of them away. How many "
        "apples are left?",
        "ripe:big green:big given:big",
        "picked = ripe + green; left = picked - given",
    ),
    Story(
        "A theatre has {rows} rows of {seats} seats. Tonight {sold} seats are sold. How many seats stay "
        "empty?",
        "rows:5-40 seats:big sold:big",
        "total = rows * seats; empty = total - sold",
    ),
    Story(
        "A printer prints {speed} pages a minute. How many minutes does it take to print {books} books of "
        "{length} pages each?",
        "speed:4-40 books:big length:big",
        "pages = books * length; minutes = pages / speed",
        fine="minutes",
    ),
    Story(
        "{eggs} eggs are packed into {boxes} boxes, the same number into each. {name} buys {bought} of the "
        "boxes. How many eggs is that?",
        "eggs:big boxes:4-12 bought:2-9",
        "each = eggs / boxes; got = each * bought",
        needs="boxes - bought",
    ),
    Story(
        "A ticket for the planetarium costs ${price}. {children} children buy one each, and their teacher "
        "pays ${fee} for a guide. How many dollars does the visit cost?",
        "price:money children:big fee:20-90",
        "tickets = children * price; cost = tickets + fee",
        fine="tickets cost",
    ),
    Story(
        "{name} swims {lengths} lengths of {metres} metres every day. How many kilometres is that in {days} "
        "days?",
        "lengths:big metres:25|50 days:10-40",
        "daily = lengths * metres; total = daily * days; kilometres = total / 1000",
        fine="kilometres",
    ),
    Story(
        "A tank holds {full} litres of water and loses {lost} litres a day. How many litres are left after "
        "{days} days?",
        "full:big lost:2-30 days:2-30",
        "gone = lost * days; left = full - gone",
    ),
    Story(
        "{percent}% of the {visitors} visitors of a museum come by bus, the others on foot. How many come "
        "on foot?",
        "percent:percent visitors:big",
        "bus = visitors * percent / 100; foot = visitors - bus",
    ),
    Story(
        "A ship carries {crates} crates of {weight} kg each. In the first harbour {unloaded} crates are "
        "unloaded. How many kg of cargo are still on board?",
        "crates:big weight:12-80 unloaded:big",
        "left = crates - unloaded; cargo = left * weight",
    ),
    Story(
        "{name} earns ${wage} an hour and gets a bonus of ${bonus} once a year. How many dollars does a "
        "year with {hours} hours of work bring?",
        "wage:money bonus:big hours:big",
        "earned = wage * hours; total = earned + bonus",
        fine="earned total",
    ),
    Story(
        "A gardener plants {beds} beds, each with {tulips} tulips and {roses} roses. How many flowers is "
        "that?",
        "beds:big tulips:big roses:5-60",
        "each = tulips + roses; flowers = each * beds",
    ),
    Story(
        "Four harvests weigh {a} kg, {b} kg, {c} kg and {d} kg. How many kg is the average harvest?",
        "a:big b:big c:big d:big",
        "total = a + b + c + d; average = total / 4",
        fine="average",
    ),
    Story(
        "Two crews pave a road of {length} metres from both ends. One paves {fast} metres a day, the other "
        "one {slow} metres. How many metres are missing after {days} days?",
        "length:big fast:5-40 slow:3-30 days:2-20",
        "together = fast + slow; paved = together * days; missing = length - paved",
    ),
    Story(
        "{name} has {stamps} stamps, which is {times} times as many as {other} has. How many stamps do they "
        "have together?",
        "stamps:big times:2-9",
        "fewer = stamps / times; together = stamps + fewer",
    ),
    # four or five steps
    Story(
        "A bakery bakes {trays} trays of {rolls} rolls. It sells {sold} rolls in the morning and half of "
        "the rest in the afternoon. What is left then goes to a soup kitchen in bags of {bag} rolls. How "
        "many bags is that?",
        "trays:big rolls:10-60 sold:big bag:4-10",
        "baked = trays * rolls; rest = baked - sold; afternoon = rest / 2; left = rest - afternoon; bags = "
        "left / bag",
    ),
    Story(
        "{classes} classes of {children} children and {adults} adults go on a trip. A bus takes {seats} "
        "people and costs ${hire}; all seats are used. How many dollars do the buses cost?",
        "classes:big children:15-30 adults:big seats:20-50 hire:big",
        "pupils = classes * children; people = pupils + adults; buses = people / seats; cost = buses * hire",
    ),
    Story(
        "{name} saves ${weekly} a week for {weeks} weeks and gets ${gift} as a present. A boat costs "
        "${boat}, but {percent}% are taken off. How many dollars are left after buying it?",
        "weekly:big weeks:10-60 gift:big boat:big percent:percent",
        "saved = weekly * weeks; money = saved + gift; off = boat * percent / 100; price = boat - off; left "
        "= money - price",
        fine="off price left",
    ),
    Story(
        "A machine makes {made} screws an hour, and {percent}% of them are faulty. It runs {hours} hours a "
        "day. How many good screws does it make in {days} days?",
        "made:big percent:percent hours:6-20 days:5-90",
        "faulty = made * percent / 100; good = made - faulty; daily = good * hours; total = daily * days",
    ),
    Story(
        "A library has {shelves} shelves of {books} books. It buys {bought} more and then gives {percent}% "
        "of all its books to a school. How many books does it keep?",
        "shelves:big books:20-90 bought:big percent:percent",
        "old = shelves * books; total = old + bought; given = total * percent / 100; kept = total - given",
    ),
    Story(
        "An aquarium has {tanks} tanks with {fish} fish each, and a fish eats {grams} grams of food a day. "
        "A tin holds {tin} grams. How many tins are eaten in {days} days?",
        "tanks:big fish:5-80 grams:2-9 tin:100|200|250|500 days:7-60",
        "animals = tanks * fish; daily = animals * grams; total = daily * days; tins = total / tin",
        fine="tins",
    ),
    Story(
        "A phone contract costs ${base} a month, and ${rate} for each gigabyte above {free} gigabytes. "
        "{name} uses {used} gigabytes every month. How many dollars does a year cost?",
        "base:money rate:money free:2-20 used:big",
        "extra = used - free; added = extra * rate; month = base + added; year = month * 12",
        fine="added month year",
    ),
    Story(
        "A train has {cars} cars with {seats} seats each. When it leaves, {percent}% of the seats are "
        "taken. At the next station {on} people get on and {off} get off. How many seats are free then?",
        "cars:big seats:40-90 percent:percent on:big off:big",
        "total = cars * seats; taken = total * percent / 100; stay = taken - off; aboard = stay + on; free "
        "= total - aboard",
    ),
    Story(
        "A wall is {length} m long and {height} m high, and in it are {windows} windows of {area} square "
        "metres each. A litre of paint is enough for {cover} square metres. How many litres does it take to "
        "paint the wall, without the windows, {coats} times?",
        "length:big height:3-9 windows:2-12 area:2-6 cover:5-10 coats:2-3",
        "wall = length * height; glass = windows * area; surface = wall - glass; painted = surface * coats; "
        "litres = painted / cover",
        fine="litres",
    ),
    Story(
        "An orchard has {rows} rows of {trees} trees. {percent}% of them are pear trees, which bear {pears} "
        "kg each; the others are plum trees, which bear {plums} kg each. How many kg of fruit does the "
        "orchard bear?",
        "rows:big trees:10-80 percent:percent pears:20-90 plums:15-60",
        "total = rows * trees; pear = total * percent / 100; plum = total - pear; fruit = pear * pears + "
        "plum * plums",
    ),
    Story(
        "A pump moves {rate} litres a minute for {hours} hours. A second pump then moves {second} litres a "
        "minute for {minutes} minutes. How many litres do the two pumps move?",
        "rate:big hours:2-20 second:big minutes:10-90",
        "time = hours * 60; first = rate * time; after = second * minutes; total = first + after",
    ),
    Story(
        "{name} has {cards} cards, {times} times as many as {other}. {third} has {more} cards more than "
        "{other}. How many cards do the three have together?",
        "cards:big times:2-9 more:big",
        "few = cards / times; middle = few + more; pair = few + middle; total = pair + cards",
    ),
    Story(
        "A lorry brings {bricks} bricks on each trip and makes {trips} trips a day. A house takes {house} "
        "bricks. How many days does the lorry need for {houses} houses?",
        "bricks:100|150|200|250 trips:2-8 house:big houses:2-30",
        "daily = bricks * trips; needed = house * houses; days = needed / daily",
        fine="days",
    ),
    Story(
        "A tailor cuts {rolls} rolls of {metres} metres of cloth into pieces of {piece} metres. A coat "
        "takes {pieces} pieces and is sold for ${price}. How many dollars do all the coats bring?",
        "rolls:big metres:20-60 piece:2-5 pieces:2-4 price:big",
        "cloth = rolls * metres; cut = cloth / piece; coats = cut / pieces; income = coats * price",
    ),
    Story(
        "{runners} runners run {laps} laps each for charity, and a sponsor gives ${gift} for each lap. "
        "{percent}% of the money pays for the event, the rest goes to a hospital. How many dollars does the "
        "hospital get?",
        "runners:big laps:5-40 gift:money percent:percent",
        "run = runners * laps; money = run * gift; costs = money * percent / 100; rest = money - costs",
        fine="money costs rest",
    ),
    Story(
        "{hives} beehives give {kilos} kg of honey each. {name} keeps {kept} kg and fills the rest into "
        "jars of {grams} grams. How many jars is that?",
        "hives:big kilos:8-30 kept:big grams:250|500|400",
        "honey = hives * kilos; rest = honey - kept; weight = rest * 1000; jars = weight / grams",
    ),
    Story(
        "A concert hall sells {cheap} seats for ${low} each. Of its {best} best seats, for ${high} each, "
        "{empty} are not sold. How many dollars does the concert bring?",
        "cheap:big low:money best:big high:30-90 empty:big",
        "plain = cheap * low; sold = best - empty; dear = sold * high; income = plain + dear",
        fine="plain income",
    ),
    Story(
        "A press prints {copies} papers an hour for {hours} hours. {percent}% are thrown away. The others "
        "are tied into bundles of {bundle}, and a van takes {load} bundles on each trip. How many trips are "
        "needed?",
        "copies:big hours:2-12 percent:10|20|25|50 bundle:4|5|10|20 load:2|4|5",
        "printed = copies * hours; waste = printed * percent / 100; good = printed - waste; bundles = good "
        "/ bundle; trips = bundles / load",
    ),
)
