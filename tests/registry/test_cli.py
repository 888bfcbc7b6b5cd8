"""The command line: what it offers, and how it says no."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from registry.cli import main, parser


def called(*arguments: str, shared: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as somebody types it; `shared`: in a shell whose files everybody may read."""
    call = [sys.executable, "-W", "error", "-m", "registry.cli", *arguments]
    umask = 0o022 if shared else -1
    return subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60, check=False, umask=umask)


def test_help_lists_every_command_and_no_other() -> None:
    services = ("demo", "serve", "worker", "migrate", "seed", "doctor")
    for name in (
        *services,
        "analyse",
        "grade",
        "power",
        "synthesise",
        "verify",
        "benchmark",
        "cluster",
        "backup",
        "restore",
        "moments",
    ):
        assert f"  {name}" in parser().format_help()


def test_a_synthesis_takes_its_options(tmp_path: Path) -> None:
    studies, out = tmp_path / "STUDIES.csv", tmp_path / "synthesis.json"
    studies.write_text("study,yi,vi,size\na,0.1,0.01,1\nb,0.3,0.02,2\nc,0.2,0.02,4\n", encoding="utf-8")
    options = ["--minimal-important", "0.5", "--silent", "2", "--moderator", "size", "--out", str(out)]
    assert called("synthesise", str(studies), *options).returncode == 0
    answer = json.loads(out.read_text("utf-8"))
    assert (answer["scale"], answer["silent_pilots"]["silent"]) == (0.15, 2)
    assert answer["regressions"][0]["moderators"] == ["size"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unheard-of"],
        ["analyse"],
        ["analyse", "plan.toml"],
        ["grade"],
        ["power"],
        ["analyse", "p", "d", "--seed", "x"],
    ],
)
def test_a_wrong_call_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "usage: virkning" in said
    assert len(said.splitlines()) == 1


def test_wrong_settings_end_with_2_and_a_line_each(tmp_path: Path) -> None:
    done = called("doctor", DATA=str(tmp_path), PORT="none", SEED="all")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "virkning: PORT: 'none' is not a whole number from 1 to 65535",
        "virkning: SEED: 'all' is not one of demo, empty",
    ]


def test_a_database_that_is_away_ends_with_4_and_one_line(tmp_path: Path) -> None:
    done = called("migrate", DATA=str(tmp_path), DATABASE_URL="postgresql://postgres@127.0.0.1:1/none")
    assert (done.returncode, len(done.stderr.splitlines())) == (4, 1)
    assert "Traceback" not in done.stderr


def test_options_overrule_the_environment(tmp_path: Path) -> None:
    done = called("migrate", "--data", str(tmp_path / "said"), DATA=str(tmp_path / "unsaid"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "said" / "registry.sqlite").exists()
    assert not (tmp_path / "unsaid").exists()


def test_migrating_twice_says_that_nothing_was_left_to_do(tmp_path: Path) -> None:
    first, second = called("migrate", DATA=str(tmp_path)), called("migrate", DATA=str(tmp_path))
    assert first.stdout.startswith("migrated: registry_0001")
    assert (second.returncode, second.stdout) == (0, "the database is up to date\n")


def test_every_file_that_does_not_exist_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(tmp_path / "none.toml"), str(tmp_path / "none.csv")]) == 2
    assert ["none.toml" in line or "none.csv" in line for line in capsys.readouterr().err.splitlines()] == [True, True]


def test_a_benchmark_nobody_knows_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "everything"]) == 2
    assert "there are ingest, effects, resampling, pages" in capsys.readouterr().err


def test_a_fault_in_the_programme_is_one_line_without_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.py").write_text("def run(case, out):\n    raise KeyError('010180-1234')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "effects.command_grade", __import__("broken"))
    assert main(["grade", "case.toml"]) == 4
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and "KeyError at" in line and "010180" not in line


def test_help_costs_no_database_and_no_estimator() -> None:
    probe = "import sys, registry.cli as cli; cli.parser(); print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert not {"piccolo", "litestar", "pandas", "scipy", "numpy"} & set(loaded)


