"""What holds for every page of every service."""

import gzip
import re
from pathlib import Path

import pytest

from havre_ui import assets
from havre_ui.assets import Assets, NotBuilt
from havre_ui.shell import NEEDED
from havre_ui.texts import TextsError
from tests.ui.conftest import Site

TOKENS = re.compile(r"--[\w-]+: [^;]+;")


def test_an_address_without_a_language_leads_to_the_preferred_one(site: Site) -> None:
    reply = site.get("/", **{"accept-language": "en-GB"})
    assert (reply.status, reply.headers["location"], reply.headers["vary"]) == (302, "/en/", "accept-language")
    assert site.get("/bridges/7/card").headers["location"] == "/fr/bridges/7/card"


def test_a_redirect_never_leaves_the_site(site: Site) -> None:
    for path in ("/%2F%2Felsewhere.example", "/\\elsewhere.example"):
        assert site.get(path).headers["location"].startswith("/fr/")


@pytest.mark.parametrize(("language", "title"), [("fr", "Une page"), ("en", "One page")])
def test_a_page_is_in_its_language_and_names_the_other(site: Site, language: str, title: str) -> None:
    page = site.get(f"/{language}/").body.decode()
    assert f'<html lang="{language}">' in page
    assert f"<h1>{title} </h1>" in page
    assert 'hreflang="fr" href="/fr/"' in page
    assert 'hreflang="en" href="/en/"' in page


def test_what_a_visitor_types_is_text(site: Site) -> None:
    assert b"<script>alert" not in site.get("/fr/?given=%3Cscript%3Ealert(1)%3C/script%3E").body


def test_no_page_is_kept(site: Site) -> None:
    assert site.get("/fr/").headers["cache-control"] == "no-store"
    assert site.get("/").headers["cache-control"] == "no-store"


def test_a_page_asks_nothing_of_others_and_is_in_no_frame(site: Site) -> None:
    policy = dict(part.split(" ", 1) for part in site.get("/fr/").headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not [value for value in policy.values() if "http" in value or "unsafe" in value]


def test_a_page_has_no_script_and_no_style_of_its_own(site: Site) -> None:
    page = site.get("/fr/").body.decode()
    assert not re.search(r"<script(?![^>]* src=)", page)
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"\son\w+=", page)


def test_only_the_host_of_the_tiles_is_let_in(folder: Path) -> None:
    site = Site(folder, "https://tiles.example/{z}/{x}/{y}.png")
    policy = site.get("/fr/").headers["content-security-policy"]
    assert "img-src 'self' data: blob: https://tiles.example;" in policy
    assert "connect-src 'self' https://tiles.example;" in policy
    assert policy.count("https://") == 2


def test_a_missing_page_says_so_in_its_language(site: Site) -> None:
    reply = site.get("/en/nothing")
    assert reply.status == 404
    assert "There is no such page" in reply.body.decode()
    assert "content-security-policy" in reply.headers


def test_a_machine_gets_problem_details(site: Site) -> None:
    reply = site.get("/fr/nothing", accept="application/json")
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")


def test_a_failure_tells_nothing_of_us_and_is_noted(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    reply = site.get("/fr/?given=fail")
    assert reply.status == 500
    assert b"secret" not in reply.body
    assert "notée" in reply.body.decode()
    (noted,) = [one for one in caplog.records if one.name == "havre.ui"]
    assert noted.exc_info and "given=fail" not in noted.getMessage()


def test_a_file_is_kept_for_ever_under_an_address_of_its_content(site: Site, folder: Path) -> None:
    path = site.shell.assets.path("own/own.css")
    assert site.get(path).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get(path).body == b"p { color: red }"
    (folder / "static/own.css").write_text("p { color: blue }")
    assert Site(folder).shell.assets.path("own/own.css") != path
    assert Site(folder).get(path).status == 404


def test_files_are_compressed_for_who_takes_that(site: Site) -> None:
    path = site.shell.assets.path("ui/vendor/maplibre-gl.mjs")
    small, whole = site.get(path, **{"accept-encoding": "gzip"}), site.get(path)
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == whole.body
    assert len(small.body) < len(whole.body) / 3


def test_files_beside_the_folders_are_not_served(site: Site) -> None:
    hash = site.shell.assets.hash
    for path in (f"/static/{hash}/own/../texts/fr.toml", f"/static/{hash}/own/%2e%2e/texts/fr.toml"):
        assert site.get(path).status == 404


def test_without_built_assets_nothing_starts_and_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match=r"python -m havre_ui\.build"):
        Assets({"ui": tmp_path}, NEEDED)


def test_languages_that_do_not_say_the_same_do_not_start(folder: Path) -> None:
    with (folder / "texts/en.toml").open("a") as file:
        file.write('\n[more]\nonly = "here"\n')
    with pytest.raises(TextsError, match=r"more\.only"):
        Site(folder)


def test_languages_that_do_not_name_the_same_values_do_not_start(folder: Path) -> None:
    for language, text in (("fr", "{a}"), ("en", "{b}")):
        with (folder / f"texts/{language}.toml").open("a") as file:
            file.write(f'\n[more]\nboth = "{text}"\n')
    with pytest.raises(TextsError, match=r"more\.both"):
        Site(folder)


def test_dark_is_the_same_by_choice_and_by_system() -> None:
    sheet = (Path(assets.__file__).parent / "static/ui.css").read_text("utf-8")
    _, light, chosen, system = (part.split("}")[0] for part in re.split(r"(?=\n *:root[^{]*\{\n)", sheet)[:4])
    assert TOKENS.findall(chosen) == TOKENS.findall(system)
    colours = {one.split(":")[0] for one in TOKENS.findall(light)}
    assert {one.split(":")[0] for one in TOKENS.findall(chosen)} <= colours
