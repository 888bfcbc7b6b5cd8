"""What stands behind what is shown of deliveries."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from registry.datasets.facts import OutcomeFacts, Shared
from registry.deliveries.schemas import Deliveries, DeliverySummary, Expected, Manifest, Offer, Stated
from registry.kit.clock import COPENHAGEN
from registry.pilots.rules import Part

SHARED = Shared(
    rows=100,
    used=90,
    clusters=4,
    people=40.0,
    dropped={"missing_outcome": 10},
    outcomes=(OutcomeFacts("language", 90, 10),),
)
MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=COPENHAGEN)


def a_summary(**changes: Any) -> DeliverySummary:
    known: dict[str, Any] = {
        **{"id": 1, "pilot": 1, "plan": 1, "sending": 1, "authority": 1, "code": "0101", "name": "København"},
        **{"filename": "0101.moments", "size": 9, "sha256": "0" * 64, "shared": SHARED, "sender": 1, "sent_by": "Eva"},
        **{"purpose": "Evaluation", "legal_basis": "The law", "retain_until": date(2027, 1, 1), "stored_at": MOMENT},
        **{
            "deleted_at": None,
            "deleted_by": None,
            "deleted_reason": "",
            "replaced_by": None,
            "replacer": None,
            "replaced_at": None,
        },
    }
    return DeliverySummary(**{**known, **changes})


def an_expected(code: str, delivery: DeliverySummary | None = None) -> Expected:
    return Expected(code=code, name=f"Town {code}", part=Part.INTERVENTION, delivery=delivery)


def test_who_delivered_and_who_is_missing_follow_from_the_expected() -> None:
    here, away = an_expected("0101", a_summary()), an_expected("0147")
    found = Deliveries(pilot=1, plan=None, expected=(here, away), replaced=(), sendings=())
    assert (found.delivered, found.missing) == ((here,), (away,))
    assert (here.shared, away.shared) == (SHARED, None)


def test_what_stands_behind_moments_survives_being_kept() -> None:
    kept = msgspec.json.encode(SHARED)
    assert msgspec.json.decode(kept, type=Shared) == SHARED


def test_a_manifest_survives_being_kept() -> None:
    manifest = Manifest((3, 1), ("Odense (0461)",))
    assert msgspec.json.decode(msgspec.json.encode(manifest), type=Manifest) == manifest


@pytest.mark.parametrize("changed", [{"purpose": "x"}, {"legal_basis": ""}, {"retain_until": "soon"}])
def test_a_statement_needs_all_that_rows_need(changed: dict[str, str]) -> None:
    stated = {"purpose": "Evaluation", "legal_basis": "The law", "retain_until": "2027-01-01"}
    assert msgspec.convert(stated, Stated, strict=False)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**stated, **changed}, Stated, strict=False)


def test_an_offer_brings_at_least_one_file() -> None:
    fields = {field.name for field in msgspec.structs.fields(Offer)}
    assert fields == {"files", "purpose", "legal_basis", "retain_until"}
