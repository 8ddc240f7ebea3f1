"""The invented council staff, providers and schools of the demonstration, with real postcodes of the area."""

from dataclasses import dataclass

PASSWORD = "three random words"

# Name, e-mail address and roles. Everyone is invented.
COUNCIL_PEOPLE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Priya Lindqvist", "lead@council.example.org", ("procurement_lead",)),
    ("Tom Okonjo-Reed", "lead2@council.example.org", ("procurement_lead",)),
    ("Alma Fairweather", "evaluator1@council.example.org", ("evaluator",)),
    ("Joseph Adeyemi-Holt", "evaluator2@council.example.org", ("evaluator",)),
    ("Bronwen Castellan", "evaluator3@council.example.org", ("evaluator",)),
    ("Martin Quillfeather", "moderator@council.example.org", ("moderator",)),
    ("Sadia Thornbury", "approver@council.example.org", ("approver",)),
    ("Leonard Vasey-Moss", "auditor@council.example.org", ("auditor",)),
    ("Ruth Ellerslie", "admin@council.example.org", ("administrator",)),
    ("Bina Sallow", "quality@council.example.org", ("quality_officer",)),
    ("Delphine Marwood", "placements@council.example.org", ("commissioner",)),
)


@dataclass(frozen=True)
class Provider:
    """An invented provider. `lots` are numbers of the Manchester framework's lots; `strength` (0 to 1) is how
    well it writes and works; `day_rate` is in pounds."""

    name: str
    person: str
    postcode: str
    trade: str
    lots: tuple[str, ...]
    strength: float
    day_rate: str
    key_stages: tuple[str, ...] = ("KS3", "KS4")
    needs: tuple[str, ...] = ("SEMH",)
    places: int = 12
    identifier: tuple[str, str] | None = None
    school: bool = False


@dataclass(frozen=True)
class School:
    """An invented school with its commissioner."""

    name: str
    person: str
    postcode: str


def _coh(number: int) -> tuple[str, str]:
    return "GB-COH", f"{99_000_000 + number:08}"


def _chc(number: int) -> tuple[str, str]:
    return "GB-CHC", f"{9_900_000 + number:07}"


