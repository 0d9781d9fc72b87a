"""What is put in order: a sentence, the scale of the order, the things."""

from typing import NamedTuple

_PEOPLE = (
    "Alma Boris Carla Dario Edna Fritz Gitta Henri Ingrid Jakob Katja Leon Mira Noah Otis Petra Quentin "
    "Ronja Silas Tilda"
).split()


INTROS = (
    "each one below has its own place in one fixed order, and all statements are true.",
    "the statements below describe one fixed order and do not contradict each other.",
    "there is exactly one order that agrees with everything that is said here.",
)


class Scene(NamedTuple):
    """A story; {number} is how many there are, {things} which."""

    story: str
    scale: str  # of `solution.SCALES`
    things: tuple[str, ...]
    verb: str = "is"


def _things(story: str, scale: str, things: str) -> Scene:
    return Scene(story, scale, tuple(f"the {thing}" for thing in things.split(", ")))


def _people(story: str, scale: str) -> Scene:
    return Scene(story, scale, tuple(_PEOPLE), "finished")


SCENES = (
    _people("{number} runners cross the finishing line one by one: {things}.", "race"),
    _people("{number} cooks take part in a contest: {things}.", "tournament"),
    _people("{number} rowers reach the harbour, no two at once: {things}.", "race"),
    _things(
        "{number} jars stand side by side in a cupboard: {things}.",
        "row",
        "honey jar, salt jar, sugar jar, rice jar, tea jar, coffee jar, flour jar, jam jar, pepper jar, "
        "cocoa jar, bean jar, lentil jar, oat jar, nut jar, raisin jar, mustard jar",
    ),
    _things(
        "{number} plants are lined up on a windowsill: {things}.",
        "row",
        "fern, cactus, orchid, basil, ivy, violet, palm, aloe, rosemary, begonia, fuchsia, geranium, clover, "
        "mint, tulip, daisy",
    ),
    _things(
        "{number} boats are moored next to each other: {things}.",
        "row",
        "ferry, canoe, kayak, yacht, barge, dinghy, trawler, tugboat, raft, schooner, gondola, houseboat, "
        "catamaran, cutter, sloop, punt",
    ),
    _things(
        "A music shop owns {number} instruments: {things}.",
        "age",
        "violin, cello, harp, flute, oboe, piano, trumpet, guitar, banjo, lute, tuba, clarinet, bassoon, "
        "accordion, mandolin, zither",
    ),
    _things(
        "A tool shop offers {number} tools, each at its own price: {things}.",
        "price",
        "hammer, saw, drill, chisel, wrench, plane, rasp, vice, axe, spade, rake, ladder, crowbar, trowel, "
        "mallet, sander",
    ),
    _things(
        "A stall sells {number} kinds of cheese, each at its own price: {things}.",
        "cost",
        "gouda, brie, feta, cheddar, edam, ricotta, emmental, gorgonzola, mozzarella, parmesan, halloumi, "
        "camembert, manchego, pecorino, raclette, stilton",
    ),
    _things(
        "{number} buildings of one town differ in height: {things}.",
        "height",
        "town hall, church, mill, school, theatre, library, station, museum, bank, hotel, brewery, bakery, "
        "barn, lighthouse, hospital, water tower",
    ),
    _things(
        "{number} trails lead to the hut, each of another length: {things}.",
        "length",
        "ridge trail, lake trail, forest trail, river trail, canyon trail, meadow trail, summit trail, "
        "glacier trail, cave trail, bridge trail, valley trail, pasture trail, gorge trail, moor trail, "
        "heath trail, cliff trail",
    ),
    _things(
        "{number} parcels lie on the scales one after another: {things}.",
        "weight",
        "red parcel, blue parcel, green parcel, yellow parcel, white parcel, black parcel, brown parcel, "
        "grey parcel, pink parcel, purple parcel, orange parcel, golden parcel, silver parcel, "
        "striped parcel, dotted parcel, plain parcel",
    ),
    _things(
        "{number} rooms of a house are heated differently: {things}.",
        "warmth",
        "kitchen, bathroom, bedroom, hall, cellar, attic, study, pantry, nursery, parlour, garage, "
        "conservatory, laundry, workshop, gallery, porch",
    ),
    _things(
        "{number} vehicles are timed on the same track: {things}.",
        "speed",
        "van, tractor, scooter, lorry, coupe, jeep, moped, tram, pickup, roadster, camper, go-kart, "
        "quad bike, minibus, limousine, tandem",
    ),
)
