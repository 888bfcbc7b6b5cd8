"""What a bundle of the registry holds, and that it can be verified anywhere."""

import hashlib
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from effects import command_verify
from registry.evidence.actions import approve
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.pilots.queries import visible_pilot
from registry.pilots.rules import Visibility
from registry.pilots.tables import Pilot
from registry.publishing.queries import about, bundle
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import SOURCE, a_published_assessment, a_second_evaluator
from tests.registry.people.story import an_account
from tests.registry.plans.story import a_cast
from tests.registry.publishing.story import approved, recommended
from tests.registry.recommendations.story import issued, telecare_recommended

pytestmark = pytest.mark.usefixtures("database")


def files_in(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_a_bundle_of_a_real_run_is_verified_from_the_plan_to_the_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast, made = await recommended(tmp_path)
    content = await bundle(cast.lead, made)
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    status = command_verify.run(path, None)
    report = capsys.readouterr()
    assert (status, report.err) == (0, "")
    told = {file["file"]: file["verdict"] for file in json.loads(report.out)["files"]}
    assert told["pilots/1/result.json"] == "not_recomputable"
    for name in ("pilots/1/grade.json", "recommendation.json", "synthesis.json", "valuation.json"):
        assert (name, told[name]) == (name, "recomputed")
    assert await bundle(cast.lead, made) == content
    assert cast.lead.name.encode() not in content and cast.evaluator.name.encode() not in content
    view = await about(cast.lead, made)
    assert (view.size, view.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert [file.name for file in view.files] == list(files_in(content))
    assert view.complete and view.left_out


async def test_a_published_trial_is_bundled_with_its_source_and_without_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cast, made = await telecare_recommended(tmp_path)
    path = tmp_path / "bundle.zip"
    path.write_bytes(await bundle(cast.lead, made))
    assert command_verify.run(path, None) == 0, capsys.readouterr().err
    files = files_in(path.read_bytes())
    assert json.loads(files["bundle.json"])["pilots"][0]["source"] == SOURCE
    assert not {"pilots/1/plan.toml", "pilots/1/result.json"} & files.keys()


async def test_several_pilots_are_bundled_together_and_only_for_who_may_see_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = await approved(tmp_path, visibility=Visibility.PROGRAMME)
    technology = (await visible_pilot(first.lead, first.pilot)).technology
    second = await a_cast()
    await Pilot.update({Pilot.technology: technology}).where(Pilot.id == second.pilot)
    assessment_id = await a_published_assessment(tmp_path, second)
    await approve(assessment_id, by=await a_second_evaluator(second))
    await work_off(tmp_path)
    made = await issued(tmp_path, second, assessment_id)
    path = tmp_path / "bundle.zip"
    path.write_bytes(await bundle(second.lead, made))
    assert command_verify.run(path, None) == 0, capsys.readouterr().err
    pilots = json.loads(files_in(path.read_bytes())["bundle.json"])["pilots"]
    assert {pilot["study"] for pilot in pilots} == {str(first.pilot), str(second.pilot)}
    await Pilot.update({Pilot.visibility: Visibility.PRIVATE}).where(Pilot.id == first.pilot)
    with pytest.raises(NotFound):
        await bundle(second.lead, made)
    closed = await about(second.lead, made)
    assert (closed.complete, closed.files, closed.sha256) == (False, (), "")


async def test_what_belongs_to_a_private_pilot_does_not_exist_for_others(tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    stranger = await an_account(Role.DECISION_MAKER)
    for reading in (bundle(stranger, made), about(stranger, made), bundle(cast.lead, 999)):
        with pytest.raises(NotFound):
            await reading