def test_power_is_answered_without_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design = tmp_path / "DESIGN.toml"
    design.write_text('design = "individual_randomised"\nclusters = 64\nsd = 1\npower = 0.8\n', "utf-8")
    assert main(["power", str(design), "--out", str(tmp_path / "power.json")]) == 0
    assert '"solved": "effect"' in (tmp_path / "power.json").read_text("utf-8")
    assert capsys.readouterr() == ("", "")


def test_what_is_kept_is_for_the_owner_wherever_the_folder_came_from(tmp_path: Path) -> None:
    """Also in a folder that was there before, open to everybody; an answer that is asked for is written as usual."""
    state, out = tmp_path / "wide", tmp_path / "all.backup"
    state.mkdir(mode=0o755)
    calls = [["migrate"], ["seed"], ["backup", "--out", str(out)]]
    assert [called(*call, "--data", str(state), shared=True).returncode for call in calls] == [0, 0, 0]
    again = tmp_path / "again"
    again.mkdir(mode=0o755)
    assert called("restore", str(out), "--data", str(again), shared=True).returncode == 0
    kept = [out, *state.rglob("*"), *again.rglob("*")]
    assert {path.name for path in kept} >= {"registry.sqlite", "secret", "all.backup"}
    assert [str(path) for path in kept if path.stat().st_mode & 0o077] == []
    design, answer = tmp_path / "DESIGN.toml", tmp_path / "power.json"
    design.write_text('design = "individual_randomised"\nclusters = 64\nsd = 1\npower = 0.8\n', "utf-8")
    assert called("power", str(design), "--out", str(answer), shared=True).returncode == 0
    assert answer.stat().st_mode & 0o777 == 0o644


