"""The command line. One file a noun; all but ``node`` call a node over HTTP, with ``havre.client`` alone.

Rules that hold here:

1. Every command has ``--json``: what it shows, for programs.
2. What went wrong and what to do next go to standard error, with exit status 1; wrong usage with 2.
3. A token is shown once, by the command that made it, and never again.
"""

import click

from havre import __version__
from havre.cli.agreement import agreement
from havre.cli.audit import audit
from havre.cli.catalog import catalog
from havre.cli.dataset import dataset
from havre.cli.demo import demo
from havre.cli.doctor import doctor
from havre.cli.login import login, logout, me
from havre.cli.member import member
from havre.cli.negotiation import negotiation
from havre.cli.node import node, run
from havre.cli.offer import offer
from havre.cli.participant import participant
from havre.cli.rows import follow, read
from havre.cli.service import service
from havre.cli.source import source
from havre.cli.token import token
from havre.cli.transfer import transfer
from havre.cli.trust import trust
from havre.cli.usage import usage


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Publish data, agree on terms, exchange it, and prove every step."""


COMMANDS: tuple[click.Command, ...] = (
    demo,
    node,
    run,
    doctor,
    login,
    logout,
    me,
    catalog,
    dataset,
    source,
    service,
    offer,
    negotiation,
    agreement,
    transfer,
    read,
    follow,
    usage,
    audit,
    member,
    token,
    participant,
    trust,
)
for command in COMMANDS:
    main.add_command(command)
