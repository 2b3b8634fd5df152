"""A service that cannot be run says why: the field, what was expected, what to do next."""

from pathlib import Path

import pytest

from tests.cli.conftest import Havre

GOOD = '[needs.ais]\nprovider = "did:web:x"\ndataset = "positions"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("needs = [", "is not TOML"),
        ("[colours]", "colours"),
        ("[needs]\nais = 3", "needs.ais"),
        ('[needs.ais]\nprovider = "did:web:x"', "needs.ais.dataset"),
        (GOOD + "back_hours = true", "needs.ais.back_hours"),
        (GOOD + 'back_hours = "long"', "needs.ais.back_hours"),
        (GOOD + "purpose = 7", "needs.ais.purpose"),
        (GOOD + 'colour = "red"', "needs.ais.colour"),
        (GOOD, "settings.places is missing"),
        (GOOD + "[settings]\ncolour = 1", "settings.colour is not known"),
        (GOOD + '[settings]\nplaces = "nowhere.geojson"', "nowhere.geojson"),
        (GOOD.replace("ais", "colours"), "colours is not needed; ais is missing"),
    ],
)
def test_a_configuration_that_is_wrong_is_told_where(havre: Havre, tmp_path: Path, text: str, said: str) -> None:
    config = tmp_path / "mobility.toml"
    config.write_text(text)
    result = havre("service", "run", "mobility", "--config", str(config))
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "there is no service nothing"),
        ("havre.client", "has no SERVICE"),
        ("tests.cli.tree", "has no SERVICE"),
    ],
)
def test_a_service_that_is_none_is_told(havre: Havre, tmp_path: Path, name: str, said: str) -> None:
    config = tmp_path / "x.toml"
    config.write_text(GOOD)
    result = havre("service", "run", name, "--config", str(config))
    assert result.exit_code == 1
    assert said in result.stderr