@pytest.fixture
def pilot(tmp_path: Path) -> Path:
    """A folder with a plan and the rows of a municipality of twenty and of one of three."""
    lines = ["municipality,person,term,treated,score"]
    for place, people, start in (("0101", 20, 1), ("0102", 3, 1), ("0103", 20, 2)):
        lines += [
            f"{place},{place}-{one},{term},{int(term >= start)},{(one * 7 + term * 3) % 11}"
            for one in range(people)
            for term in range(4)
        ]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "plan.toml").write_text(
        'schema = "virkning-plan/1"\ntitle = "Læsning i skolen"\ndesign = "stepped_wedge"\nestimand = "itt"\n'
        '[data]\nunit = "person"\nperiod = "term"\ncluster = "municipality"\ntreated = "treated"\n'
        '[[outcome]]\ncolumn = "score"\nrole = "primary"\ndomain = "citizen"\nbetter = "higher"\n'
        "minimal_important = 0.1\n"
        '[model]\nworking_model = "fixed_effects"\n[inference]\nstandard_error = "cr1"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_an_authority_shares_sums_and_keeps_its_rows(pilot: Path) -> None:
    plan, rows, out = (str(pilot / name) for name in ("plan.toml", "rows.csv", "site.moments"))
    refused = called("moments", plan, rows, "--out", out)
    assert refused.returncode == 3
    assert refused.stderr == "0102: Personer bag klyngen 0102: 3, færre end 5. Tilføj --merge 0102=0101.\n"
    asked = ["moments", plan, rows, "--out", out, "--merge", "0102=0101", "--authority", "Aarhus Kommune"]
    done = called(*asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith("Næste skridt: læs følgesedlen, og send derefter")
    assert {path.name for path in pilot.iterdir()} == {"plan.toml", "rows.csv", "site.moments", "site.moments.txt"}
    sheet = (pilot / "site.moments.txt").read_text("utf-8")
    assert "Hvad der forlader huset:" in sheet
    assert "Klyngen 0102 tælles med som en del af 0101." in sheet
    assert "Lavet den " in sheet
    pooled = called("analyse", plan, out)
    assert pooled.returncode == 0
    answer = json.loads(pooled.stdout)
    assert (answer["estimates"][0]["kind"], answer["estimates"][0]["units"]) == ("estimate", 43)
    assert [check["verdict"] for check in answer["diagnostics"] if check["name"] == "merged_clusters"] == ["warn"]


def test_the_sheet_speaks_the_language_that_is_asked_for(pilot: Path) -> None:
    plan, rows, out = (str(pilot / name) for name in ("plan.toml", "rows.csv", "site.moments"))
    asked = ["moments", plan, rows, "--out", out, "--merge", "0102=0101"]
    assert called(*asked, "--language", "en", DEFAULT_LANGUAGE="da").returncode == 0
    assert "What leaves the house:" in (pilot / "site.moments.txt").read_text("utf-8")
    assert called(*asked, DEFAULT_LANGUAGE="en").returncode == 0
    assert "What leaves the house:" in (pilot / "site.moments.txt").read_text("utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["moments", plan, "--language", "fr"])
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("analyse", ["plan.toml", "none.csv"]),
        ("grade", ["none.toml"]),
        ("power", ["none.toml"]),
        ("synthesise", ["none.csv"]),
        ("verify", ["none.zip"]),
    ],
)
def test_what_is_wrong_with_files_is_said_in_danish_where_that_is_asked_for(
    pilot: Path, command: str, names: list[str]
) -> None:
    asked = [command, *(str(pilot / name) for name in names)]
    english, danish = called(*asked), called(*asked, "--language", "da")
    assert (english.returncode, danish.returncode) == (2, 2)
    assert english.stderr.startswith(f"{asked[-1]}: ") and english.stderr.endswith(" Check the path.\n")
    assert danish.stderr.startswith(f"{asked[-1]}: ") and danish.stderr.endswith(" Kontroller stien.\n")


def test_what_sums_answer_is_said_without_rows_and_without_state(pilot: Path) -> None:
    done = called("moments", str(pilot / "plan.toml"), "--language", "en", DATA=str(pilot / "var"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "Sums answer all of this plan: no rows need leave an authority."
    assert not (pilot / "var").exists()


def test_a_cluster_is_of_two_workers_on_this_machine_unless_something_else_is_said() -> None:
    usual = parser().parse_args(["cluster"])
    assert (usual.workers, usual.host, usual.port, usual.join) == (2, "127.0.0.1", 8786, "")
    said = parser().parse_args(["cluster", "--workers", "8", "--join", "tls://scheduler:8786"])
    assert (said.workers, said.join) == (8, "tls://scheduler:8786")


@pytest.mark.parametrize("command", [["analyse", "plan.toml", "rows.csv"], ["benchmark", "everything"]])
def test_a_scheduler_that_is_no_address_is_a_wrong_setting(command: list[str]) -> None:
    done = called(*command, DASK_SCHEDULER="scheduler")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("virkning: DASK_SCHEDULER: 'scheduler' is not tcp://host:port")


def test_an_analysis_without_parts_asks_no_scheduler_and_leaves_no_folder(tmp_path: Path) -> None:
    plan, rows = tmp_path / "plan.toml", tmp_path / "rows.csv"
    plan.write_text(
        'schema = "virkning-plan/1"\ntitle = "t"\ndesign = "individual_randomised"\nestimand = "itt"\n'
        '[data]\ntreated = "treated"\n'
        '[[outcome]]\ncolumn = "y"\nrole = "primary"\ndomain = "citizen"\nbetter = "higher"\nminimal_important = 1\n',
        encoding="utf-8",
    )
    rows.write_text("treated,y\n" + "".join(f"{n % 2},{n % 7}\n" for n in range(40)), encoding="utf-8")
    here = called("analyse", str(plan), str(rows))
    there = called("analyse", str(plan), str(rows), DASK_SCHEDULER="tcp://127.0.0.1:1")
    assert (there.returncode, there.stderr) == (0, "")
    assert there.stdout == here.stdout != ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.toml", "rows.csv"]


def test_output_that_nobody_reads_ends_a_command_quietly(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "registry.cli", "doctor", "--data", str(tmp_path / "none")]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        assert (child.stderr.read(), child.wait(60)) == ("", 141)
