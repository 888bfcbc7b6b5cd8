"""Every route of the application as a test can call it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.routes import HTTPRoute

from registry.kit.access import Permission
from tests.conftest import ROOT
from tests.registry.plans.story import PLAN

PARAMETER = re.compile(r"{(\w+):?\w*}")

PRIVATE = frozenset(
    {
        *("pilot_id", "milestone_id", "indicator_id", "plan_id", "upload_id", "version_id"),
        *("analysis_id", "assessment_id", "recommendation_id", "decision_id", "simulation_id"),
        *("benefit_id", "sending_id", "delivery_id"),
    }
)
"""Parameters that lead to a pilot."""

CASE = (ROOT / "seeds" / "telecare_nord.toml").read_text("utf-8")
STATEMENT = {"purpose": "Evaluation", "legal_basis": "Databeskyttelsesloven § 10", "retain_until": "2031-01-01"}

SIMULATING = {
    "outcomes": [{"column": "language", "standard_error": 0.02}],
    "prior": {"nothing_helps": 50, "all_help": 50},
    **{"clusters": 8, "size": 20, "icc": 0.02, "periods": 6, "pilots": 3, "tau": 0.3, "correlation": 0.3},
    **{"chance_of_value": 80, "own_truth": "", "replications": 50, "seed": 1},
}

UPLOADS: Mapping[str, Mapping[str, Any]] = {
    "/pilots/{pilot_id}/datasets": {"file": ("rows.csv", b"a\n1\n")},
    "/pilots/{pilot_id}/deliveries": {"files": ("0101.moments", b"{}")},
}
"""What takes files, and the files that a form for it brings."""

BODIES: Mapping[str, Mapping[str, Any]] = {
    "/pilots/{pilot_id}/amend": {"version": 1, "weight": "minor", "reason": "A slip", "title": "Another title"},
    "/pilots/{pilot_id}/milestones/{milestone_id}/done": {},
    "/pilots/{pilot_id}/indicators": {
        **{"code": "visits", "name": "Visits", "domain": "citizen"},
        **{"role": "secondary", "better": "lower"},
    },
    "/pilots/{pilot_id}/indicators/{indicator_id}/withdraw": {},
    "/pilots/{pilot_id}/indicators/library": {"choices": [{"library": "a", "role": "primary"}]},
    "/pilots/{pilot_id}/indicators/several": {"lines": "visits;Visits;citizen;secondary;lower"},
    "/pilots/{pilot_id}/indicators/plan": {"plan": PLAN},
    "/pilots/{pilot_id}/indicators/{indicator_id}/wording": {"name": "Other", "wording": "Other", "was": ""},
    "/pilots/{pilot_id}/round/open": {},
    "/pilots/{pilot_id}/round/close": {},
    "/pilots/{pilot_id}/rate": {"scores": {"1": 9}},
    "/pilots/{pilot_id}/plans/new": {"toml": PLAN},
    "/plans/{plan_id}": {"toml": PLAN, "version": 1},
    "/plans/{plan_id}/simulate": SIMULATING,
    "/plans/{plan_id}/lock": {"version": 1, "simulation": 1, "unsettled_reason": ""},
    "/plans/{plan_id}/supersede": {"reason": "The design has changed"},
    "/pilots/{pilot_id}/datasets": STATEMENT,
    "/pilots/{pilot_id}/deliveries": STATEMENT,
    "/pilots/{pilot_id}/deliveries/gather": {},
    "/deliveries/{delivery_id}/delete": {"reason": "The authority asked for it"},
    "/uploads/{upload_id}": {"reading": {}},
    "/uploads/{upload_id}/discard": {},
    "/datasets/{version_id}/approve": {},
    "/datasets/{version_id}/reject": {"reason": "The rows are of another year"},
    "/datasets/{version_id}/extend": {"retain_until": "2031-01-01", "reason": "The follow-up takes longer"},
    "/datasets/{version_id}/delete": {"reason": "The consent was withdrawn"},
    "/datasets/{version_id}/withdraw": {"reason": "The rows are of another year"},
    "/pilots/{pilot_id}/analyses": {},
    "/analyses/{analysis_id}/rerun": {},
    "/analyses/{analysis_id}/retract": {"reason": "The rows were coded the wrong way round"},
    "/analyses/{analysis_id}/assess": {},
    "/pilots/{pilot_id}/evidence/published": {"case": CASE, "source": "A report"},
    "/assessments/{assessment_id}/approve": {},
    "/assessments/{assessment_id}/recommendation": {},
    "/recommendations/{recommendation_id}/decision": {
        "choice": "extend",
        "reason": "Because",
        "review_on": "2031-01-01",
    },
    "/decisions/{decision_id}/rollout": {
        **{"stages": 2, "first_period": "2031-01-01", "months_between": 3},
        "places": ["0851", "0840"],
    },
    "/pilots/{pilot_id}/benefits": {
        **{"title": "Fewer falls", "kind": "safety", "unit": "falls", "promised": -3.5, "owner": "Care"},
        **{"assumptions": "All of them use it", "due": "2031-01-01"},
    },
    "/benefits/{benefit_id}/revise": {"expected": -2.5, "reason": "Fewer use it"},
    "/benefits/{benefit_id}/measure": {"measured": -2.5, "measured_on": "2026-01-31", "source": "The register"},
    "/benefits/{benefit_id}/realise": {"realised": -2.5, "realised_on": "2026-01-31", "source": "The budget"},
}
"""A well-formed body of everything that can be done to a pilot."""

_PASSWORD = "correct horse battery"

OPEN_BODIES: Mapping[str, Mapping[str, Any]] = {
    "/language": {"language": "en", "back": "/"},
    "/login": {"email": "somebody@example.dk", "password": _PASSWORD, "next": "/pilots"},
    "/account/language": {"language": "en"},
    "/account/password": {"current": "no", "password": _PASSWORD, "repeated": _PASSWORD},
    "/admin/accounts": {"email": "a@example.dk", "name": "A", "organisation": 99, "password": _PASSWORD},
    "/admin/accounts/{account_id}/active": {"active": True, "version": 99},
    "/admin/accounts/{account_id}/password": {"password": "short"},
    "/admin/accounts/{account_id}/roles": {"role": "evaluator", "organisation": 99, "pilot": 99, "group": "staff"},
    "/pilots": {
        **{"title": "Robots", "kind": "welfare_technology", "organisation": 1, "technology": 1},
        **{"new_technology": "", "starts": "2026-01-01", "dpia": "done", "sites": ["9999"], "description": "-"},
    },
    "/technologies/{technology_id}/business-case": {"toml": "schema = 'virkning-business-case/1'"},
}
"""A body of everything else that takes one: well-formed, and refused for what it says."""


@dataclass(frozen=True)
class Call:
    """A method and an address with places for ids."""

    method: str
    path: str
    permission: Permission

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the ids in the address."""
        return frozenset(PARAMETER.findall(self.path))

    @property
    def private(self) -> bool:
        """Whether the address leads to a pilot."""
        return bool(self.parameters & PRIVATE)

    def address(self, ids: Mapping[str, int]) -> str:
        """The address with ids; 1 where none is known."""
        return PARAMETER.sub(lambda found: str(ids.get(found[1], 1)), self.path)

    def __str__(self) -> str:
        """As a failure names it."""
        return f"{self.method} {self.path}"


def calls_of(app: Litestar) -> Sequence[Call]:
    """Every call that the application answers, except the framework's own to OPTIONS and the browser's files."""
    return [
        Call(method, route.path_format, handler.opt["permission"])
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path.startswith("/static")
        for handler in route.route_handlers
        for method in sorted(str(one) for one in handler.http_methods)
        if method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
    ]
