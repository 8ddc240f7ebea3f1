"""Tantivy over the same register: what a search engine inside the process takes for the same questions.

It counts choices and lots by its aggregations, ranks by BM25, and hands over the same hits. A radius
is a box around main sites to it, which finds others, and it has no order by distance: what is nearest is
found, not sorted. Optional: `pip install tantivy`.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from portal.directory.counting import FACETS
from portal.directory.offer import TRAITS, trait_bit
from portal.directory.postcodes import METRES_A_MILE
from portal.directory.queries import Hit
from portal.directory.search import SearchCriteria
from tests.benchmarks.register_copy import FILTERS, copied, hit_of, lots

_BOOSTS = {"name": 4.0, "offer": 2.0, "summary": 1.0, "places": 0.5}
_COUNTS = {
    "codes": {"terms": {"field": "codes", "size": 100}},
    "lots": {"terms": {"field": "lot", "size": 1000}},
}


def why_not() -> str:
    """Why it is not compared; empty where it is."""
    return "" if find_spec("tantivy") else "tantivy is not installed (pip install tantivy): left out."


class InvertedIndex:
    """A register in tantivy, filled from the portal's."""

    def __init__(self, folder: Path) -> None:
        tantivy = self.tantivy = import_module("tantivy")
        self.lots = lots()
        folder.mkdir()
        builder = tantivy.SchemaBuilder()
        for name in ("lot", "starts", "ends", "free", "east", "north"):
            builder.add_integer_field(name, indexed=True, fast=True)
        builder.add_text_field("codes", tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_bytes_field("card", stored=True)
        for name in _BOOSTS:
            builder.add_text_field(name, tokenizer_name="en_stem")
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(folder))
        writer = self.index.writer(heap_size=256_000_000, num_threads=1)
        for s in copied():
            facts = {name: getattr(s, name) for name in ("lot", "starts", "ends", *_BOOSTS)}
            if s.free is not None:
                facts["free"] = s.free
            if s.east is not None and s.north is not None:
                facts |= {"east": int(s.east), "north": int(s.north)}
            facts["codes"] = [code for code in TRAITS if s.traits & trait_bit(code)]
            writer.add_document(tantivy.Document(card=s.card.encode(), **facts))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def answer(self, asked: SearchCriteria) -> tuple[int, dict[str, int], list[Any], list[Hit]]:
        """How many services are found, how many with a free place, with each choice and in each lot, and the
        page's cards."""
        fitting = self._found(asked)
        filters = {
            name: self.tantivy.Query.term_set_query(self.schema, "codes", list(getattr(asked, name)))
            for name in FILTERS
            if getattr(asked, name)
        }
        hits = self._all(fitting, *filters.values())
        answer = self.searcher.search(hits, limit=20, count=True)
        free = self._all(hits, self._between("free", asked.today.toordinal(), None))
        counts = self._counts(hits)
        codes = {each["key"]: each["doc_count"] for each in counts["codes"]["buckets"]}
        codes["free"] = self.searcher.search(free, limit=1, count=True).count
        for name in filters:
            others = self._counts(self._all(fitting, *(f for n, f in filters.items() if n != name)))
            known = {each["key"]: each["doc_count"] for each in others["codes"]["buckets"]}
            codes |= {code: known.get(code, 0) for code in FACETS[name]}
        named = [(*self.lots[int(each["key"])], each["doc_count"]) for each in counts["lots"]["buckets"]]
        found = [self.searcher.doc(address) for _, address in answer.hits]
        return answer.count, codes, named, [hit_of(asked, bytes(each["card"][0])) for each in found]

    def _counts(self, query: Any) -> dict[str, Any]:
        return self.searcher.aggregate(query, _COUNTS)

    def _all(self, *queries: Any) -> Any:
        return self.tantivy.Query.boolean_query([(self.tantivy.Occur.Must, each) for each in queries])

    def _found(self, asked: SearchCriteria) -> Any:
        """What is on today, has the words and lies in the box."""
        today = asked.today.toordinal()
        parts = [self._between("starts", None, today), self._between("ends", today, None)]
        if asked.words:
            typed = f"{asked.words} OR {asked.words}*"
            parts.append(self.index.parse_query(typed, list(_BOOSTS), field_boosts=_BOOSTS))
        if asked.near and asked.within_miles:
            reach = int(asked.within_miles * METRES_A_MILE)
            for name, middle in (("east", asked.near.easting), ("north", asked.near.northing)):
                parts.append(self._between(name, middle - reach, middle + reach))
        return self._all(*parts)

    def _between(self, name: str, lowest: int | None, highest: int | None) -> Any:
        integer = self.tantivy.FieldType.Integer
        return self.tantivy.Query.range_query(self.schema, name, integer, lowest, highest)