PROVIDERS: tuple[Provider, ...] = (
    Provider("Copper Kettle Kitchen School", "Dana Whitlock", "M5 4WT", "professional cookery",
             ("2", "10"), 0.9, "98.00", needs=("SEMH", "ASD", "MLD"), identifier=_coh(101)),
    Provider("Irwell Bend Farm Learning", "Gareth Pomfret", "M30 0FJ", "animal care and small-scale farming",
             ("7", "10"), 0.8, "104.50", ("KS2", "KS3", "KS4"), ("SEMH", "ASD", "SLCN"), 10, _chc(102)),
    Provider("Trafford Anvil Construction Skills", "Leanne Duxbury", "M17 1AB", "bricklaying, joinery and site skills",
             ("5",), 0.7, "110.00", ("KS4", "KS5"), ("SEMH", "MLD"), 16, _coh(103)),
    Provider("Second Bell Tutors", "Imran Holdsworth", "M14 5RB", "one-to-one teaching of core subjects",
             ("9",), 0.85, "119.00", ("KS2", "KS3", "KS4"), ("SEMH", "SPLD", "ASD"), 20, _coh(104)),
    Provider("Moss Lane Boxing and Learning", "Carla Entwhistle", "M15 5AL", "boxing, fitness and functional skills",
             ("2", "3"), 0.6, "88.00", needs=("SEMH",), places=18, identifier=_chc(105)),
    Provider("Velvet Scissors Academy", "Yolanda Pryce", "M8 8UF", "hair and beauty",
             ("4",), 0.75, "95.00", ("KS4", "KS5"), ("SEMH", "MLD", "SLCN"), 14, _coh(106)),
    Provider("Redstart Independent School", "Helen Marchbanks", "M22 5RG", "a full school week in groups of six",
             ("1",), 0.95, "118.00", ("KS3", "KS4"), ("SEMH", "ASD", "SLCN", "SPLD"), 30, _coh(107), True),
    Provider("Low Tide Music Studio", "Marcus Bellweather", "M4 6BF", "music making and production",
             ("6", "10"), 0.8, "92.00", needs=("SEMH", "ASD"), identifier=_coh(108)),
    Provider("Paperlantern Arts", "Nadia Crowhurst", "M1 2HG", "printmaking, ceramics and film",
             ("6",), 0.65, "84.00", needs=("SEMH", "SLCN"), identifier=_chc(109)),
    Provider("Greyhound Bridge Mentoring", "Sol Abernathy", "M6 5FZ", "mentoring on the way back to school",
             ("10",), 0.7, "79.50", ("KS2", "KS3", "KS4"), ("SEMH", "ASD"), 25, _coh(110)),
    Provider("Tinderbox Motor Workshop", "Frank Ollerenshaw", "M11 2EQ", "motor mechanics",
             ("5", "8"), 0.66, "101.00", ("KS4",), ("SEMH", "MLD"), 12, _coh(111)),
    Provider("Hearthside Therapeutic Learning", "Esther Makepeace", "M20 2LN", "therapeutic teaching in a house with a garden",
             ("1", "9"), 0.9, "120.00", ("KS2", "KS3"), ("SEMH", "ASD", "SLCN"), 8, _chc(112), True),
    Provider("Kestrel Outdoor Days", "Rhys Tregarron", "M28 2GD", "climbing, bushcraft and canoeing",
             ("2", "8"), 0.75, "99.00", ("KS2", "KS3", "KS4"), ("SEMH", "ASD", "MLD"), 12, _coh(113)),
    Provider("Northern Quarter Code Room", "Aisha Lockhart", "M1 1JR", "coding, games and digital design",
             ("8",), 0.85, "96.00", needs=("ASD", "SEMH", "SPLD"), identifier=_coh(114)),
    Provider("Bright Ledger Maths and English", "Oliver Sandbach", "M9 4RB", "GCSE maths and English in pairs",
             ("9",), 0.6, "115.00", ("KS4", "KS5"), ("SPLD", "SEMH"), 16, _coh(115)),
    Provider("Wythenshawe Wheelhouse", "Kerry Applegarth", "M22 9TF", "bicycle repair and enterprise",
             ("8", "10"), 0.62, "82.00", needs=("SEMH", "MLD"), identifier=_chc(116)),
    Provider("Saltire Football Education", "Callum Strachan", "M40 8BB", "football coaching and sport leadership",
             ("3",), 0.65, "86.00", needs=("SEMH",), places=24, identifier=_coh(117)),
    Provider("Old Dye Works Textiles", "Prudence Hallam", "M3 5FS", "fashion, textiles and upcycling",
             ("6", "4"), 0.7, "90.00", needs=("SEMH", "ASD", "MLD"), identifier=_coh(118)),
    Provider("Quiet Corner Online School", "Devika Ainsworth", "M50 2EQ", "live online lessons in groups of eight",
             ("9",), 0.75, "72.00", ("KS3", "KS4", "KS5"), ("SEMH", "ASD", "PD"), 40, _coh(119)),
    Provider("Hollow Oak Forest Days", "Ned Braithwaite", "M25 1LF", "forest school and green woodwork",
             ("7", "2"), 0.8, "97.00", ("KS1", "KS2", "KS3"), ("SEMH", "ASD", "SLCN"), 10, _chc(120)),
    Provider("Ancoats Grid Electricals", "Stella Moorcroft", "M4 7AE", "electrical installation",
             ("5",), 0.6, "112.00", ("KS4", "KS5"), ("SEMH",), 12, _coh(121)),
    Provider("Lantern Street Study Centre", "Babatunde Fairclough", "M13 0FN", "core subjects in small groups",
             ("1",), 0.85, "116.00", ("KS3", "KS4"), ("SEMH", "SPLD", "MLD"), 24, _coh(122), True),
    Provider("Stable Yard Equine Learning", "Felicity Harkness", "M31 4QN", "learning with horses",
             ("7",), 0.7, "117.00", ("KS2", "KS3", "KS4"), ("SEMH", "ASD"), 6, _coh(123)),
    Provider("Corridor Nine Theatre", "Tobias Penhaligon", "M16 7RA", "drama, stagecraft and speech",
             ("6",), 0.6, "87.00", needs=("SEMH", "SLCN"), identifier=_chc(124)),
    Provider("Rosamund Tilley Mentoring", "Rosamund Tilley", "M7 3DS", "mentoring by one qualified youth worker",
             ("10",), 0.62, "68.00", ("KS3", "KS4"), ("SEMH",), 4, None),
    Provider("Barton Basin Boatbuilders", "Angus Whitcombe", "M41 7LG", "boatbuilding and joinery",
             ("5", "8"), 0.75, "108.00", ("KS4", "KS5"), ("SEMH", "ASD"), 8, _coh(126)),
    Provider("Marigold Childcare Training", "Beatrix Oduya", "M12 5PG", "childcare and early years",
             ("4", "8"), 0.65, "91.00", ("KS4", "KS5"), ("SEMH", "MLD"), 14, _coh(127)),
    Provider("Foundry Court Fitness", "Damian Rusholme", "M18 7NX", "personal training and sport science",
             ("2", "3"), 0.66, "89.00", ("KS4", "KS5"), ("SEMH",), 16, _coh(128)),
    Provider("Compass Rose Reintegration", "Miriam Gledhill", "M19 2SY", "twelve weeks towards a return to school",
             ("1", "10"), 0.9, "119.50", ("KS2", "KS3"), ("SEMH", "ASD", "SLCN"), 12, _chc(129), True),
    Provider("Pennyfarthing Bakery Training", "Winifred Ashdown", "M27 8FF", "baking and small business",
             ("8",), 0.6, "85.00", ("KS4", "KS5"), ("SEMH", "MLD"), 8, _coh(130)),
    Provider("Heron Lock Angling and Nature", "Desmond Caldwell", "M44 6AJ", "angling, nature and literacy",
             ("7", "3"), 0.62, "80.00", ("KS3", "KS4"), ("SEMH", "ASD"), 8, _coh(131)),
    Provider("Signal Box Radio", "Jacinta Merriweather", "M2 5GP", "radio, podcasting and journalism",
             ("6",), 0.7, "93.00", needs=("SEMH", "SPLD"), identifier=_coh(132)),
    Provider("Sefton Plasterers' Yard", "Wayne Haddock", "M38 9UP", "plastering and decorating",
             ("5",), 0.58, "105.00", ("KS4",), ("SEMH",), 10, _coh(133)),
    Provider("Open Gate Tuition", "Harriet Soames-Akin", "M21 9WQ", "tuition at home, in libraries and in hospital",
             ("9",), 0.8, "118.50", ("KS1", "KS2", "KS3", "KS4"), ("SEMH", "PD", "ASD", "SLCN"), 18, _coh(134)),
)  # fmt: skip

SCHOOLS: tuple[School, ...] = (
    School("Alder Brook High School", "Naomi Prendergast", "M16 0AG"),
    School("Ship Canal Academy", "Gerald Ouseley", "M50 3AZ"),
    School("Heaton Vale Community School", "Farida Kirkbride", "M9 0RF"),
    School("Fallow Field School for Girls", "Constance Njoroge", "M14 6FT"),
    School("Weaste Grammar Lane School", "Peter Hollinshead", "M5 5LH"),
    School("Baguley Rise Academy", "Xanthe Millichip", "M23 1NL"),
    School("Three Arches High School", "Douglas Amaechi", "M40 1GL"),
    School("Swinton Clough School", "Gwendolyn Tait", "M27 6BP"),
    School("Levenshulme Lane High", "Ibrahim Stanhope", "M19 3ES"),
    School("Chorlton Meadow Primary", "Philippa Dunmore", "M21 8AG"),
)


def address_of(name: str) -> str:
    """An e-mail address for an invented organisation: its first words at example.org."""
    words = "".join(letter for letter in name.lower() if letter.isalnum() or letter == " ").split()
    return f"{'-'.join(words[:3])}@example.org"
