"""The manifest follows from the files it speaks of."""

import json
from dataclasses import replace
from hashlib import sha256

from effects.bundle.manifest import fingerprint_of, manifest_of
from effects.bundle.parts import MANIFEST, SCHEMA
from tests.effects.bundle.story import the_files, the_parts


def test_it_states_what_is_advised_and_what_lies_behind_each_pilot() -> None:
    manifest = manifest_of(the_parts())
    assert manifest == json.loads(the_files()[MANIFEST])
    assert manifest["schema"] == SCHEMA
    assert manifest["technology"] == "Night sensors"
    assert manifest["advice"]["rules_version"] == "1"
    assert [pilot["basis"] for pilot in manifest["pilots"]] == ["moments", "hash_only", "published"]
    assert manifest["case_sha256"] == sha256(the_parts().case).hexdigest()


def test_a_run_is_named_by_plan_rows_seed_and_the_hash_of_its_result() -> None:
    stated = manifest_of(the_parts())["pilots"][1]
    result = json.loads(the_files()["pilots/2/result.json"])
    assert stated["plan"] == result["plan"]["fingerprint"]
    assert (stated["rows_sha256"], stated["seed"]) == (result["data"]["sha256"], 7)
    assert stated["result_sha256"] == sha256(the_files()["pilots/2/result.json"]).hexdigest()
    published = manifest_of(the_parts())["pilots"][2]
    assert "plan" not in published and published["source"] == "Nordic Journal 2025;3:14"


def test_what_cannot_be_read_is_null_and_never_a_fault() -> None:
    assert fingerprint_of(b"schema = 3") is None
    assert fingerprint_of(b"\xff") is None
    broken = replace(the_parts().pilots[1], result=b"[]", plan=b"")
    manifest = manifest_of(replace(the_parts(), advice=b"", pilots=(broken,)))
    assert manifest["technology"] is None
    assert manifest["pilots"][0]["seed"] is manifest["pilots"][0]["plan"] is None
